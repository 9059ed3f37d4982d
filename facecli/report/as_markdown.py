"""A report as CommonMark, to publish where others write theirs. Text of others is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from facecli.papers.directions import plain
from facecli.printable import printable
from facecli.report.document import Document, Fact, Section, Table
from facecli.report.values import missing, shown

SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
FENCE = "```"


def markdown(report: Document) -> str:
    """Return the report as CommonMark with tables. Plots are left out: the tables have the same."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Document) -> Iterator[str]:
    yield from (f"# {_plain(report.title)}", "")
    for sentence in report.opening:
        yield from (_plain(sentence), "")
    as_of = report.language.say("As of")
    at = f"{shown(report.at, 'moment', report.language, report.zone)} ({report.zone})"
    yield f"- {as_of}: {_plain(at)}"
    yield from _facts(report, report.facts)
    yield ""
    for section in report.sections:
        yield from _section(report, section)


def _section(report: Document, section: Section) -> Iterator[str]:
    yield from (f"## {_plain(section.heading)}", "")
    for sentence in section.sentences:
        yield from (_plain(sentence), "")
    if section.facts:
        yield from (*_facts(report, section.facts), "")
    for command in section.commands:
        yield from (FENCE, printable(command).replace(FENCE, "'''"), FENCE, "")
    for table in section.tables_on_page:
        yield from (*_table(report, table), "")


def _facts(report: Document, facts: tuple[Fact, ...]) -> Iterator[str]:
    for fact in facts:
        value = shown(fact.value, fact.kind, report.language, report.zone)
        if fact.value is None and fact.needed:
            value = missing(fact, report.language)
        yield f"- {_plain(fact.heading)}: {_plain(value)}"


def _table(report: Document, table: Table) -> Iterator[str]:
    yield from (f"**{_plain(table.caption)}**", "")
    if not table.rows:
        yield report.language.say("none")
        return
    yield _row([_plain(column.heading) for column in table.columns])
    yield _row(["---"] * len(table.columns))
    kinds = [column.kind for column in table.columns]
    for row in table.rows:
        yield _row(
            [
                _plain(shown(one, kind, report.language, report.zone))
                for one, kind in zip(row, kinds, strict=True)
            ]
        )


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Return text on one line in which no character is markup."""
    return SPECIAL.sub(r"\\\1", plain(" ".join(text.split())))
