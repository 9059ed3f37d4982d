"""Copies of the database, for the commands that name them or have options for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from facecli.cli.options import FOLDER, Command
from facecli.cli.session import Session, Settings
from facecli.erasure.copies import known
from facecli.errors.store import CopiesUnreached
from facecli.keys import sources
from facecli.keys.slots import Secret
from facecli.printable import counted
from facecli.store.database import Database

if TYPE_CHECKING:
    from facecli.erasure.copies.applying import Unreached

MOST_NAMED = 20


def backups_option(command: Command) -> Command:
    """`--backups DIR`: erase in the copies of a folder too."""
    return click.option(
        "--backups", type=FOLDER, multiple=True, metavar="DIR",
        help="Erase in every backup in DIR too; repeat for several.",
    )(command)  # fmt: skip


def backup_key_options(command: Command) -> Command:
    """`--backup-key-file` and `--backup-passphrase-file`: what opens a backup."""
    command = click.option(
        "--backup-passphrase-file", metavar="FILE", help="The backup's passphrase file, likewise."
    )(command)
    return click.option(
        "--backup-key-file",
        metavar="FILE",
        help="The backup's key file, if it differs from the database's.",
    )(command)


def backup_secret(
    settings: Settings, path: Path, key_file: str | None, passphrase_file: str | None
) -> Secret | None:
    """Return the secret that these options name, or None if neither was given."""
    source = sources.choose({"key_file": key_file, "passphrase_file": passphrase_file}, {})
    return None if source is None else sources.obtain(source, None, path, settings.note)


def erased_in(opened: Session, folders: Sequence[Path]) -> list[Unreached]:
    """Erase in the copies of these folders, and return those that could not be reached."""
    if not folders:
        return []
    from facecli.cli.copy_erasure import reach  # a nightly purge starts quicker without

    return reach(opened, folders)


def refuse_unreached(unreached: list[Unreached]) -> None:
    """Raise CopiesUnreached if there is any."""
    if unreached:
        names = ", ".join(str(one.path) for one in unreached[:MOST_NAMED])
        raise CopiesUnreached(copies=counted(len(unreached), "copy", "copies"), names=names)


def behind_sentence(db: Database) -> str | None:
    """Return a sentence that names the copies that may still hold erased data, or None."""
    behind = known.behind(db)
    if not behind:
        return None
    names = ", ".join(
        f"{copy.path} ({counted(missing, 'erasure')})" for copy, missing in behind[:MOST_NAMED]
    )
    more = "" if len(behind) <= MOST_NAMED else f" and {len(behind) - MOST_NAMED} more"
    copies = counted(len(behind), "copy", "copies")
    return (
        f"{copies} may still hold erased data: {names}{more}. "
        "Run `facecli backup erase` on each, or on its folder."
    )


def note_behind(opened: Session) -> None:
    """Name the copies that may still hold erased data, unless there are none."""
    if sentence := behind_sentence(opened.db):
        opened.settings.note(sentence)
