"""Entries with their proofs, for certificates and receipts: made from a database.

They are checked by `proofs.prove`, without the database.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from facecli.audit import sealing
from facecli.audit.entries import Act, recorded
from facecli.audit.proofs import Proof
from facecli.audit.stored_entries import tree
from facecli.errors.audit import LogAltered
from facecli.store.database import Database

_OF_SUBJECT = """
    SELECT record FROM audit_entry WHERE substr(record, 1, length(:start)) = :start
        AND record ->> '$.outcome' = 'done' AND record ->> '$.subject_id' = :subject_id
    ORDER BY seq DESC
"""


class Evidence(NamedTuple):
    """An entry, and the text of its proof."""

    entry: dict[str, Any]
    proof: str


def entry(db: Database, seq: int) -> dict[str, Any] | None:
    """Return an entry of the log, or None."""
    record = db.value("SELECT record FROM audit_entry WHERE seq = ?", (seq,))
    return None if record is None else dict(json.loads(record))


def of_subject(db: Database, action: str, subject_id: str) -> list[dict[str, Any]]:
    """Return the entries that record a done `action` on a subject, the latest first."""
    start = f'{{"action":{json.dumps(action)},'
    found = db.tuples(_OF_SUBJECT, {"start": start, "subject_id": subject_id})
    return [json.loads(record) for (record,) in found]


def issue(act: Act, entries: Sequence[dict[str, Any]]) -> list[Evidence]:
    """Seal the log and prove entries of it. Nothing may leave before the act is committed.

    Args:
        act: an act that was prepared and has recorded its entry (`sealing.prepare`).
        entries: entries of this act, or of any before.

    Raises:
        LogAltered, LogTruncated: the log does not fit what was sealed before.
    """
    note = sealing.seal(act)
    size, hashes = recorded(act.db).size, tree(act.db)
    try:
        return [
            Evidence(
                one, Proof(one["seq"] - 1, tuple(hashes.inclusion(one["seq"] - 1, size)), note).text
            )
            for one in entries
        ]
    except KeyError:
        raise LogAltered(why="hashes of its tree are missing") from None
