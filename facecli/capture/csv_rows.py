"""Read CSV as spreadsheets write it: their separators, blank rows and columns, and bad quotes.

The separator is that of the header. A row that cannot be split costs itself and nothing after it.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

SEPARATORS = ",;\t"
_MOST_LINES = 64
"""Lines of one row: a quotation mark that is not closed must not swallow the rest of the file."""
_ENCODING_SAMPLE = 256
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's own first line
_UNDECODED = re.compile("[\udc80-\udcff]")  # bytes that "surrogateescape" lets through
_CHINESE = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xf7][\xa1-\xfe])*")  # GB 2312 and ASCII
_OPEN = "a quotation mark is not closed"
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SAVE = 'save it as "CSV UTF-8" in the spreadsheet'


class NotCsv(ValueError):
    """The whole file is unusable. The message is a clause with the remedy."""


@dataclass(frozen=True)
class CsvRow:
    """A row that is not blank. line: the number of its first line, from 1.

    problem: why it could not be split, as a clause; `cells` is then empty.
    """

    line: int
    cells: tuple[str, ...]
    problem: str | None = None


def check_encoding(stream: BinaryIO) -> None:
    """Refuse what is no text, or not in UTF-8, by the first bytes. Raises `NotCsv`."""
    start = stream.read(_ENCODING_SAMPLE)
    if start.startswith(_SPREADSHEETS):
        raise NotCsv(f"it is a spreadsheet and not a CSV file; {_SAVE}")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in (start[:1], start[1:2]):
        name = "UTF-32" if b"\0\0" in start[:4] else "UTF-16"
        raise NotCsv(f"it is {name} text; {_SAVE}, or run `iconv -f {name} -t UTF-8`")


def csv_rows(lines: Iterable[str]) -> Iterator[CsvRow]:
    """Yield the rows that are not blank, the header first, each without blank cells at its end.

    Cells at the end are counted up to the header's number of columns, so that a blank last cell
    stays. lines: with their line ends, decoded with `errors="surrogateescape"`.

    Raises:
        NotCsv: a line is not UTF-8.
    """
    source = _Lines(lines)
    separator, width = None, 0
    while (line := source.next()) is not None:
        if separator is None:
            stated = _SEPARATOR_LINE.fullmatch(line)
            separator = stated[1] if stated else _separator(line)
            if stated:
                continue
        row = _row(source, line, separator, width)
        if row.problem is None:
            row = CsvRow(row.line, _trimmed(row.cells, width))
            if not any(row.cells):
                if not width:
                    separator = None
                continue
        width = width or len(row.cells)
        yield row


class _Lines:
    """Lines of a file, of which some can be put back. number: of the last line that was taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self.number = 0

    def next(self) -> str | None:
        """Return the next line, or None at the end. Raises `NotCsv`."""
        line = self._returned.popleft() if self._returned else next(self._lines, None)
        if line is None:
            return None
        self.number += 1
        if not line.isascii() and _UNDECODED.search(line):
            name = _likely_encoding(line)
            raise NotCsv(
                f"line {self.number} is not UTF-8, but perhaps {name}; {_SAVE}, or run "
                f"`iconv -f {name.upper()} -t UTF-8`"
            )
        return line

    def put_back(self, lines: list[str]) -> None:
        """Let these lines be taken again."""
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)


def _likely_encoding(line: str) -> str:
    """Return the encoding in which spreadsheets write such a line, in China or in Europe.

    Chinese characters are pairs of high bytes; accented letters mostly stand alone.
    """
    chinese = _CHINESE.fullmatch(line.encode(errors="surrogateescape"))
    return "GB18030" if chinese else "Windows-1252"


def _separator(line: str) -> str:
    """Return the separator that the header has most of."""
    return max(SEPARATORS, key=line.count)


def _row(source: _Lines, line: str, separator: str, width: int) -> CsvRow:
    """Return the row that begins with a line, and take the further lines that belong to it."""
    number, taken = source.number, [line]
    cells, first_problem = _split(taken, separator)
    problem = first_problem
    while not _is_whole(cells, len(taken), width):
        goes_on = problem in (None, _OPEN) and len(taken) < _MOST_LINES
        following = source.next() if goes_on else None
        if following is None:
            source.put_back(taken[1:])
            return CsvRow(number, (), f"on line {number} {first_problem}")
        taken.append(following)
        cells, problem = _split(taken, separator)
    return CsvRow(number, tuple(cells or ()))


def _is_whole(cells: list[str] | None, lines: int, width: int) -> bool:
    """Return True for the cells of one line, or of several lines that make a row as wide as asked.

    Lines whose quotation marks fit by chance make another number of cells.
    """
    return cells is not None and (lines == 1 or len(_trimmed(cells, width)) == width)


def _split(lines: list[str], separator: str) -> tuple[list[str] | None, str | None]:
    """Return the cells of the lines of one row, or None and the problem."""
    try:
        return next(csv.reader(lines, delimiter=separator, strict=True), []), None
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None, _OPEN
        if "field larger" in str(error):
            return None, f"a cell is longer than {csv.field_size_limit():,} characters"
        return None, 'a quotation mark stands inside a cell; write two of them ("")'


def _trimmed(cells: Iterable[str], width: int) -> tuple[str, ...]:
    """Return the cells without blank ones at the end, but not fewer than `width` of them."""
    kept = [cell.strip() for cell in cells]
    while len(kept) > width and not kept[-1]:
        kept.pop()
    return tuple(kept)
