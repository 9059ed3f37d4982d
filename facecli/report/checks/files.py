"""Checks of files from outside: the database, its slots and journal, its folder, the key's file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from facecli.errors.base import FacecliError
from facecli.keys import slots
from facecli.keys.sources import KeySource
from facecli.report.findings import Finding, error, failed, ok, warning
from facecli.store.files import ASIDE, check_file, check_folder, journal_of

PRIVATE = 0o077
WRITABLE = 0o022


def check(path: Path, source: KeySource | None) -> Iterator[Finding]:
    """Everything about the database at `path`, and about the key source in use if there is one."""
    yield _database(path)
    if path.parent.is_dir():
        yield _folder(path.resolve().parent)
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
        "database", f"{path}: {status.st_size:,} bytes, mode {_octal(status.st_mode)}"
    )


def _owner(check: str, path: Path) -> Finding | None:
    """A file that root has replaced is closed to the user whose folder it is in."""
    if path.stat().st_uid == path.resolve().parent.stat().st_uid:
        return None
    return warning(
        check,
        f"{path} does not belong to the user who owns its folder.",
        "Run `facecli init --system` as root, which gives it back; work as that user.",
    )


def _folder(folder: Path) -> Finding:
    try:
        check_folder(folder)
    except FacecliError as why:
        return failed("folder", why)
    return _mode("folder", folder, WRITABLE, "go-w")


def _mode(check: str, path: Path, forbidden: int, chmod: str) -> Finding:
    """May others do with this file or folder what they must not?"""
    status = path.stat()
    if status.st_mode & forbidden:
        return error(
            check,
            f"{path} has mode {_octal(status.st_mode)}: it is open to others.",
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
            f"There is one way in, the slot {labels[0]!r}: if its secret is lost, so is all data.",
            "Add another with `facecli key add`, and keep its secret elsewhere.",
        )
    else:
        yield ok("key-slots", f"{len(labels)} ways in: {', '.join(labels)}")


def _put_aside(path: Path) -> Iterator[Finding]:
    """What a restore kept of the database before it: people may be in it who are erased here."""
    aside = path.resolve().with_name(path.resolve().name + ASIDE)
    if aside.exists():
        yield warning(
            "before-restore",
            f"{aside} is the database before a restore; retention does not reach it.",
            "Delete it and its .keys when the restore has been looked at.",
        )


def _left_over(path: Path) -> Iterator[Finding]:
    """Files that SQLite leaves beside a database whose last write was cut short, or in WAL mode."""
    journal = journal_of(path)
    if journal.exists() and journal.stat().st_size:
        yield warning(
            "journal",
            f"{journal} is there: something is being written, or a write was cut short.",
            "Leave it where it is; the next command that opens the database completes or undoes "
            "the write.",
        )
    else:
        yield ok("journal", "no journal is left over")
    for suffix in ("-wal", "-shm"):
        other = journal.with_name(journal.name.removesuffix("-journal") + suffix)
        if other.exists():
            yield error(
                "journal",
                f"{other} is there: another program has put the database into WAL mode.",
                "Leave it where it is, and run any facecli command, which takes it in; let no "
                "other program open the database.",
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
            f"{file} cannot be looked at: {(why.strerror or 'unknown error').lower()}.",
            f"Put the file back, or name another with {source.option}.",
        )
        return
    if regular:
        yield _mode("key", file, PRIVATE, "600")
    if file.resolve().parent == path.resolve().parent:
        yield warning(
            "key-place",
            f"{file} lies beside the database: who takes the folder has both.",
            "Keep the key, and its backup, in another folder and on other media.",
        )


def _octal(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"
