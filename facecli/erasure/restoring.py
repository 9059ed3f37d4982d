"""Restoring a backup without bringing back whom the log says was erased since.

Where the present database is still there, its log is the restored one's log too: nothing that was
done since the backup vanishes from it, seals made since keep their meaning, and the restore is its
next entry. Where it is gone, the log goes on from the backup's end. The signing key that comes
back with it was erased since; whoever holds a later checkpoint is told so (exit 31), rightly: the
log was put back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facecli.audit import sealing
from facecli.audit.entries import Act, last_moment, recorded
from facecli.audit.verification import verify_export
from facecli.erasure import reapplying
from facecli.erasure.reapplying import Erased
from facecli.errors import (
    BackupRefused,
    BadInput,
    ErasuresUnknown,
    FacecliError,
    LogUnsealed,
)
from facecli.store.database import Database

# What is taken over from the present database: the log, whom it erased, and who may open it.
LOG_TABLES = ("audit_frontier", "audit_node", "signing_key", "checkpoint", "erasure", "key_slot")

# Acts whose effect is taken over too: what restricts must not be undone by putting data back.
TAKEN_OVER = {"purpose.apply", "purpose.retire", "subject.hold", "subject.release"}

# Acts that change nothing of what a backup holds, or are done again.
NOT_LOST = {"backup", "key", "log", "purge", "revoke"}


@dataclass(frozen=True)
class Contents:
    """What a backup holds. `sealed` entries of its log are under a checkpoint."""

    database_id: str
    entries: int
    root: str
    last_entry_at: str
    sealed: int
    subjects: int
    templates: int
    photos: int


@dataclass(frozen=True)
class Since:
    """What was done since a backup: to whom, and which acts, known up to entry `until`."""

    until: int
    erased: dict[str, Erased]
    acts: Counter[str]

    def lost(self) -> dict[str, int]:
        """The acts whose effect a restored backup lacks, and how many of each."""
        rooms = {name: name.partition(".")[0] for name in self.acts}
        return {name: self.acts[name] for name, room in rooms.items() if room not in NOT_LOST}

    def joined(self, other: Since) -> Since:
        """What the present database and exports know; of a person both know, the larger numbers."""
        erased = dict(self.erased)
        for pseudonym, one in other.erased.items():
            known = erased.get(pseudonym)
            if known is None:
                erased[pseudonym] = one
            else:
                known.whole |= one.whole
                known.counts |= one.counts
        acts = {name: count for name, count in other.acts.items() if name not in TAKEN_OVER}
        return Since(max(self.until, other.until), erased, self.acts | Counter(acts))


def examine(db: Database) -> Contents:
    """Check every page of a backup and every entry of its log; what it holds.

    Raises:
        PageDamaged, LogAltered, LogTruncated
    """
    try:
        sealed = sealing.verify(db).sealed
    except LogUnsealed:  # never: everything else was checked before this was said
        sealed = 0
        db.check_structure()
    frontier = recorded(db)
    return Contents(
        database_id=database_id(db),
        entries=frontier.size,
        root=frontier.root().hex(),
        last_entry_at=last_moment(db) or "",
        sealed=sealed,
        subjects=_count(db, "subject"),
        templates=_count(db, "template"),
        photos=_count(db, "sample"),
    )


def database_id(db: Database) -> str:
    """The random id that a database keeps through rotations and restores."""
    return str(db.value("SELECT value FROM meta WHERE name = 'database_id'"))


def since_in(present: Database, backup: Database) -> Since:
    """What the present database's log says was done since the backup, without what is taken over.

    Raises:
        BackupRefused: it is of another database, newer, or of another course of its log.
    """
    path = backup.path
    if database_id(present) != database_id(backup):
        raise BackupRefused(path=path, why="it is of another database")
    frontier, now = recorded(backup), recorded(present)
    if frontier.size > now.size:
        raise BackupRefused(
            path=path,
            why=f"it is newer than the present database (its log has {frontier.size} entries, the "
            f"present one {now.size}); if that one was put back, move it away and give exports",
        )
    if sealing.tree(present).root(frontier.size) != frontier.root():
        raise BackupRefused(path=path, why="its log is not the beginning of the present one")
    acts = _acts(reapplying.entries_since(present, frontier.size))
    return _since(now.size, (one for one in acts if one["action"] not in TAKEN_OVER))


def since_by(exports: Sequence[Path], backup: Database) -> Since:
    """What exports of the log say was done since the backup.

    Raises:
        ErasuresUnknown: they leave out entries since the backup, or do not reach it.
        LogAltered, LogTruncated, LogUnsealed: one of them does not verify.
        BadInput: one of them cannot be read.
    """
    size = recorded(backup).size
    read = sorted((_read(path, backup) for path in exports), key=lambda one: one[0])
    until, found = size, {}
    if not read or max(last for _, last, _ in read) < size:
        raise ErasuresUnknown(why=f"no export reaches the backup's last entry, {size}")
    for after, last, entries in read:
        if after > until:
            raise ErasuresUnknown(why=f"entries {until + 1} to {after} are in no export")
        until = max(until, last)
        found.update({entry["seq"]: entry for entry in entries})
    return _since(until, [found[seq] for seq in sorted(found) if seq > size])


def finish(act: Act, since: Since, present: Database | None) -> int:
    """Bring a copy of the backup up to date, and log the restore. How many people were erased.

    Args:
        act: in the copy.
        present: the database that the copy replaces; None if it is gone.
    """
    size = recorded(act.db).size
    if present is not None:
        _take_over_log(act.db, present, size)
    people = reapplying.reapply(act, since.erased)
    if present is not None:  # after it, so that a consent counts as ended when it really did
        spent = present.execute("SELECT * FROM spent_consent")
        _insert(act.db, "spent_consent", spent, "INSERT OR REPLACE")
        _take_over_purposes(act.db, present)
        _take_over_holds(act.db, present)
    act.record(
        "backup.restore",
        details={
            "backup_entries": size,
            "erasures_known_until": since.until,
            "erased_again": people,
            "log": "continued" if present is None else "taken over",
        },
    )
    return people


def _since(until: int, entries: Iterable[dict[str, Any]]) -> Since:
    entries = list(entries)
    return Since(until, reapplying.collect(entries), Counter(one["action"] for one in entries))


def _acts(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Entries, without what is not needed of those that are no erasures."""
    for entry in entries:
        if entry["action"] in reapplying.ACTIONS:
            yield entry
        elif entry["outcome"] == "done":
            yield {"action": entry["action"], "outcome": "done", "seq": entry["seq"]}


