"""`facecli key`: the slots around the database key, and a new database key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from facecli.cli.confirmation import ask
from facecli.cli.help_pages import CommandGroup
from facecli.cli.key_rotation import rotate_key
from facecli.cli.options import KEY_FILE, pass_settings, reports
from facecli.cli.output import reporting
from facecli.cli.records import RecordKind
from facecli.cli.session import Session, Settings, new_secret, session
from facecli.consent.text import check_name
from facecli.errors.keys import SlotsAltered
from facecli.keys import slots, sources
from facecli.store import keyring

SLOT = RecordKind(
    "key-slot", ("label", "kind", "created_at", "opened"), dispensable=("created_at",)
)

OLD_SLOTS = (
    "A copy of the old slots file still opens the database with its secret, until `facecli key "
    "rotate` encrypts the database under a new key."
)
ROTATE_NOW = "Encrypt the database under a new key now?"


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Key slots. Each is a passphrase or a key file that opens the database.

    \b
    Example:
      facecli key list
    """


@command.command(name="list", epilog="Exit codes: 0 done; 3 a slot was altered; 10-12 database "
                 "or key.")  # fmt: skip
@reports
@pass_settings
def list_(settings: Settings, form: str, output: Path | None) -> None:
    """List the slots. `opened` marks the slot of your key.

    \b
    Example:
      facecli key list
    """
    with session(settings, "key.list", guarded=True) as opened:
        file = slots.read(settings.db)
        altered = file.altered(keyring.slot_keys(opened.db, opened.unlocked))
        own = opened.unlocked.label
    with reporting(SLOT, form, output) as report:
        for slot in file.slots:
            report.add(
                {
                    "label": slot.label,
                    "kind": slot.kind,
                    "created_at": slot.created_at,
                    "opened": slot.label == own,
                }
            )
    if altered:
        raise SlotsAltered(path=slots.slots_path(settings.db), names=", ".join(altered))


@command.command(
    epilog="Exit codes: 0 added and tested; 1 the label is taken; 2 usage; 11 another process uses "
    "the database; 12 no usable key; 74 it could not be written; 10-12 database or key."
)
@click.option("--label", required=True, metavar="L", help="The new slot's name.")
@click.option("--new-key-file", type=KEY_FILE, metavar="FILE",
              help="Key file; created with mode 0600 if missing.")  # fmt: skip
@click.option(
    "--new-passphrase-file", metavar="FILE", help="File whose first line is the passphrase."
)
@click.option("--new-passphrase-command", metavar="CMD", help="Command that prints the passphrase.")
@pass_settings
def add(
    settings: Settings,
    label: str,
    new_key_file: Path | None,
    new_passphrase_file: str | None,
    new_passphrase_command: str | None,
) -> None:
    """Add a slot: another secret that opens the database.

    The slot is kept after the new secret has opened the database. Without an option, facecli asks
    for a new passphrase twice.

    \b
    Example:
      facecli key add --label night-purge --new-key-file purge.key
    """
    label = check_name(label, "The label")
    options = {
        "key_file": None if new_key_file is None else str(new_key_file),
        "passphrase_file": new_passphrase_file,
        "passphrase_command": new_passphrase_command,
    }
    source = sources.choose(options, {})
    if source is None and not settings.interactive:
        raise click.UsageError(
            "name the secret of the new slot: --new-key-file, --new-passphrase-file or "
            "--new-passphrase-command"
        )
    with _alone(settings, "key.add") as opened:
        keyring.check_new(opened.db, label)
        with new_secret(settings, source) as secret:
            record = _recorder(opened, "key.add", secret.kind)
            keyring.add(opened.db, opened.unlocked, label, secret, opened.now, record)
    settings.note(f"Added the key slot {label!r}; it opens the database.")


@command.command(
    epilog="Exit codes: 0 removed; 1 it is the last one; 11 another process uses the database; "
    "21 no such slot; 33 a page is damaged; 74 it could not be written; 10-12 database or key."
)
@click.argument("label")
@click.option("--rotate", "also_rotate", is_flag=True,
              help="Then encrypt the database under a new key, as `key rotate` does.")  # fmt: skip
@pass_settings
def remove(settings: Settings, label: str, also_rotate: bool) -> None:
    """Remove a slot: its secret no longer opens the database.

    A copy of the old slots file still opens the database with that secret until the database key
    changes. On a terminal, facecli offers that change; --rotate makes it without a question.

    \b
    Example:
      facecli key remove night-purge --rotate
    """
    with _alone(settings, "key.remove") as opened:
        keyring.remove(opened.db, label, _recorder(opened, "key.remove"))
        settings.note(f"Removed the key slot {label!r}. {OLD_SLOTS}")
        if also_rotate or (settings.interactive and ask(ROTATE_NOW)):
            rotate_key(opened)
            settings.note(f"Encrypted {settings.db} under a new key.")


@command.command(
    epilog="Exit codes: 0 rotated; 11 another process uses the database; 33 a page is damaged; "
    "74 no room for a second copy, or it could not be written; 10-12 database or key."
)
@pass_settings
def rotate(settings: Settings) -> None:
    """Encrypt the database under a new random key. The slots and their secrets stay.

    The new key does not open copies of the old file (snapshots, freed blocks). The rotation needs
    free space of the size of the database, and no other process may use it. Backups keep their
    own keys.

    \b
    Example:
      facecli key rotate
    """
    with _alone(settings, "key.rotate") as opened:
        rotate_key(opened)
    settings.note(f"Encrypted {settings.db} under a new key.")


@contextmanager
def _alone(settings: Settings, action: str) -> Iterator[Session]:
    """Open a session that may change the slots, and complete a change that a crash cut short."""
    with session(settings, action, exclusive=True, guarded=True) as opened:
        keyring.complete(opened.db, _recorder(opened, "key.remove"))
        yield opened


def _recorder(opened: Session, action: str, kind: str | None = None) -> Callable[[str, str], None]:
    """Return a function that logs a change of slots in the open transaction."""

    def record(label: str, outcome: str) -> None:
        details: dict[str, Any] = {"slot": label} if kind is None else {"slot": label, "kind": kind}
        if outcome == "interrupted":
            outcome, details = "done", {**details, "completed": True}
        opened.recording().record(action, outcome, details=details)

    return record
