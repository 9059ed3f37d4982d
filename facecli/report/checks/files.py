"""Checks of files: the database, its key slots, its journal, its folder and the key file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from facecli.errors.base import FacecliError
from facecli.keys import slots
from facecli.keys.sources import KeySource
from facecli.printable import counted
from facecli.report.findings import Finding, error, failed, ok, warning
from facecli.store.files import check_file, check_folder
from facecli.store.names import ASIDE, journal_of

PRIVATE = 0o077
WRITABLE = 0o022


def check(path: Path, source: KeySource | None) -> Iterator[Finding]:
    """Check the files of the database at `path`, and the key source if there is one."""
    yield _database(path)
    if os.path.isdir(path.parent):
        yield _folder(path.resolve().parent)
    if os.access(path.parent, os.X_OK):
        yield from _slots(path)
        yield from _left_over(path)
        yield from _put_aside(path)
    if source is not None:
        yield from _key(path, source)


def _database(path: Path) -> Finding:
    try:
        check_file(path)
    except FacecliError as why:
        return failed("database", why)
    status = path.stat()
    return _owner("database", path) or ok(
        "database", f"{path}: {counted(status.st_size, 'byte')}, mode {_octal(status.st_mode)}"
    )


def _owner(check: str, path: Path) -> Finding | None:
    """Warn of a file that root has replaced; the owner of the folder cannot open it."""
    if path.stat().st_uid == path.resolve().parent.stat().st_uid:
        return None
    return warning(
        check,
        f"{path} does not belong to the user who owns its folder.",
        "Run `facecli init --system` as root to restore the owner, then work as that user.",
    )


def _folder(folder: Path) -> Finding:
    try:
        check_folder(folder)
    except FacecliError as why:
        return failed("folder", why)
    return _mode("folder", folder, WRITABLE, "go-w")


def _mode(check: str, path: Path, forbidden: int, chmod: str) -> Finding:
    """Check that a file or folder is closed to other users."""
    status = path.stat()
    if status.st_mode & forbidden:
        return error(
            check,
            f"{path} has mode {_octal(status.st_mode)}: other users can open it.",
            f"Run `chmod {chmod} {path}`.",
        )
    if status.st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
        return warning(
            check, f"{path} belongs to another user.", "Run facecli as the user who owns it."
        )
    return ok(check, f"{path}: mode {_octal(status.st_mode)}")


def _slots(path: Path) -> Iterator[Finding]:
    try:
        labels = [slot.label for slot in slots.read(path).slots]
    except FacecliError as why:
        yield failed("key-slots", why)
        return
    beside = slots.slots_path(path)
    yield _owner("key-slots-file", beside) or _mode("key-slots-file", beside, PRIVATE, "600")
    if len(labels) == 1:
        yield warning(
            "key-slots",
            f"There is one key slot, {labels[0]!r}. If its secret is lost, all data is lost.",
            "Add another with `facecli key add`, and keep its secret in another place.",
        )
    else:
        yield ok("key-slots", f"{counted(len(labels), 'slot')}: {', '.join(labels)}")


def _put_aside(path: Path) -> Iterator[Finding]:
    """Warn of the database that a restore put aside; it may hold subjects that are erased here."""
    aside = path.resolve().with_name(path.resolve().name + ASIDE)
    if aside.exists():
        yield warning(
            "before-restore",
            f"{aside} is the database from before a restore. Only `backup erase` reaches it.",
            "Check the restored database, then delete this file and its .keys file, and run "
            f"`facecli backup erase {aside} --gone`.",
        )


def _left_over(path: Path) -> Iterator[Finding]:
    """Check for the files of SQLite: a journal after an interrupted write, or WAL mode."""
    journal = journal_of(path)
    if journal.exists() and journal.stat().st_size:
        yield warning(
            "journal",
            f"{journal} exists: a write is running, or was interrupted.",
            "Leave it in place. The next command that opens the database completes or undoes the "
            "write.",
        )
    else:
        yield ok("journal", "no journal")
    for suffix in ("-wal", "-shm"):
        other = journal.with_name(journal.name.removesuffix("-journal") + suffix)
        if other.exists():
            yield error(
                "journal",
                f"{other} exists: another program has put the database into WAL mode.",
                "Leave it in place and run any facecli command, which merges it. Let no other "
                "program open the database.",
            )


def _key(path: Path, source: KeySource) -> Iterator[Finding]:
    if source.option == "CREDENTIALS_DIRECTORY":
        yield ok("key", "the key comes from systemd's credentials")
        return
    if "COMMAND" in source.option.upper():
        yield ok("key", f"the passphrase comes from a command ({source.option})")
        return
    if source.value == "-":
        yield ok("key", "the passphrase comes from stdin")
        return
    file = Path(source.value)
    try:
        regular = stat.S_ISREG(file.stat().st_mode)
    except OSError as why:
        yield error(
            "key",
            f"{file} cannot be read: {(why.strerror or 'unknown error').lower()}.",
            f"Put the file back, or name another with {source.option}.",
        )
        return
    if regular:
        yield _mode("key", file, PRIVATE, "600")
    if file.resolve().parent == path.resolve().parent:
        yield warning(
            "key-place",
            f"{file} is in the folder of the database. A copy of the folder holds both.",
            "Keep the key in another folder, and its backup on other media.",
        )


def _octal(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"
