"""`facecli log export`: write the log for other systems and for the auditor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path

import click

from facecli.audit import cursors, exporting, history, sealing
from facecli.audit.exporting import FORMATS, Export, ExportRange
from facecli.audit.verifier_files import CHECKPOINT, put_right
from facecli.cli import log_times
from facecli.cli.files import atomic_file, durable_output
from facecli.cli.options import CHECKPOINT_OUTPUT, CURSOR_OUTPUT, OUTPUT, pass_settings
from facecli.cli.output import bar
from facecli.cli.session import Session, Settings, session
from facecli.errors.audit import KeptBeforeRestore, LogAltered, LogRestored, LogTruncated
from facecli.errors.base import FacecliError
from facecli.errors.command_line import BadInput, OutputFailed
from facecli.times import stamp

STARTS = ("--since", "--after", "--cursor-file")


@click.command(
    epilog="Exit codes: 0 exported, and on disk; 1 a cursor that is damaged or another "
    "database's; 2 usage; 30 the log was altered; 31 the log does not extend the checkpoint or "
    "the cursor, as after a restore without the old database; 74 output (cursor and checkpoint "
    "stay as they were); 10-12 database or key."
)
@click.option("--since", metavar="D", help="From the first entry of this date or moment on.")
@click.option("--until", metavar="D", help="To the last entry of this date, or before this moment.")
@click.option("--after", type=click.IntRange(0), metavar="SEQ", help="From the entry after this.")
@click.option("--cursor-file", "cursor", type=CURSOR_OUTPUT, metavar="FILE",
              help="Continue after the last export, and keep the end of this one.")  # fmt: skip
@click.option("--checkpoint", type=CHECKPOINT_OUTPUT, metavar="FILE",
              help="Refuse unless the log extends this one, and keep the new one.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="jsonl",
              show_default=True, help="`log verify` reads jsonl.")  # fmt: skip
@click.option("--output", type=OUTPUT, metavar="FILE",
              help="Write to FILE, whole or not at all.")  # fmt: skip
@pass_settings
def export(
    settings: Settings,
    since: str | None,
    until: str | None,
    after: int | None,
    cursor: Path | None,
    checkpoint: Path | None,
    form: str,
    output: Path | None,
) -> None:
    """Export the log, sealed with a checkpoint at its end. The export is itself an entry.

    Entries come in the order in which they were logged, without a gap. A date is a day in the
    controller's time zone. The cursor and the checkpoint are replaced only when the output is on
    disk: after a failure the same entries come again. A pipe cannot report that its reader
    failed: use --output with them.

    \b
    Example:
      facecli log export --cursor-file at.json --checkpoint seal --output log.jsonl
    """
    _check_usage(since, after, cursor, (cursor, checkpoint, output))
    log_times.check(since, until)
    # The files are left in reverse: what is written last, the checkpoint, is replaced last.
    with (
        session(settings, "log.export") as opened,
        _kept(checkpoint) as seal_file,
        _kept(cursor) as cursor_file,
    ):
        with _explained(opened, [path for path in (cursor, checkpoint) if path is not None]):
            wanted = ExportRange(form, after, *log_times.period_of(opened.db, since, until))
            made = _begin(opened, wanted, cursor, checkpoint)
        try:
            _write(opened, made, output)
        except OutputFailed as error:
            _log_failure(opened, error)
            raise
        if cursor_file is not None:
            cursor_file.write(made.cursor.to_bytes())
        if seal_file is not None:
            seal_file.write(made.seal.encode())
    if made.until == made.after + 1:
        settings.note(f"Exported the entry {made.until}.")
    elif made.after < made.until:
        settings.note(f"Exported the entries {made.after + 1} to {made.until}.")
    else:
        settings.note("Exported no entry: none is in that range.")


def _check_usage(
    since: str | None, after: int | None, cursor: Path | None, files: tuple[Path | None, ...]
) -> None:
    given = [name for name, value in zip(STARTS, (since, after, cursor), strict=True)
             if value is not None]  # fmt: skip
    if len(given) > 1:
        raise click.UsageError(f"{given[0]} and {given[1]} both state the beginning; give one")
    named = [path.absolute() for path in files if path is not None]
    if len(named) > len(set(named)):
        raise click.UsageError("cursor, checkpoint and output are different files")


def _kept(path: Path | None) -> AbstractContextManager[BufferedWriter | None]:
    """Open a file that is replaced at the end, so that an unwritable place fails first."""
    return nullcontext() if path is None else atomic_file(path, interrupted=False)


@contextmanager
def _explained(opened: Session, kept: list[Path]) -> Iterator[None]:
    """Name a restore without the live database, where kept files are older than it.

    Raises:
        KeptBeforeRestore
    """
    try:
        yield
    except (LogAltered, LogTruncated) as error:
        sealing.check_whole(opened.db)  # or the log itself is at fault
        back = history.last_restore(opened.db)
        if back is None:
            raise
        before = [
            str(path)
            for path in kept
            if path.exists() and (isinstance(error, LogRestored) or _written(path) <= back.at)
        ]
        if not before:
            raise
        one = len(before) == 1
        raise KeptBeforeRestore(
            **back._asdict(),
            first=back.entries + 1,
            files=" and ".join(before),
            verb="is" if one else "are",
            them="it" if one else "them",
        ) from None


def _written(path: Path) -> str:
    return stamp(datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _begin(
    opened: Session, wanted: ExportRange, cursor_path: Path | None, checkpoint: Path | None
) -> Export:
    """Compare the kept files with the log, then log and seal the export in one transaction."""
    cursor = _read(cursor_path)
    kept = _read(checkpoint)
    with opened.act() as act:
        held = None
        if kept is not None:
            held = sealing.open_held(put_right(str(checkpoint), CHECKPOINT, kept), act.db)
        if cursor is not None and cursor_path is not None:
            found = cursors.parse(cursor, cursor_path)
            cursors.check(found, cursor_path, act.db, sealing.trust_key(act.db).name)
            wanted = ExportRange(wanted.form, found.seq, None, wanted.until)
        return exporting.begin(act, wanted, held)


def _read(path: Path | None) -> bytes | None:
    """Return the content of a file that a run before this one left, or None before the first."""
    try:
        return None if path is None else path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInput(what=str(path), why=(error.strerror or "unreadable").lower()) from None


def _write(opened: Session, made: Export, output: Path | None) -> None:
    lines_at_terminal = output is None and sys.stdout is not None and sys.stdout.isatty()
    quiet = opened.settings.quiet or lines_at_terminal
    with (
        durable_output(output) as stream,
        bar("line", made.until - made.after + 1, quiet=quiet) as step,
    ):
        for piece in exporting.lines(opened.db, made):
            stream.write(piece)
            step(piece.count(b"\n"))


def _log_failure(opened: Session, error: FacecliError) -> None:
    """Log the failure, if there is room for an entry."""
    with suppress(FacecliError), opened.act() as act:
        act.record("log.export", "failed", details={"reason": error.reason})
