"""Spent consents: an ended consent never counts a second time.

Only a keyed digest of REF, purpose and form is kept. It reveals nothing without the REF and the
form.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from facecli.store import meta
from facecli.store.database import Database, id_list

UNKNOWN_UNTIL = "ends_unknown_until"  # in `meta`
NO_FORM = ""  # stands for any form: a consent of this REF to this purpose ended


def ended_at(db: Database, ref: str, purpose: str, form: str = NO_FORM) -> str | None:
    """Return the end of the consent on this form (its SHA-256), or of any; None if none ended."""
    tag = _tag(_key(db), ref, purpose, form)
    found = db.value("SELECT ended_at FROM spent_consent WHERE tag = ?", (tag,))
    return None if found is None else str(found)


def remember(db: Database, consent_ids: Iterable[int], now: str) -> None:
    """Note that these recorded consents end now."""
    rows = db.rows(
        "SELECT s.ref, p.code, c.evidence_sha256 FROM consent c"
        " JOIN subject s ON s.id = c.subject_id JOIN purpose p ON p.id = c.purpose_id"
        " WHERE c.id IN (SELECT value FROM json_each(?))",
        (id_list(consent_ids),),
    )
    key = _key(db)
    spent = {
        _tag(key, ref, code, form) for ref, code, sha256 in rows for form in (NO_FORM, sha256 or "")
    }
    _store(db, dict.fromkeys(spent, now))


def follow(db: Database, subject_id: int, old: str, new: str, now: str) -> None:
    """Note that a subject's REF changes from `old` to `new`, before it does.

    The subject keeps the consents, and they no longer count under the old REF: otherwise an old
    manifest would enrol the subject a second time, even after a withdrawal. Earlier ends move to
    the new REF too, except those of erased forms, whose digest is unknown.
    """
    standing = db.rows("SELECT id FROM consent WHERE subject_id = ?", (subject_id,))
    key = _key(db)
    ended = {
        _tag(key, new, row["code"], NO_FORM): moment
        for row in db.rows("SELECT code FROM purpose")
        if (moment := ended_at(db, old, row["code"])) is not None
    }
    _store(db, ended)
    remember(db, [row["id"] for row in standing], now)


def forget_before(db: Database, now: str) -> None:
    """Note that consents given until `now` may have ended unseen."""
    meta.put(db, UNKNOWN_UNTIL, now)


def unknown_until(db: Database) -> str | None:
    """Return the latest time at which a consent may have ended unseen, or None."""
    return meta.find(db, UNKNOWN_UNTIL)


def take_over(copy: Database, present: Database) -> None:
    """Copy what another database knows of consents that ended, in place of what `copy` knows."""
    copy.many(
        "INSERT OR REPLACE INTO spent_consent (tag, ended_at) VALUES (?, ?)",
        present.tuples("SELECT tag, ended_at FROM spent_consent"),
    )
    if (until := unknown_until(present)) is not None:
        meta.put(copy, UNKNOWN_UNTIL, until)


def _store(db: Database, ended: dict[bytes, str]) -> None:
    db.many(
        "INSERT INTO spent_consent (tag, ended_at) VALUES (?, ?)"
        " ON CONFLICT (tag) DO UPDATE SET ended_at = max(ended_at, excluded.ended_at)",
        list(ended.items()),
    )


def _key(db: Database) -> bytes:
    return bytes.fromhex(str(meta.find(db, "evidence_key")))


def _tag(key: bytes, ref: str, purpose: str, form: str) -> bytes:
    return hmac.digest(key, f"{ref}\n{purpose}\n{form}".encode(), "sha256")
