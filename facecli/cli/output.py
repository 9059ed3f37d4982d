"""What commands print: records as tables, JSON, JSON Lines or CSV; notes and progress on stderr.

Results go to stdout (or to `--output`, written whole or not at all), everything else to stderr.
"""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

from facecli.cli.files import atomic_file, failing_as_output
from facecli.errors.command_line import OutputFailed
from facecli.printable import JOINERS, csv_cell, json_text, printable

FORMATS = ("table", "json", "jsonl", "csv")
PRIVATE_USE = 0xF0000  # the first of 131,000 characters without a meaning
Item = TypeVar("Item")


@dataclass(frozen=True)
class Kind:
    """A kind of record: its schema's name, its fields in order, and those that a table shows."""

    schema: str
    fields: tuple[str, ...]
    table: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields that a table shows."""
        return self.table or self.fields


class Reporter:
    """Takes records one by one; JSON Lines and CSV go out at once, the others at the end."""

    def __init__(self, kind: Kind, form: str, stream: TextIO) -> None:
        self.kind = kind
        self.form = form
        self.stream = stream
        self.records: list[Mapping[str, Any]] = []
        if form == "csv":
            self._write(_csv_line(kind.fields))

    def add(self, record: Mapping[str, Any]) -> None:
        """Report one record."""
        if self.form == "jsonl":
            self._write(json_text(self._document(record)) + "\n")
        elif self.form == "csv":
            self._write(_csv_line([_cell(record.get(name)) for name in self.kind.fields]))
        else:
            self.records.append(record)

    def summary(self, schema: str, record: Mapping[str, Any]) -> None:
        """Report a closing record of another kind; only JSON has room for one."""
        document = {"schema": f"facecli.{schema}/1", **record}
        if self.form == "jsonl":
            self._write(json_text(document) + "\n")
        elif self.form == "json":
            self.records.append(document)

    def finish(self) -> None:
        """Print what is still held back."""
        if self.form == "json":
            documents = [self._document(record) for record in self.records]
            self._write(json_text(documents, indent=2) + "\n")
        elif self.form == "table":
            self._write(_table(self.kind, self.records))
        self.records = []

    def _document(self, record: Mapping[str, Any]) -> dict[str, Any]:
        return {"schema": f"facecli.{self.kind.schema}/1", **record}

    def _write(self, text: str) -> None:
        _write(self.stream, text)


def _write(stream: TextIO, text: str) -> None:
    """Write to stdout or to a file; `atomic_file` looks after the latter's failures itself."""
    with failing_as_output("stdout") if stream is sys.stdout else nullcontext():
        stream.write(_encodable(text))
        stream.flush()


