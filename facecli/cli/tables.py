"""Tables that fit the terminal: wide cells are wrapped, and unimportant columns are left out."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, TextIO

from facecli.cli.lines import shown_width, terminal_width
from facecli.cli.records import RecordKind
from facecli.printable import printable

DEFAULT_WIDTH = 80
LEAST_WIDTH = 20
GAP = 2  # spaces between columns
AT_ONCE = 1000  # rows drawn at once: tabulate takes about a kilobyte for each
UNBROKEN = 32
"""A word up to this wide is not broken while another column can be left out instead."""
SHORT = 14
"""A cell up to this wide is not wrapped while another column can be left out instead."""
LEAST_VALUE = 8  # with less room beside its name, a value stands below it
NARROWEST = 2  # as wide as one Chinese character
TITLE_WORDS = re.compile(r"[^_]+_?")
PARTS = re.compile(r"[^/_,.-]*[/_,.-]|[^/_,.-]+")


def width_of(stream: TextIO) -> int:
    """Return the columns that a table on `stream` may take.

    A terminal's own width counts first. `COLUMNS` counts where stdout is not a terminal, for
    `COLUMNS=120 facecli log show | less`. Anything else gets 80 columns.
    """
    columns = terminal_width(stream) or 0
    if columns <= 0 and stream is sys.stdout:
        wished = os.environ.get("COLUMNS", "")
        columns = int(wished) if re.fullmatch("[0-9]{1,5}", wished) else 0
    return max(columns or DEFAULT_WIDTH, LEAST_WIDTH)


def table(
    kind: RecordKind, records: Sequence[Mapping[str, Any]], width: int | None
) -> tuple[str, list[str]]:
    """Return the records as a table, and the columns that were left out.

    Args:
        width: the columns of the terminal; None for every field, without wrapping.
    """
    if not records:
        return "(none)\n", []
    if width is None:
        whole = [Column.of(name, records, {}) for name in kind.wide_columns]
        return _drawn(whole, None), []
    columns = {name: Column.of(name, records, kind.beneath) for name in kind.columns}
    left_out = []
    for name in kind.dispensable:
        if _total(column.least for column in columns.values()) <= width:
            break
        del columns[name]
        left_out.append(name)
    return _drawn(list(columns.values()), width), left_out


def listing(document: Mapping[str, Any], width: int | None) -> str:
    """Return one record as lines of a name and its value, which is wrapped under itself."""
    names = max(map(shown_width, document))
    beside = width is None or names + GAP + LEAST_VALUE <= width
    indent = names + GAP if beside else GAP
    lines = []
    for name, value in document.items():
        values = _wrapped(brief(value), None if width is None else width - indent)
        lines.append(f"{name:<{names}}  {values.pop(0)}".rstrip() if beside else name)
        lines += [" " * indent + line for line in values]
    return "".join(f"{line}\n" for line in lines)


def wrapped_text(text: str, width: int | None) -> str:
    """Return a text in lines of at most `width` columns; None: its own lines."""
    return "".join(f"{line}\n" for line in _wrapped(text, width))


def grouped(document: Mapping[str, Any], width: int | None) -> str:
    """Return one record as a group of lines for each of its mappings.

    A mapping of mappings becomes a table with a row for each, or a group for each where that
    table is too wide.
    """
    single = {name: value for name, value in document.items() if not isinstance(value, Mapping)}
    groups = [listing(_labelled(single), width)] if single else []
    for name, value in document.items():
        if not isinstance(value, Mapping) or not value:
            continue
        if not all(isinstance(one, Mapping) for one in value.values()):
            groups.append(_group(name, value, width))
            continue
        rows = [{name: key, **one} for key, one in _labelled(value).items()]
        columns = [Column.of(title, rows, {}) for title in rows[0]]
        if width is None or _total(column.least for column in columns) <= width:
            groups.append(_drawn(columns, width))
        else:
            groups += [_group(f"{name} {key}", one, width) for key, one in value.items()]
    return "\n".join(groups)


def _group(name: str, values: Mapping[str, Any], width: int | None) -> str:
    lines = listing(_labelled(values), None if width is None else width - GAP).splitlines()
    title = _wrapped(printable(name.replace("_", " ").upper()), width)
    return "".join(f"{line}\n" for line in (*title, *(" " * GAP + line for line in lines)))


def _labelled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("_", " "): _for_people(value) for name, value in values.items()}


def _for_people(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "-" if value is None else value


@dataclass(frozen=True)
class Column:
    """A column: its title and its cells, which may have several lines."""

    title: str
    cells: list[str]

    @classmethod
    def of(
        cls, name: str, records: Sequence[Mapping[str, Any]], beneath: Mapping[str, str]
    ) -> Column:
        """Return the column of a field, with the field that is printed beneath it."""
        cells = [printable(brief(_shown(record, name))) for record in records]
        if name in beneath:
            below = beneath[name]
            cells = [
                f"{cell}\n{below.capitalize()}: {printable(brief(record[below]))}"
                if record.get(below)
                else cell
                for cell, record in zip(cells, records, strict=True)
            ]
        return cls(name.upper(), cells)

    @cached_property
    def widest(self) -> int:
        """The columns of the terminal that it takes without wrapping."""
        return _widest([self.title, *self.cells])

    @cached_property
    def least(self) -> int:
        """The columns of the terminal below which short cells or words would break."""
        cells = set(self.cells)
        if max(map(shown_width, cells), default=0) > SHORT:
            cells = {word for cell in cells for word in cell.split()}
        return min(max(map(shown_width, [*cells, *TITLE_WORDS.findall(self.title)])), UNBROKEN)

    @cached_property
    def least_of_parts(self) -> int:
        """The columns of the terminal below which a word would break elsewhere than at a mark."""
        words = {word for cell in set(self.cells) for word in cell.split()}
        parts = {part for word in words for part in PARTS.findall(word)}
        return max(map(shown_width, [*parts, *TITLE_WORDS.findall(self.title)]))

    def wrapped(self, width: int | None) -> tuple[str, list[str]]:
        """Return its title and its cells in lines of at most `width`; None: in their own."""
        if width is None:
            return self.title, self.cells
        lines = {cell: "\n".join(_wrapped(cell, width)) for cell in {self.title, *self.cells}}
        return lines[self.title], [lines[cell] for cell in self.cells]


def _drawn(columns: Sequence[Column], width: int | None) -> str:
    limits = [None] * len(columns) if width is None else _widths(columns, width)
    parts = [column.wrapped(limit) for column, limit in zip(columns, limits, strict=True)]
    titles = [_padded(title, _widest([title, *cells])) for title, cells in parts]
    head = max(title.count("\n") for title in titles) + 1
    lines: list[str] = []
    for start in range(0, max(len(columns[0].cells), 1), AT_ONCE):
        some = zip(*(cells[start : start + AT_ONCE] for _, cells in parts), strict=True)
        lines += _lines_of(titles, list(some))[head if start else 0 :]
    return "".join(f"{line}\n" for line in lines)


def _lines_of(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose columns are at least as wide as their titles."""
    import tabulate

    tabulate.MIN_PADDING = 0  # otherwise a title is two columns wider than it is
    text = tabulate.tabulate(rows, titles, tablefmt="plain", disable_numparse=True)
    return [line.rstrip() for line in text.split("\n")]


