"""Restoring a backup without bringing back whom the log says was erased since.

Where the present database is still there, its log is the restored one's log too: nothing that was
done since the backup vanishes from it, seals made since keep their meaning, and the restore is its
next entry. What restricts is taken over from it (`_take_over_...`).

Where it is gone, the log goes on from the backup's end, and what exports say restricted since is
done again (`restricting`). The epoch key that comes back with it was erased since; whoever holds
a later checkpoint gets exit 31, which names the restore's entry. Either way a new epoch begins.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from facecli.audit import export_files, sealing
from facecli.audit.entries import Act, last_moment, recorded
from facecli.audit.log_verification import verify_export
from facecli.audit.stored_entries import tree
from facecli.consent import spent
from facecli.erasure.restore import erasures, restrictions
from facecli.erasure.restore.erasures import Erased
from facecli.errors.audit import LogUnsealed
from facecli.errors.base import FacecliError
from facecli.errors.command_line import BadInput
from facecli.errors.erasure import ErasuresUnknown
from facecli.errors.store import BackupRefused
from facecli.store import time_reached as reached
from facecli.store.database import Database
from facecli.store.integrity import check_structure

# What is taken over from the present database: the log, whom it erased, and who may open it.
LOG_TABLES = (
    "audit_frontier",
    "audit_node",
    "identity_key",
    "signing_key",
    "checkpoint",
    "erasure",
    "key_slot",
)

# Acts that change nothing of what a backup holds, or that are done again in it.
NOT_LOST = {
    *("backup.create", "backup.restore", "clock.trust"),
    *("key.list", "key.remove", "key.rotate", "log.certificate", "log.checkpoint", "log.export"),
    *("purge", "purge.erase", "revoke", "revoke.erase"),
    *restrictions.ACTIONS,
}

# Acts whose effect is taken over from the present database.
ROW_BY_ROW = {*restrictions.ACTIONS, "key.add", "key.remove", "key.rotate"}

# Acts of whose entries more is needed than that they were done.
NEEDED_WHOLE = {*erasures.ACTIONS, *restrictions.ACTIONS, "key.remove"}


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
    """What was done since a backup, known up to entry `until`, and the time reached by then.

    `restricting` are entries to be done again. `ended_unseen`: did consents end of which nobody can
    tell any more whose they were?
    """

    until: int
    erased: dict[str, Erased]
    acts: Counter[str]
    restrictions: tuple[dict[str, Any], ...]
    removed_slots: frozenset[str]
    ended_unseen: bool
    reached: str

    def lost(self) -> dict[str, int]:
        """The acts whose effect a restored backup lacks, and how many of each."""
        return {name: count for name, count in self.acts.items() if name not in NOT_LOST}

    def closed(self) -> list[str]:
        """The purposes whose file must be applied again."""
        changed = (one for one in self.restrictions if one["action"] == "purpose.apply")
        return sorted({one["purpose"] for one in changed})

    def over(self, present: Since) -> Since:
        """What exports (this) and the present database know, whose state is taken over.

        Of a person both know, the larger numbers; of the rest, what the present one lacks.
        """
        erased = dict(present.erased)
        for pseudonym, one in self.erased.items():
            known = erased.setdefault(pseudonym, one)
            known.whole |= one.whole
            known.counts |= one.counts
        there = {(one["seq"], one["at"]) for one in present.restrictions}
        more = tuple(one for one in self.restrictions if (one["seq"], one["at"]) not in there)
        return Since(
            max(self.until, present.until),
            erased,
            present.acts | Counter({n: c for n, c in self.acts.items() if n not in ROW_BY_ROW}),
            more,
            frozenset(),
            bool(self.erased.keys() - present.erased.keys()) or _withdrawn(more),
            max(self.reached, present.reached),
        )


def examine(db: Database) -> Contents:
    """Check every page of a backup and every entry of its log; what it holds.

    Raises:
        PageDamaged, LogAltered, LogTruncated
    """
    try:
        sealed = sealing.verify(db).sealed
    except LogUnsealed:  # never: everything else was checked before this was said
        sealed = 0
        check_structure(db)
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
    if tree(present).root(frontier.size) != frontier.root():
        raise BackupRefused(path=path, why="its log is not the beginning of the present one")
    acts = _acts(erasures.entries_since(present, frontier.size))
    since = _since(now.size, acts, reached.reached(present))
    kept = {name: count for name, count in since.acts.items() if name not in ROW_BY_ROW}
    return replace(since, acts=Counter(kept))


def since_by(exports: Sequence[Path], backup: Database) -> Since:
    """What exports of the log say was done since the backup.

    Raises:
        ErasuresUnknown: they leave out entries since the backup, or do not reach it.
        LogAltered, LogTruncated, LogUnsealed: one of them does not verify.
        BadInput, WrongFile: one of them cannot be read, or is a file of another kind.
    """
    size = recorded(backup).size
    read = sorted((_read(path, backup) for path in exports), key=lambda one: one[0])
    until, found = size, {}
    if not read or max(last for _, last, _ in read) <= size:
        raise ErasuresUnknown(why=f"no export goes beyond the backup's last entry, {size}")
    for after, last, entries in read:
        if after > until:
            raise ErasuresUnknown(why=f"entries {until + 1} to {after} are in no export")
        until = max(until, last)
        found.update({entry["seq"]: entry for entry in entries})
    later = [found[seq] for seq in sorted(found) if seq > size]
    return _since(until, later, reached.reached(backup))


def finish(act: Act, since: Since, present: Database | None) -> int:
    """Bring a copy of the backup up to date, and log the restore. How many people were erased.

    Args:
        act: in the copy.
        present: the database that the copy replaces; None if it is gone.
    """
    size = recorded(act.db).size
    if present is not None:
        _take_over_log(act.db, present, size)
    sealing.begin_epoch(act)
    people = erasures.reapply(act, since.erased)
    if present is not None:  # after it, so that a consent counts as ended when it really did
        ended = present.execute("SELECT * FROM spent_consent")
        _insert(act.db, "spent_consent", ended, "INSERT OR REPLACE")
        unknown = present.execute("SELECT * FROM meta WHERE name = 'ends_unknown_until'")
        _insert(act.db, "meta", unknown, "INSERT OR REPLACE")
        _take_over_purposes(act.db, present)
        _take_over_holds(act.db, present)
        _take_over_withdrawals(act.db, present)
    restrictions.restrict(act, since.restrictions)
    _remove_slots(act, since.removed_slots)
    if since.ended_unseen:
        spent.forget_before(act.db, act.now)
    reached.advance(act.db, since.reached)
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


def _since(until: int, entries: Iterable[dict[str, Any]], time: str) -> Since:
    entries = list(entries)
    done = [one for one in entries if one["outcome"] == "done"]
    again = tuple(one for one in done if one["action"] in restrictions.ACTIONS)
    erased = erasures.collect(done)
    for one in entries:
        time = reached.onward(time, one["at"])
    return Since(
        until=until,
        erased=erased,
        acts=Counter(one["action"] for one in done),
        restrictions=again,
        removed_slots=frozenset(
            one["details"]["slot"] for one in done if one["action"] == "key.remove"
        ),
        ended_unseen=bool(erased) or _withdrawn(again),
        reached=time,
    )


def _withdrawn(entries: Iterable[dict[str, Any]]) -> bool:
    return any(one["action"] == "consent.withdraw" for one in entries)


def _acts(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Entries, without what is not needed: of most, only that they were there."""
    for entry in entries:
        if entry["action"] in NEEDED_WHOLE:
            yield entry
        else:
            yield {name: entry[name] for name in ("action", "outcome", "seq", "at")}