def _encodable(text: str) -> str:
    """`text` with the bytes of a path that are no UTF-8 escaped, as JSON escapes them too."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@contextmanager
def reporting(kind: Kind, form: str, output: Path | None) -> Iterator[Reporter]:
    """A reporter for one command. What was added is printed even if the command is interrupted.

    Raises:
        OutputFailed: stdout or the file could not be written.
    """
    with _stream(output) as stream:
        reporter = Reporter(kind, form, stream)
        try:
            yield reporter
        finally:
            reporter.finish()


@contextmanager
def opened_first(
    output: Path | None, kind: Kind, form: str
) -> Iterator[Callable[[], AbstractContextManager[Reporter]]]:
    """For an act that cannot be taken back: the file of `--output` is open before it, so that a
    place that cannot be written undoes nothing. Yields what makes the reporter, after the act.

    Raises:
        OutputFailed: the file could not be written.
    """
    if output is None:
        yield lambda: reporting(kind, form, None)
        return
    with reporting(kind, form, output) as report:
        yield lambda: nullcontext(report)


def show(schema: str, document: Mapping[str, Any], form: str, output: Path | None) -> None:
    """Print one record: JSON as it is, tables and CSV with nested fields spread out.

    Raises:
        OutputFailed
    """
    whole = {"schema": f"facecli.{schema}/1", **document}
    flat = dict(_flatten(document))
    if form == "json":
        text = json_text(whole, indent=2) + "\n"
    elif form == "jsonl":
        text = json_text(whole) + "\n"
    elif form == "csv":
        text = _csv_line(list(flat)) + _csv_line([_cell(value) for value in flat.values()])
    else:
        width = max(map(len, flat))
        lines = (f"{name:<{width}}  {_lines(_brief(value))}" for name, value in flat.items())
        text = "".join(f"{line.rstrip()}\n" for line in lines)
    with _stream(output) as stream:
        _write(stream, text)


def _flatten(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            for number, one in enumerate(value, 1):
                yield from _flatten(one, f"{prefix}{name}.{number}.")
        else:
            yield f"{prefix}{name}", value


def _lines(text: str) -> str:
    """Text of several lines, indented where it goes on."""
    return "\n  ".join(printable(line) for line in text.splitlines())


def print_text(text: str, output: Path | None = None) -> None:
    """Print lines of text as a result. Raises OutputFailed."""
    with _stream(output) as stream:
        _write(stream, text if text.endswith("\n") else text + "\n")


@contextmanager
def _stream(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        if sys.stdout is None:
            raise OutputFailed(path="stdout", why="it is closed", errno=errno.EBADF)
        yield sys.stdout
        return
    with atomic_file(output) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", write_through=True)
        try:
            yield text
        finally:
            text.detach()


def note(text: str) -> None:
    """One line for the person, on stderr. If nobody can read it, the act counts all the same."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(printable(text) + "\n")
            sys.stderr.flush()


@contextmanager
def progress(items: Iterable[Item], total: int, unit: str, quiet: bool) -> Iterator[Iterable[Item]]:
    """Show a bar on stderr while `items` are gone through, if stderr is a terminal."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield items
        return
    from tqdm import tqdm

    with tqdm(items, total=total, unit=unit, file=sys.stderr, leave=False) as bar:
        yield bar


def _table(kind: Kind, records: Sequence[Mapping[str, Any]]) -> str:
    if not records:
        return "(none)\n"
    import tabulate

    tabulate.WIDE_CHARS_MODE = False  # widths are ours, whether wcwidth is installed or not
    stand_ins: dict[str, str] = {}
    rows = [
        [
            _column_by_column(printable(_brief(_shown(record, name))), stand_ins)
            for name in kind.columns
        ]
        for record in records
    ]
    headers = [name.upper() for name in kind.columns]
    text = tabulate.tabulate(rows, headers, tablefmt="plain", disable_numparse=True)
    return text.translate({ord(one): whole for whole, one in stand_ins.items()}) + "\n"


def _shown(record: Mapping[str, Any], name: str) -> Any:
    """What a table shows of a field; the reason of a file that failed is its error's code."""
    if name == "reason" and "error" in record:
        return record["error"]["code"]
    return record.get(name)


def _column_by_column(text: str, stand_ins: dict[str, str]) -> str:
    """`text` with one character for every column that it takes on a terminal.

    What takes none (a combining mark) is put together with the character before it, and what
    takes two (a Chinese one) is followed by an empty one. For these stand characters of the
    private use area, which `printable` leaves none of; `stand_ins` says which, and grows.
    """
    if text.isascii():
        return text
    columns: list[str] = []
    for character in text:
        if columns and (character in JOINERS or unicodedata.category(character) in ("Mn", "Me")):
            columns[-1 if columns[-1] else -2] += character
            continue
        columns.append(character)
        if unicodedata.east_asian_width(character) in ("W", "F"):
            columns.append("")
    return "".join(
        one if len(one) == 1 else stand_ins.setdefault(one, chr(PRIVATE_USE + len(stand_ins)))
        for one in columns
    )


def _csv_line(cells: Sequence[str]) -> str:
    import csv

    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([csv_cell(cell) for cell in cells])
    return line.getvalue()


def _brief(value: Any) -> str:
    """A cell for people: numbers rounded, which records for programs carry whole."""
    return f"{value:.4g}" if isinstance(value, float) else _cell(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | dict):
        if not value:
            return ""
        return json.dumps(value, ensure_ascii=False)
    return str(value)
