"""Restore a backup without bringing back anyone erased since.

If the present database still exists, its log becomes the log of the restored one: no later entry is
lost, later seals stay valid, and the restore is the next entry. Restrictions are taken over too.

If it is gone, the log continues from the backup's end, and the restrictions that exports record are
repeated (`restrictions`). The epoch key that returns had been erased since. A verifier with a later
checkpoint gets exit 31, which names the restore's entry. Either way a new epoch begins.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from facecli.audit import export_files, sealing, stored_entries
from facecli.audit.entries import Act, last_moment, recorded
from facecli.audit.log_verification import verify_export
from facecli.audit.take_over import take_over_log
from facecli.consent import consents, holds, interactions, lapses, purposes, spent, subjects
from facecli.consent.register import leaving
from facecli.erasure import match_retention
from facecli.erasure.copies import course, known
from facecli.erasure.copies.known import KnownCopy
from facecli.erasure.match_retention import CutOff
from facecli.erasure.restore import erasures, restrictions
from facecli.erasure.restore.erasures import Erased
from facecli.errors.audit import LogUnsealed
from facecli.errors.base import FacecliError
from facecli.errors.command_line import BadInput
from facecli.errors.erasure import ErasuresUnknown
from facecli.store import copy_marks, holdings, keyring, meta
from facecli.store import time_reached as reached
from facecli.store.database import Database
from facecli.store.integrity import check_structure
from facecli.store.take_over import replace_rows

# Acts that change nothing in a backup, or that are repeated in it.
NOT_LOST = {
    *("backup.create", "backup.erase", "backup.restore", "backup.verify"),
    *("clock.trust", "faces.remove"),
    *("key.list", "key.remove", "key.rotate", "log.certificate", "log.checkpoint", "log.epoch"),
    "log.export",
    *("purge", "purge.erase", match_retention.ACTION, "revoke", "revoke.erase"),
    *restrictions.ACTIONS,
}

# Acts whose effect is copied from the present database.
ROW_BY_ROW = {
    *restrictions.ACTIONS,
    *("key.add", "key.remove", "key.rotate", "subject.correct"),
    *("alternative.offer", "disclosure.record", "elsewhere.add"),
}

KEPT = ("action", "outcome", "seq", "at", "leaf_hash")  # of the entries that are only counted

# Acts whose whole entries are needed, not only their count.
NEEDED_WHOLE = {
    *erasures.ACTIONS,
    *restrictions.ACTIONS,
    match_retention.ACTION,
    "key.remove",
}


@dataclass(frozen=True)
class BackupContents:
    """The contents of a backup. A checkpoint covers `sealed` entries of its log."""

    database_id: str
    entries: int
    root: str
    last_entry_at: str
    sealed: int
    subjects: int
    templates: int
    photos: int


@dataclass(frozen=True)
class ActsSince:
    """The acts since a backup, known up to entry `until`, and the time reached by then.

    `erased` are the erasures to repeat; `in_backup` are the entries of those that were applied to
    the backup already. `restrictions` are the entries to repeat. `ended_unseen` is True if consents
    ended whose owners are unknown now.
    """

    until: int
    erased: dict[str, Erased]
    in_backup: tuple[dict[str, Any], ...]
    cut_offs: tuple[CutOff, ...]
    acts: Counter[str]
    restrictions: tuple[dict[str, Any], ...]
    removed_slots: frozenset[str]
    ended_unseen: bool
    reached: str

    def lost(self) -> dict[str, int]:
        """Count the acts whose effect a restored backup lacks, by their names."""
        return {name: count for name, count in self.acts.items() if name not in NOT_LOST}

    def closed(self) -> list[str]:
        """Return the purposes whose file must be applied again."""
        changed = (one for one in self.restrictions if one["action"] == "purpose.apply")
        return sorted({one["purpose"] for one in changed})

    def over(self, present: ActsSince) -> ActsSince:
        """Combine what exports (this) and the present database record.

        For a subject in both, the larger numbers count; else, what the present database lacks.
        """
        erased = dict(present.erased)
        for pseudonym, one in self.erased.items():
            both = erased.setdefault(pseudonym, one)
            both.whole |= one.whole
            both.counts |= one.counts
            for what, names in one.named.items():
                both.named[what] |= names
        there = {(one["seq"], one["at"]) for one in present.restrictions}
        more = tuple(one for one in self.restrictions if (one["seq"], one["at"]) not in there)
        return ActsSince(
            max(self.until, present.until),
            erased,
            (),
            tuple(sorted({*present.cut_offs, *self.cut_offs}, key=lambda one: one.at)),
            present.acts | Counter({n: c for n, c in self.acts.items() if n not in ROW_BY_ROW}),
            more,
            frozenset(),
            bool(self.erased.keys() - present.erased.keys()) or _withdrawn(more),
            max(self.reached, present.reached),
        )


def examine(db: Database) -> BackupContents:
    """Check every page of a backup and every entry of its log, and return its contents.

    Raises:
        PageDamaged, LogAltered, LogTruncated
    """
    try:
        sealed = sealing.verify(db).sealed
    except LogUnsealed:  # no seal yet: all other checks ran before this one
        sealed = 0
        check_structure(db)
    frontier, held = recorded(db), holdings.counts(db)
    return BackupContents(
        database_id=meta.database_id(db),
        entries=frontier.size,
        root=frontier.root().hex(),
        last_entry_at=last_moment(db) or "",
        sealed=sealed,
        subjects=subjects.count_all(db),
        templates=held["template"],
        photos=held["photo"],
    )


def since_in(present: Database, backup: Database) -> ActsSince:
    """Return the acts since the backup by the present database's log, without those taken over.

    Raises:
        BackupRefused: the backup is of another database, newer, or of another course of its log.
    """
    course.check(present, backup)
    frontier, now = recorded(backup), recorded(present)
    acts = _acts(stored_entries.after(present, frontier.size))
    since = _since(now.size, acts, reached.reached(present), course.position(present, backup))
    kept = {name: count for name, count in since.acts.items() if name not in ROW_BY_ROW}
    return replace(since, acts=Counter(kept))


def since_by(exports: Sequence[Path], backup: Database) -> ActsSince:
    """Return the acts since the backup by exports of the log.

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
    return _since(until, later, reached.reached(backup), course.position_in(later, backup))


