"""The end of an export, from which the next one goes on: the file of `--cursor-file`.

    {"leaf_hash":"9f86…","origin":"facecli.log/9f86d081884c7d65","schema":"facecli.log-cursor/1",
     "seq":812}

It names the last entry that was exported by its number and its hash. A cursor of another log, or
of a log that an earlier state replaced, does not fit.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from facecli.audit.canonical import GREATEST, canonical
from facecli.audit.entries import recorded
from facecli.errors.audit import CursorRefused, LogAltered, LogTruncated
from facecli.store.database import Database

SCHEMA = "facecli.log-cursor/1"
NO_ENTRY = "0" * 64
LEAF_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Cursor:
    """The last entry that was exported: `seq` 0 and a hash of zeros if there is none."""

    origin: str
    seq: int
    leaf_hash: str

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        return canonical({"schema": SCHEMA, **self.__dict__}) + b"\n"


def at(db: Database, origin: str, seq: int) -> Cursor:
    """Return the cursor that stands at an entry of this log."""
    leaf = db.value("SELECT leaf_hash FROM audit_entry WHERE seq = ?", (seq,))
    return Cursor(origin, seq, NO_ENTRY if leaf is None else leaf.hex())


def parse(content: bytes, path: Path) -> Cursor:
    """Read a cursor file.

    Raises:
        CursorRefused: it is no cursor, or damaged.
    """
    try:
        record = json.loads(content)
        cursor = Cursor(record["origin"], record["seq"], record["leaf_hash"])
        if cursor.to_bytes() != content:
            raise ValueError
        if not 0 <= cursor.seq <= GREATEST or not LEAF_HASH.fullmatch(cursor.leaf_hash):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CursorRefused(path=path, why="it is damaged, or no cursor of facecli") from None
    return cursor


def check(cursor: Cursor, path: Path, db: Database, origin: str) -> None:
    """Check that a cursor stands at an entry of this log.

    Raises:
        CursorRefused: it is of another database.
        LogTruncated: it stands after the end of the log.
        LogAltered: the entry that was exported is another one now.
    """
    if cursor.origin != origin:
        raise CursorRefused(path=path, why="it belongs to another database")
    size = recorded(db).size
    if cursor.seq > size:
        raise LogTruncated(
            why=f"the cursor {path} stands at entry {cursor.seq}, and the log ends at entry {size}"
        )
    if at(db, origin, cursor.seq) != cursor:
        raise LogAltered(why=f"entry {cursor.seq} is not the one that was exported before")
