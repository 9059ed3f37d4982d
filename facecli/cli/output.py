"""Results on stdout or in `--output`, as tables, JSON, JSON Lines or CSV; notes on stderr."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, TypeVar

import click

from facecli.cli.files import atomic_file, discard, durable_output, failing_as_output
from facecli.cli.lines import fitted, terminal_width
from facecli.cli.records import RecordKind
from facecli.errors.command_line import OutputFailed, Unreported
from facecli.printable import csv_cell, in_figures, json_text, printable
from facecli.steps import Step

if TYPE_CHECKING:
    from facecli.audit.entries import Act

FORMATS = ("table", "json", "jsonl", "csv")
WIDE = "facecli.wide"
"""In the context of click: `--wide` was given."""
SHORT = 1.0
"""Seconds of work that shows no progress."""
Item = TypeVar("Item")
Layout = Callable[[Mapping[str, Any], int | None], str]


class Reporter:
    """Reports records of one kind: JSON Lines and CSV at once, the others at the end."""

    def __init__(self, kind: RecordKind, form: str, stream: TextIO) -> None:
        self.kind = kind
        self.form = form
        self.stream = stream
        self.records: list[Mapping[str, Any]] = []
        self.begun = False

    def _begin(self) -> None:
        """Write what comes before the first record."""
        if self.form == "csv" and not self.begun:
            self._write(_csv_line(self.kind.fields))
        self.begun = True

    def add(self, record: Mapping[str, Any]) -> None:
        """Report one record."""
        record = in_figures(record)
        self._begin()
        if self.form == "jsonl":
            self._write(json_text(self._document(record)) + "\n")
        elif self.form == "csv":
            self._write(_csv_row([record.get(name) for name in self.kind.fields]))
        else:
            self.records.append(record)

    def summary(self, schema: str, record: Mapping[str, Any]) -> None:
        """Report a closing record of another kind, in JSON and JSON Lines only."""
        document = {"schema": f"facecli.{schema}/1", **in_figures(record)}
        self._begin()
        if self.form == "jsonl":
            self._write(json_text(document) + "\n")
        elif self.form == "json":
            self.records.append(document)

    def finish(self) -> None:
        """Print the records that wait for the end."""
        self._begin()
        if self.form == "json":
            documents = [self._document(record) for record in self.records]
            self._write(json_text(documents, indent=2) + "\n")
        elif self.form == "table":
            from facecli.cli import tables  # a quiet purge prints none

            text, left_out = tables.table(self.kind, self.records, _table_width(self.stream))
            self._write(text)
            if left_out and not _is_quiet():
                note(f"Not shown: {', '.join(left_out)}. Use --wide for all columns.")
        self.records = []

    def _document(self, record: Mapping[str, Any]) -> dict[str, Any]:
        return {"schema": f"facecli.{self.kind.schema}/1", **record}

    def _write(self, text: str) -> None:
        _write(self.stream, text)


def _table_width(stream: TextIO) -> int | None:
    """Return the columns for a table on `stream`, or None for `--wide`."""
    from facecli.cli import tables

    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(WIDE):
        return None
    return tables.width_of(stream)


def _is_quiet() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.find_root().params.get("quiet"))


def _write(stream: TextIO, text: str) -> None:
    """Write to stdout or to a file; `atomic_file` handles the failures of a file."""
    with failing_as_output("stdout") if stream is sys.stdout else nullcontext():
        stream.write(_encodable(text))
        stream.flush()


def _encodable(text: str) -> str:
    """Escape the bytes of a path that are not UTF-8, as JSON escapes them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@contextmanager
def reporting(kind: RecordKind, form: str, output: Path | None) -> Iterator[Reporter]:
    """Yield the reporter of a command.

    A command that fails or is interrupted still prints its records. One that fails before it has
    any prints nothing but its error.

    Raises:
        OutputFailed: stdout or the file could not be written.
    """
    with _stream(output) as stream:
        reporter = Reporter(kind, form, stream)
        failed = False
        try:
            yield reporter
        except Exception:
            failed = True
            raise
        finally:
            if reporter.begun or not failed:
                reporter.finish()


@contextmanager
def opened_first(
    output: Path | None, kind: RecordKind, form: str, *, dry_run: bool = False
) -> Iterator[Callable[[], AbstractContextManager[Reporter]]]:
    """Open `--output` before an act that cannot be undone; a bad place then fails before the act.

    Yields a function that makes the reporter, to be called after the act.

    Args:
        dry_run: the act changes nothing, so it needs no error of its own for work that is done.

    Raises:
        OutputFailed: the file could not be opened, and the act did not begin.
        Unreported: the act is done, and its report could not be written.
    """
    done = False

    def reporter() -> AbstractContextManager[Reporter]:
        nonlocal done
        done = not dry_run
        return reporting(kind, form, None) if early is None else nullcontext(early)

    try:
        with nullcontext() if output is None else reporting(kind, form, output) as early:
            yield reporter
    except OutputFailed as error:
        raise _unreported(error) if done else error from None


@contextmanager
def already_done() -> Iterator[None]:
    """Report results of work that is committed. Raises Unreported if they cannot be written."""
    try:
        yield
    except OutputFailed as error:
        raise _unreported(error) from None