def finish(
    act: Act, since: ActsSince, present: Database | None, aside: KnownCopy | None = None
) -> int:
    """Bring a copy of the backup up to date, and log the restore.

    Args:
        act: in the copy.
        present: the database that the copy replaces; None if it is gone.
        aside: what the present database becomes.

    Returns:
        The number of subjects erased again.
    """
    size = recorded(act.db).size
    copy_marks.remove(act.db)
    if present is not None:
        take_over_log(act.db, present, size)
        replace_rows(act.db, present, ("erasure", "key_slot", "known_copy"))
    if aside is not None:
        known.put(act.db, aside)
    sealing.begin_epoch(act)
    if present is None:
        erasures.record_again(act, since.in_backup)
    people = erasures.reapply(act, since.erased)
    if present is not None:  # after it, so that a consent counts as ended when it really did
        spent.take_over(act.db, present)
        purposes.take_over(act.db, present)
        subjects.take_over_records(act.db, present)
        holds.take_over_states(act.db, present)
        interactions.take_over(act.db, present)
        consents.take_over_withdrawals(act.db, present)
        lapses.take_over(act.db, present)
        leaving.take_over(act.db, present)
    restrictions.restrict(act, since.restrictions)
    match_retention.reapply(act, since.cut_offs)  # once the holds are set again
    _remove_slots(act, since.removed_slots)
    if since.ended_unseen:
        spent.forget_before(act.db, act.now)
    reached.put(act.db, max(since.reached, reached.reached(act.db)))
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


def _since(until: int, entries: Iterable[dict[str, Any]], time: str, applied: int) -> ActsSince:
    entries = list(entries)
    done = [one for one in entries if one["outcome"] == "done"]
    again = []
    erasing = [one for one in done if one["action"] in erasures.ACTIONS]
    erased = erasures.collect(one for one in erasing if one["seq"] > applied)
    for one in entries:
        if one["action"] in restrictions.ACTIONS and one["outcome"] == "done":
            believed = one["at"] if reached.is_plausible(time, one["at"]) else time
            again.append({**one, restrictions.BELIEVED: believed})
        is_trusted = one["action"] == "clock.trust" and one["outcome"] == "done"
        time = one["at"] if is_trusted else reached.onward(time, one["at"])
    return ActsSince(
        until=until,
        erased=erased,
        in_backup=tuple(one for one in erasing if one["seq"] <= applied),
        cut_offs=tuple(match_retention.cut_offs(done)),
        acts=Counter(one["action"] for one in done),
        restrictions=tuple(again),
        removed_slots=frozenset(
            one["details"]["slot"] for one in done if one["action"] == "key.remove"
        ),
        ended_unseen=bool(erasing) or _withdrawn(again),
        reached=time,
    )


def _withdrawn(entries: Iterable[dict[str, Any]]) -> bool:
    return any(one["action"] == "consent.withdraw" for one in entries)


def _acts(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Reduce entries to the fields that are needed."""
    for entry in entries:
        if entry["action"] in NEEDED_WHOLE:
            yield entry
        else:
            yield {name: entry[name] for name in KEPT if name in entry}


def _read(path: Path, backup: Database) -> tuple[int, int, list[dict[str, Any]]]:
    """Verify an export with the log's trust key; return its first and last place, and entries."""
    try:
        with export_files.opened(path) as (file,):
            found = verify_export(file, sealing.trust_key(backup))
            entries = list(_acts(json.loads(line) for line in file.lines()))
    except BadInput:  # names the file itself
        raise
    except FacecliError as error:
        error.args = (f"{path}: {error.args[0]}",)
        error.message = f"{path}: {error.message}"
        raise
    return found.after, found.until, entries


def _remove_slots(act: Act, labels: Iterable[str]) -> None:
    """Remove slots that were removed since, except the one that opened the backup."""
    for label in sorted(set(labels) - {act.actor.slot}):
        if keyring.forget_slot(act.db, label):
            act.record("key.remove", details={"slot": label})
