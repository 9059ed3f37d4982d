"""The form of a report: one model of its figures, for JSON, for a page and for Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from facecli.papers.languages import Language

Value = str | int | float | None
Kind = Literal[
    "text",
    "code",
    "codes",
    "lines",
    "number",
    "rate",
    "seen",
    "distance",
    "moment",
    "end",
    "length",
]
"""The form in which a value is shown. `moment` and `end` are RFC 3339 text in UTC; an end shows its
last day. `length` is text such as `180d`. `rate` is a share, 0..1, shown in percent. `seen` is a
rate of errors that were counted, of which zero is shown as "none seen". `code` is shown in words;
`codes` are several, divided by a space. JSON has every value as it is."""


@dataclass(frozen=True)
class Fact:
    """One value: its name in JSON, and its heading in the report's language.

    needed: the value is demanded by a law, so that its absence is named.
    """

    name: str
    heading: str
    value: Value
    kind: Kind = "text"
    needed: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table: its name in JSON, and its heading in the report's language."""

    name: str
    heading: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """A table. A page leaves out the rows of one that is too long for it; JSON has them all.

    on_page: False for a table for programs, which only JSON has.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    on_page: bool = True

    def records(self) -> Iterator[dict[str, Value]]:
        """Yield each row by the names of its columns."""
        names = [column.name for column in self.columns]
        for row in self.rows:
            yield dict(zip(names, row, strict=True))


@dataclass(frozen=True)
class Bars:
    """A plot of numbers by month: for each series its label and a number for each month."""

    caption: str
    months: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Curves:
    """A DET plot: for each curve its label, and pairs of rates (false match, false non-match)."""

    caption: str
    across: str
    up: str
    curves: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]


@dataclass(frozen=True)
class Section:
    """A part of a report. Its tables have all numbers of its plots.

    commands: lines to type, or other text that is shown as it is.
    """

    name: str
    heading: str
    sentences: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    commands: tuple[str, ...] = ()
    plots: tuple[Bars | Curves, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def tables_on_page(self) -> list[Table]:
        """The tables that people read."""
        return [table for table in self.tables if table.on_page]


@dataclass(frozen=True)
class Document:
    """A report. `schema` names its JSON form, `at` is the moment of its figures, in UTC."""

    schema: str
    language: Language
    title: str
    at: str
    zone: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    facts: tuple[Fact, ...] = field(default=())

    def figures(self) -> dict[str, Any]:
        """Return the figures for JSON, by the names of sections, facts and columns."""
        return {
            "schema": f"facecli.{self.schema}/1",
            "at": self.at,
            "timezone": self.zone,
            **_facts(self.facts),
            **{section.name: _figures(section) for section in self.sections},
        }

    def missing(self) -> list[Fact]:
        """Return the facts that a law demands and nobody stated."""
        return [fact for _, fact in self.missing_by_heading()]

    def missing_by_heading(self) -> list[tuple[str, Fact]]:
        """Return each missing fact after the heading of its section, empty if it has none."""
        parts = (("", self.facts), *((one.heading, one.facts) for one in self.sections))
        found = [(heading, fact) for heading, facts in parts for fact in facts]
        return [(heading, fact) for heading, fact in found if fact.needed and fact.value is None]


def _figures(section: Section) -> dict[str, Any]:
    tables = {table.name: list(table.records()) for table in section.tables}
    return {**_facts(section.facts), **tables}


def _facts(facts: Sequence[Fact]) -> dict[str, Value]:
    return {fact.name: fact.value for fact in facts}