@contextmanager
def output_of_act(
    begin: Callable[[], AbstractContextManager[Act]], output: Path | None, *, proves: bool = False
) -> Iterator[tuple[Act, BinaryIO]]:
    """Begin an act and open the output that it makes, which is on disk before the act commits.

    Args:
        begin: begins the act.
        output: a file, which gets its name after the act; None for stdout.
        proves: the output proves the act, so that stdout gets it after the act.

    Raises:
        OutputFailed: the output could not be written, and the act is undone.
        Unreported: the act is done, and stdout, or the name of the file, could not be written.
    """
    done = False
    kept = io.BytesIO() if proves and output is None else None
    try:
        with durable_output(output) as place:
            stream = kept or place
            with begin() as act:
                yield act, stream
                stream.flush()
                if output is not None:
                    os.fsync(stream.fileno())
            done = True
            if kept is not None:
                place.write(kept.getvalue())
    except OutputFailed as error:
        raise _unreported(error) if done else error from None


class Result:
    """The result of an act, printed after it on stdout or in the file that was opened before."""

    def __init__(self, stream: TextIO) -> None:
        self.begun = False
        self._stream = stream

    def record(self, schema: str, document: Mapping[str, Any], form: str) -> None:
        """Print one record."""
        self.begun = True
        _show(self._stream, schema, document, form, None)

    def text(self, text: str) -> None:
        """Print lines of text."""
        self.begun = True
        _write_lines(self._stream, text)


@contextmanager
def shown_after(output: Path | None, *, dry_run: bool = False) -> Iterator[Result]:
    """Open `--output` before an act, for the result that is printed after it.

    Args:
        dry_run: nothing is changed, so it needs no error of its own for work that is done.

    Raises:
        OutputFailed: the file could not be opened, and the act did not begin.
        Unreported: the act is done, and its result could not be written.
    """
    result = None
    try:
        with _stream(output, interrupted=False) as stream:
            result = Result(stream)
            yield result
    except OutputFailed as error:
        is_done = result is not None and result.begun and not dry_run
        raise _unreported(error) if is_done else error from None


def _unreported(error: OutputFailed) -> Unreported:
    return Unreported(**{"why": "the reader closed the pipe", **error.details})


def show(
    schema: str,
    document: Mapping[str, Any],
    form: str,
    output: Path | None,
    *,
    layout: Layout | None = None,
) -> None:
    """Print one record.

    Args:
        layout: makes the table; without it, a line for each field, nested ones too.

    Raises:
        OutputFailed: stdout or the file could not be written.
    """
    with _stream(output) as stream:
        _show(stream, schema, document, form, layout)


def _show(
    stream: TextIO, schema: str, document: Mapping[str, Any], form: str, layout: Layout | None
) -> None:
    document = in_figures(document)
    whole = {"schema": f"facecli.{schema}/1", **document}
    if form == "json":
        text = json_text(whole, indent=2) + "\n"
    elif form == "jsonl":
        text = json_text(whole) + "\n"
    elif form == "csv":
        flat = dict(_flatten(document))
        text = _csv_line(list(flat)) + _csv_row(list(flat.values()))
    elif layout is not None:
        text = layout(document, _table_width(stream))
    else:
        from facecli.cli import tables

        text = tables.listing(dict(_flatten(document)), _table_width(stream))
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


def print_text(text: str, output: Path | None = None) -> None:
    """Print lines of text as a result, as they are. Raises OutputFailed."""
    with _stream(output) as stream:
        _write_lines(stream, text)


def print_sentences(sentences: Iterable[str]) -> None:
    """Print sentences as a result, each from a line of its own on. Raises OutputFailed."""
    text = "\n".join(map(printable, sentences))
    print_text(fitted(text, terminal_width(sys.stdout)))


def _write_lines(stream: TextIO, text: str) -> None:
    _write(stream, text if text.endswith("\n") else text + "\n")


@contextmanager
def _stream(output: Path | None, *, interrupted: bool = True) -> Iterator[TextIO]:
    if output is None:
        if sys.stdout is None:
            raise OutputFailed(path="stdout", why="it is closed", errno=errno.EBADF)
        yield sys.stdout
        return
    with atomic_file(output, interrupted=interrupted) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", write_through=True)
        try:
            yield text
        finally:
            text.detach()


def note(text: str) -> None:
    """Print one line for the person on stderr."""
    print_error(printable(text))


def print_error(text: str) -> None:
    """Print lines on stderr, where they fit the terminal.

    If they cannot be written, the command goes on without them.
    """
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(fitted(text, terminal_width(sys.stderr)) + "\n")
        sys.stderr.flush()
    except OSError:
        discard(sys.stderr)


@contextmanager
def progress(items: Iterable[Item], total: int, unit: str, quiet: bool) -> Iterator[Iterable[Item]]:
    """Show a progress bar for `items`, as `bar` does."""
    with bar(unit, total, quiet=quiet) as step:
        yield _counted(items, step)


def _counted(items: Iterable[Item], step: Step) -> Iterator[Item]:
    for item in items:
        step(1)
        yield item


@contextmanager
def bar(unit: str, total: int, *, quiet: bool) -> Iterator[Step]:
    """Show what is done, the rate and the remaining time on stderr, if it is a terminal.

    Work that is over within a second shows nothing.

    Yields:
        A function to call with the number of units just done.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield int
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # a thread of its own, which a fork of a worker would lose
    with tqdm(
        total=total,
        unit=unit if unit == "B" else f" {unit}",
        unit_scale=unit == "B",
        delay=SHORT,
        dynamic_ncols=True,
        file=sys.stderr,
        leave=False,
    ) as shown:
        yield shown.update


def _csv_row(values: Sequence[Any]) -> str:
    from facecli.cli import tables

    return _csv_line([tables.cell(value) for value in values])


def _csv_line(cells: Sequence[str]) -> str:
    import csv

    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([csv_cell(cell) for cell in cells])
    return line.getvalue()