def _padded(title: str, width: int) -> str:
    first, *others = title.split("\n")
    return "\n".join([first + " " * (width - shown_width(first)), *others])


def _widest(cells: Iterable[str]) -> int:
    return max(shown_width(line) for cell in set(cells) for line in cell.split("\n"))


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Share `width` among the columns: the widest gives first, and words break last.

    Words break at marks, such as the `/` of a path, before they break between any two characters.
    """
    widths = [min(column.widest, width) for column in columns]
    for floor in (attrgetter("least"), attrgetter("least_of_parts"), lambda _: NARROWEST):
        if _total(widths) <= width:
            break
        least = list(map(floor, columns))
        while _total(widths) > width:
            able = [at for at, one in enumerate(widths) if one > least[at]]
            if not able:
                break
            widths[max(able, key=widths.__getitem__)] -= 1
    return widths


def _total(widths: Sequence[int] | Iterator[int]) -> int:
    taken = list(widths)
    return sum(taken) + GAP * (len(taken) - 1)


def _wrapped(text: str, width: int | None) -> list[str]:
    """Return the lines of `text`; a word breaks only where it is wider than a line."""
    if width is None:
        return [printable(line) for line in text.splitlines()] or [""]
    return [line for one in text.splitlines() for line in _fill(printable(one), width)] or [""]


def _fill(text: str, width: int) -> list[str]:
    if shown_width(text) <= width:
        return [text]
    lines = [""]
    for word in text.split():
        glue = " "
        for part in _parts(word, width):
            longer = lines[-1] + glue + part if lines[-1] else part
            if shown_width(longer) <= width or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(part)
            glue = ""
    return lines


def _parts(word: str, width: int) -> Iterator[str]:
    """Return where a word may be broken: after a mark, or else between any two characters."""
    import wcwidth

    for part in [word] if shown_width(word) <= width else PARTS.findall(word):
        yield from [part] if shown_width(part) <= width else wcwidth.iter_graphemes(part)


def _shown(record: Mapping[str, Any], name: str) -> Any:
    """Return a field as a table shows it; a failed file has an error in place of a decision."""
    if "error" in record and name in ("decision", "reason"):
        return "failed" if name == "decision" else record["error"]["code"]
    return record.get(name)


def brief(value: Any) -> str:
    """Return a cell for people: numbers are rounded, and lists of words are joined by commas."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return cell(value)


def cell(value: Any) -> str:
    """Return a cell for programs, which loses nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)