def _read(path: Path, backup: Database) -> tuple[int, int, list[dict[str, Any]]]:
    """An export's first and last place, and its entries; verified with the log's trust key."""
    entries: list[dict[str, Any]] = []

    def lines(stream: Iterable[bytes]) -> Iterator[bytes]:
        for line in stream:
            yield line
            try:
                entry = json.loads(line)
                if "action" in entry:
                    entries.extend(_acts([entry]))
            except (ValueError, TypeError, KeyError) as error:
                raise BadInput(what=f"The export {path}", why="it is no export") from error

    try:
        with path.open("rb") as stream:
            found = verify_export(lines(stream), sealing.trust_key(backup))
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=f"The export {path}", why=why) from None
    except FacecliError as error:
        error.args = (f"{path}: {error.args[0]}",)
        error.message = f"{path}: {error.message}"
        raise
    return found.after, found.until, entries


def _take_over_log(copy: Database, present: Database, size: int) -> None:
    for table in LOG_TABLES:
        copy.execute(f"DELETE FROM {table}")  # noqa: S608 -- our own names
        _insert(copy, table, present.execute(f"SELECT * FROM {table}"), "INSERT")  # noqa: S608
    later = present.execute("SELECT * FROM audit_entry WHERE seq > ? ORDER BY seq", (size,))
    _insert(copy, "audit_entry", later, "INSERT")


def _take_over_purposes(copy: Database, present: Database) -> None:
    """The purposes as they stand now: consents to earlier versions must not count again."""
    for purpose in present.rows("SELECT * FROM purpose ORDER BY id"):
        copy.execute(
            "INSERT INTO purpose (code, retired_at) VALUES (:code, :retired_at)"
            " ON CONFLICT (code) DO UPDATE SET retired_at = excluded.retired_at",
            {"code": purpose["code"], "retired_at": purpose["retired_at"]},
        )
        purpose_id = copy.value("SELECT id FROM purpose WHERE code = ?", (purpose["code"],))
        known = {
            (row["version"], row["revision"])
            for row in copy.rows(
                "SELECT * FROM purpose_version WHERE purpose_id = ?", (purpose_id,)
            )
        }
        for row in present.rows(
            "SELECT * FROM purpose_version WHERE purpose_id = ? ORDER BY id", (purpose["id"],)
        ):
            if (row["version"], row["revision"]) not in known:
                values = {name: row[name] for name in row.keys() if name != "id"}  # noqa: SIM118
                copy.insert("purpose_version", **{**values, "purpose_id": purpose_id})


def _take_over_holds(copy: Database, present: Database) -> None:
    """The holds as they stand now: whom one restricts must not be matched again."""
    copy.execute(
        "UPDATE subject SET state ="
        " (SELECT state_before FROM subject_hold h WHERE h.subject_id = subject.id)"
        " WHERE id IN (SELECT subject_id FROM subject_hold)"
    )
    copy.execute("DELETE FROM subject_hold")
    for row in present.rows(
        "SELECT h.*, s.pseudonym FROM subject_hold h JOIN subject s ON s.id = h.subject_id"
    ):
        who = (row["pseudonym"],)
        subject_id = copy.value("SELECT id FROM subject WHERE pseudonym = ?", who)
        if subject_id is not None:
            values = {name: row[name] for name in ("reason", "until", "set_at", "state_before")}
            copy.insert("subject_hold", subject_id=subject_id, **values)
            copy.execute("UPDATE subject SET state = 'restricted' WHERE pseudonym = ?", who)


def _insert(copy: Database, table: str, rows: Iterable[Any], verb: str) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        copy.execute(f"{verb} INTO {table} VALUES ({marks})", tuple(row))


def _count(db: Database, table: str) -> int:
    return int(db.value(f"SELECT count(*) FROM {table}"))  # noqa: S608 -- our own names