def _read(path: Path, backup: Database) -> tuple[int, int, list[dict[str, Any]]]:
    """An export's first and last place, and its entries; verified with the log's trust key."""
    try:
        with export_files.opened(path) as file:
            found = verify_export(file, sealing.trust_key(backup))
            entries = list(_acts(json.loads(line) for line in file.lines()))
    except BadInput:  # names the file itself
        raise
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
    copy.execute("DELETE FROM meta WHERE name LIKE 'lost_terms/%'")
    lost = present.execute("SELECT * FROM meta WHERE name LIKE 'lost_terms/%'")
    _insert(copy, "meta", lost, "INSERT")
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


def _take_over_withdrawals(copy: Database, present: Database) -> None:
    """Consents that were withdrawn and wait for their erasure."""
    for row in present.rows(
        "SELECT withdrawn_at, record_id FROM consent WHERE withdrawn_at IS NOT NULL"
    ):
        copy.execute("UPDATE consent SET withdrawn_at = ? WHERE record_id = ?", tuple(row))


def _remove_slots(act: Act, labels: Iterable[str]) -> None:
    """Ways in that were closed since; but not the one that opened the backup."""
    for label in sorted(set(labels) - {act.actor.slot}):
        gone = act.db.execute("DELETE FROM key_slot WHERE label = ?", (label,))
        if gone.rowcount:
            act.record("key.remove", details={"slot": label})


def _insert(copy: Database, table: str, rows: Iterable[Any], verb: str) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        copy.execute(f"{verb} INTO {table} VALUES ({marks})", tuple(row))


def _count(db: Database, table: str) -> int:
    return int(db.value(f"SELECT count(*) FROM {table}"))  # noqa: S608 -- our own names
