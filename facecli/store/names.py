"""One database file has one name, and its journal has the name that belongs to it.

SQLite finds the journal of a write that was cut short by the name of the file. Under a second name
it finds none: it reads a file that is half written, and commits to it. The first name would later
undo those commits with the journal that stayed behind.

A journal belongs to the file whose salt the first page in it carries (sqlite.org/fileformat.html,
section 3; SQLCipher leaves the salt in clear).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from facecli.errors.store import ForeignJournal, MountedAlone, NoJournal, TwoNames

SALT_BYTES = 16
MOUNTS = Path("/proc/self/mountinfo")
JOURNAL = "-journal"
SIDE_FILES = (JOURNAL, "-wal", "-shm")
"""Suffixes of names beside a database that belong to SQLite: it may delete what it finds there."""
ASIDE = ".before-restore"
"""Suffix of a database that a restore has replaced by a backup."""
_MAGIC = bytes.fromhex("d9d505f920a163d7")
_HEADER = 28
_LARGEST_SECTOR = 1 << 16
_NEW = re.compile(r"\.[0-9a-f]{8}\.new")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def journal_of(path: Path) -> Path:
    """Return the path of SQLite's rollback journal: beside the file itself, not beside a link."""
    real = path.resolve()
    return real.with_name(real.name + JOURNAL)


def check_names(path: Path, salt: bytes) -> None:
    """Check that a file has one name, and that the journals beside it are where they belong.

    Args:
        path: the file, or a symbolic link to it.
        salt: its first bytes.

    Raises:
        TwoNames: it has a second name, a hard link.
        MountedAlone: its name is a mount of the single file.
        ForeignJournal: its journal belongs to another file, or a journal of it has another name.
        NoJournal: what has the name of its journal is no regular file.
    """
    real = path.resolve()
    links = real.stat().st_nlink
    if links > 1 and links - _left_by_a_crash(real) > 1:
        raise TwoNames(path=path, links=links)
    if str(real) in _mount_points():
        raise MountedAlone(path=path)
    own = journal_of(real)
    if own.exists() and not own.is_file():  # opening a pipe would wait
        raise NoJournal(path=path, journal=own)
    for journal in _journals(real.parent):
        owner = journal.with_name(journal.name.removesuffix(JOURNAL))
        if owner == real:
            if salt_in_journal(journal) not in (salt, None):
                raise ForeignJournal(path=path, journal=journal, why="it belongs to another file")
        elif not owner.exists() and salt_in_journal(journal) == salt:
            raise ForeignJournal(path=path, journal=journal, why="it belongs to this file")


def salt_in_journal(path: Path) -> bytes | None:
    """Return the salt in the first page that a journal keeps; None if it keeps none."""
    with suppress(OSError), path.open("rb") as stream:  # it may have been deleted meanwhile
        while header := stream.read(_HEADER):
            if header[:8] != _MAGIC:
                return None
            sector, page = (int.from_bytes(header[at : at + 4], "big") for at in (20, 24))
            if not (_HEADER <= sector <= _LARGEST_SECTOR and SALT_BYTES <= page):
                return None
            stream.seek(sector - _HEADER, os.SEEK_CUR)
            while (number := stream.read(4)) not in (b"", _MAGIC[:4]):
                if int.from_bytes(number, "big") == 1:
                    return stream.read(SALT_BYTES)
                stream.seek(page + 4, os.SEEK_CUR)  # the page and its checksum
            if number:
                stream.seek(-4, os.SEEK_CUR)
    return None


def _journals(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(JOURNAL) and entry.is_file():
                yield Path(entry.path)


def _left_by_a_crash(real: Path) -> int:
    """Count the names that a crash of `init` or `backup restore` has left of a file."""
    with os.scandir(real.parent) as entries:
        rests = [
            entry
            for entry in entries
            if entry.name.startswith(real.name)
            and ((rest := entry.name[len(real.name) :]) == ASIDE or _NEW.fullmatch(rest))
        ]
        return sum(entry.inode() == real.stat().st_ino for entry in rests)


def _mount_points() -> set[str]:
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return set()
    return {_ESCAPED.sub(lambda found: chr(int(found[1], 8)), line.split(" ")[4]) for line in lines}
