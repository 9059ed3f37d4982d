"""`facecli backup`: make, verify and restore encrypted copies of the database."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from facecli.audit import sealing
from facecli.audit.entries import Actor, acting, actor
from facecli.cli.files import make_folder
from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import FILE, pass_settings, reports
from facecli.cli.output import note, show
from facecli.cli.session import Settings, clock, find_secret, session
from facecli.erasure.restore import restore as restoring
from facecli.erasure.restore.restore import ActsSince
from facecli.errors.base import Exit, FacecliError
from facecli.errors.store import AlreadyThere, BackupRefused
from facecli.keys import slots, sources
from facecli.keys.slots import Secret, SlotFile
from facecli.printable import counted, printable
from facecli.store import backup, keyring
from facecli.store.database import Database
from facecli.store.files import ASIDE

PRESENT_UNUSABLE = {Exit.FAILED, Exit.NO_DATABASE, Exit.KEY, Exit.PAGE_DAMAGED}


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Make, verify and restore encrypted copies of the database, each with its own key slots.

    \b
    Example:
      facecli backup create /backup/facecli-2026-11-23.db
    """


@command.command(
    epilog="Exit codes: 0 made; 1 the file exists, or others can write to the folder; 11 another "
    "backup is being made there; 33 a page of the database is damaged; 74 it could not be "
    "written; 10-12 database or key."
)
@click.argument("file", type=FILE)
@pass_settings
def create(settings: Settings, file: Path) -> None:
    """Make a backup in FILE and FILE.keys while others use the database. Keep both files.

    The backup has a key of its own. The secrets that open the database today open it.

    \b
    Example:
      facecli backup create /backup/facecli-2026-11-23.db
    """
    path = file.absolute()
    with session(settings, "backup.create", guarded=True) as opened:

        def record(outcome: str) -> None:
            with opened.act() as act:
                if outcome == "done":
                    sealing.begin_epoch(act)  # the copy holds the key of the one that ends
                act.record("backup.create", outcome)

        backup.create(opened.db, opened.unlocked, path, record)
    settings.note(f"Wrote {file} and {slots.slots_path(file)}. A restore needs both.")


@command.command(
    epilog="Exit codes: 0 whole; 1 the slots belong to another file; 10 no backup there; "
    "12 wrong key, or no key; 30 its log was altered; 31 its log was cut; 33 a page was altered."
)
@click.argument("file", type=FILE)
@reports
@pass_settings
def verify(settings: Settings, file: Path, form: str, output: Path | None) -> None:
    """Check a backup: every page, the structure, and every entry of its log.

    Needs no database, and writes nothing.

    \b
    Example:
      facecli --key-file facecli.key backup verify /backup/facecli-2026-11-23.db
    """
    path = file.absolute()
    backup.look(path)
    with backup.opened(path, find_secret(settings, path), settings.lock_wait) as (db, _):
        contents = restoring.examine(db)
    show("backup", {"path": str(file), **asdict(contents)}, form, output)


@command.command(
    epilog="Exit codes: 0 restored; 1 the backup or an export is not usable, or the old database "
    "cannot be kept; 22 erasures since are not known; 30-32 an export or a log does not verify; "
    "33 the backup is damaged; 74 it could not be written; 10-12 database or key."
)
@click.argument("file", type=FILE)
@click.option("--erasures", type=FILE, multiple=True, metavar="LOG.jsonl",
              help="A log export since the backup; repeat for several.")  # fmt: skip
@click.argument("more", type=FILE, nargs=-1, metavar="[LOG.jsonl]...")
@click.option("--backup-key-file", metavar="FILE",
              help="The backup's key file, if it differs from the database's.")  # fmt: skip
@click.option("--backup-passphrase-file", metavar="FILE",
              help="The backup's passphrase file, likewise.")  # fmt: skip
