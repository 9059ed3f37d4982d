"""`facecli backup`: make, verify and restore encrypted copies of the database."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from facecli.audit.entries import Actor, acting, actor
from facecli.cli.copies import backup_key_options, backup_secret
from facecli.cli.files import make_folder
from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import FILE, FILE_OR_FOLDER, Command, pass_settings, reports
from facecli.cli.output import note, shown_after
from facecli.cli.session import Settings, clock, find_secret, session
from facecli.commands import backup_erase, backup_list
from facecli.erasure.copies import folder, making
from facecli.erasure.copies.known import KnownCopy
from facecli.erasure.copies.pruning import KeepRules
from facecli.erasure.restore import restore as restoring
from facecli.erasure.restore.restore import ActsSince
from facecli.errors.base import Exit, FacecliError
from facecli.errors.store import BackupRefused
from facecli.keys import slots
from facecli.keys.slots import Secret
from facecli.printable import counted, printable
from facecli.store import backup, copy_marks, keyring
from facecli.store.database import Database
from facecli.store.names import ASIDE

FOREVER = 10_000  # days, weeks or months
PRESENT_UNUSABLE = {Exit.FAILED, Exit.NO_DATABASE, Exit.KEY, Exit.PAGE_DAMAGED}


def keep_options(command: Command) -> Command:
    """`--keep-daily`, `--keep-weekly` and `--keep-monthly`."""
    for period, unit in (("monthly", "months"), ("weekly", "weeks"), ("daily", "days")):
        command = click.option(
            f"--keep-{period}",
            type=click.IntRange(1, FOREVER),
            metavar="N",
            help=f"Keep the latest backup of each of the last N {unit} that have one.",
        )(command)
    return command


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Encrypted copies of the database: make, verify, list and restore them, and erase in them.

    \b
    Example:
      facecli backup create /backup/facecli-2026-11-23.db
    """


command.add_command(backup_list.command, "list")
command.add_command(backup_erase.command, "erase")


@command.command(
    epilog="Exit codes: 0 made; 1 the file exists, or others can write to the folder; 3 made, but "
    "a backup that is no longer needed could not be removed; 11 another backup is being made "
    "there; 33 a page of the database is damaged; 74 it could not be written; 10-12 database or "
    "key."
)
@click.argument("file", type=FILE_OR_FOLDER, metavar="FILE|DIR")
@keep_options
@pass_settings
def create(
    settings: Settings,
    file: Path,
    keep_daily: int | None,
    keep_weekly: int | None,
    keep_monthly: int | None,
) -> None:
    """Make a backup while others use the database: FILE and FILE.keys. Keep both files.

    The backup has a key of its own. Every secret that opens the database today opens the backup.

    In a folder, the backup is named by its time. The options --keep-* then remove older backups:
    each keeps the latest of the last N days, weeks or months that have one.

    \b
    Example:
      facecli backup create /backup --keep-daily 14 --keep-weekly 8 --keep-monthly 12
    """
    target, rules = file.absolute(), KeepRules(keep_daily, keep_weekly, keep_monthly)
    in_folder = target.is_dir()
    if any(rules) and not in_folder:
        raise click.UsageError(f"--keep-* is for a folder, and {file} is none")
    with session(settings, "backup.create", guarded=True) as opened:
        path = making.name_in(target.resolve(), opened.now) if in_folder else target
        made = making.create(opened.db, opened.unlocked, path, opened.act, opened.now)
        settings.note(f"Wrote {path} and {slots.slots_path(path)}. A restore needs both.")
        if any(rules):
            for one in folder.prune(opened.db, path.parent, rules, opened.act, made.copy_id):
                settings.note(f"Removed {one.path}, which no rule keeps.")


@command.command(
    epilog="Exit codes: 0 whole; 1 the slots belong to another file; 10 no backup there; 12 wrong "
    "key, or no key; 30 its log was altered; 31 its log was cut; 33 a page was altered; 74 the "
    "output could not be written, and nothing changed; 75 --record: recorded, but the output could "
    "not be written."
)
@click.argument("file", type=FILE)
@click.option("--record", is_flag=True,
              help="Record in the log of the database that it was verified.")  # fmt: skip
@reports
@pass_settings
def verify(settings: Settings, file: Path, record: bool, form: str, output: Path | None) -> None:
    """Check a backup: every page, the structure, and every entry of its log.

    It needs no database. It writes nothing, unless an erasure in the backup was cut short: then it
    undoes that first. With --record, the log of the database has an entry, and `doctor` knows that
    a backup can be opened.

    \b
    Example:
      facecli --key-file facecli.key backup verify /backup/facecli-2026-11-23.db
    """
    path = file.absolute()
    backup.look(path)
    with shown_after(output, dry_run=not record) as shown:
        with backup.opened(path, find_secret(settings, path), settings.lock_wait) as (db, _):
            contents = restoring.examine(db)
            mark = copy_marks.read(db)
        if record:
            with session(settings, "backup.verify") as opened, opened.act() as act:
                act.record("backup.verify", details={"copy": mark.copy_id if mark else None})
        shown.record("backup", {"path": str(file), **asdict(contents)}, form)


@command.command(
    epilog="Exit codes: 0 restored; 1 the backup or an export is not usable, or the old database "
    "cannot be kept; 22 erasures since are not known; 30-32 an export or a log does not verify; 33 "
    "the backup is damaged; 74 it could not be written; 10-12 database or key."
)
@click.argument("file", type=FILE, metavar="BACKUP")
@click.option("--erasures", type=FILE, multiple=True, metavar="EXPORT",
              help="A log export since the backup; repeat for several.")  # fmt: skip
@click.argument("more", type=FILE, nargs=-1, metavar="[EXPORT]...")
@backup_key_options
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
    own = backup_secret(settings, path, backup_key_file, backup_passphrase_file)
    exports = [*erasures, *more]
    try:
        if settings.db.exists():
            since, people = _over(settings, path, own, exports)
            settings.note(
                f"Kept the old database as {settings.db}{ASIDE}. Delete it and its .keys file when "
                f"you are done, then run `facecli backup erase {settings.db}{ASIDE} --gone`."
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
    with (
        session(settings, "backup.restore", exclusive=True, guarded=True) as opened,
        backup.opened(path, own or opened.secret, settings.lock_wait) as (source, _),
    ):
        restoring.examine(source)
        present = restoring.since_in(opened.db, source)
        known = restoring.since_by(exports, source) if exports else present
        since = known.over(present)
        put_aside = making.set_aside(opened.db, opened.now)
        fill, people = _filler(opened.actor, since, opened.db, put_aside.known)
        keyring.replace(opened.db, opened.unlocked, source, fill, put_aside.steps)
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
    who: Actor, since: ActsSince, present: Database | None, aside: KnownCopy | None = None
) -> tuple[Callable[[Database], None], Callable[[], int]]:
    """Return a function that brings the copy up to date, and one that returns the number of
    subjects it erased again."""
    people: list[int] = []

    def fill(copy: Database) -> None:
        with acting(copy, who, clock()) as act:
            people.append(restoring.finish(act, since, present, aside))

    return fill, lambda: people[-1]