@pass_settings
def restore(
    settings: Settings,
    file: Path,
    erasures: tuple[Path, ...],
    more: tuple[Path, ...],
    backup_key_file: str | None,
    backup_passphrase_file: str | None,
) -> None:
    """Replace the database with a backup, and erase again every subject erased since.

    The erasures come from the present database and from the exports given. If the database is
    gone, the exports must continue from the backup without a gap. The present database is kept
    beside the new one, with `.before-restore` added to its name.

    \b
    Example:
      facecli backup restore /backup/facecli-2026-11-23.db --erasures log.jsonl
    """
    if more and not erasures:
        what = printable(str(more[0]))
        raise click.UsageError(f"unexpected argument {what}: give log exports with --erasures")
    path = file.absolute()
    backup.look(path)
    options = {"key_file": backup_key_file, "passphrase_file": backup_passphrase_file}
    source = sources.choose(options, {})
    own = None if source is None else sources.obtain(source, None, path, settings.note)
    exports = [*erasures, *more]
    try:
        if settings.db.exists():
            since, people = _over(settings, path, own, exports)
            settings.note(
                f"Kept the old database as {settings.db}{ASIDE}. No purge reaches it: delete it "
                "and its .keys file when you are done."
            )
        else:
            since, people = _anew(settings, path, own, exports)
            settings.note(
                f"The acts since the backup are known up to entry {since.until} of the log. "
                "Subjects erased after it are back: if there are later exports, restore again."
            )
            settings.note(
                "A witness that countersigned a later checkpoint refuses this log until its "
                "operator drops the state kept for it."
            )
    except FacecliError as error:
        if error.exit_code in PRESENT_UNUSABLE and str(settings.db) in str(error):
            note(
                f"To restore without the present database, move {settings.db} and "
                f"{slots.slots_path(settings.db)} aside if they exist, and give every log export "
                "since the backup with --erasures."
            )
        raise
    settings.note(f"Restored {settings.db}; erased again: {counted(people, 'subject')}.")
    for code in since.closed():
        settings.note(
            f"The purpose {code} changed since the backup and is closed. Apply its file again with "
            "`facecli purpose apply`."
        )
    if since.ended_unseen:
        settings.note(
            "Consents may have ended unseen since the backup. A manifest no longer enrols under "
            "consents given until now; record those that stand with `facecli consent record`."
        )
    if lost := since.lost():
        acts = ", ".join(f"{name} {count}" for name, count in sorted(lost.items()))
        settings.note(f"The restored data lacks these acts since the backup: {acts}.")


def _over(
    settings: Settings, path: Path, own: Secret | None, exports: list[Path]
) -> tuple[ActsSince, int]:
    """Restore over the present database."""
    if path.exists() and path.samefile(settings.db):
        raise BackupRefused(path=path, why="it is the database itself")
    aside = _aside(settings.db)
    with (
        session(settings, "backup.restore", exclusive=True, guarded=True) as opened,
        backup.opened(path, own or opened.secret, settings.lock_wait) as (source, _),
    ):
        restoring.examine(source)
        present = restoring.since_in(opened.db, source)
        known = restoring.since_by(exports, source) if exports else present
        since = known.over(present)
        fill, people = _filler(opened.actor, since, opened.db)
        keyring.replace(opened.db, opened.unlocked, source, fill, _keeper(aside))
    return since, people()


def _anew(
    settings: Settings, path: Path, own: Secret | None, exports: list[Path]
) -> tuple[ActsSince, int]:
    """Restore where there is no database."""
    if not settings.db.parent.exists():
        make_folder(settings.db.parent)
    secret = own or find_secret(settings, path)
    with backup.opened(path, secret, settings.lock_wait) as (source, unlocked):
        restoring.examine(source)
        since = restoring.since_by(exports, source)
        fill, people = _filler(actor(unlocked.label, os.environ), since, None)
        backup.restore_anew(source, unlocked, settings.db, fill, since.removed_slots)
        if unlocked.label in since.removed_slots:
            settings.note(
                f"The key slot {unlocked.label!r} was removed since the backup, but you opened the "
                "backup with it. Add another slot, then remove it."
            )
    return since, people()


def _filler(
    who: Actor, since: ActsSince, present: Database | None
) -> tuple[Callable[[Database], None], Callable[[], int]]:
    """Return a function that brings the copy up to date, and one that returns the number of
    subjects it erased again."""
    people: list[int] = []

    def fill(copy: Database) -> None:
        with acting(copy, who, clock()) as act:
            people.append(restoring.finish(act, since, present))

    return fill, lambda: people[-1]


def _aside(db: Path) -> Path:
    """Return the path for the present database, and remove a link that a crash left there."""
    real = db.resolve()
    aside = real.with_name(real.name + ASIDE)
    if aside.exists():
        if not aside.samefile(real):
            raise AlreadyThere(path=aside)
        aside.unlink()
    return aside


def _keeper(aside: Path) -> Callable[[Path, SlotFile], None]:
    def keep(path: Path, present: SlotFile) -> None:
        slots.write(aside, present)
        os.link(path, aside)

    return keep
