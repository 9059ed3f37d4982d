"""Consents that ended: none counts a second time, whoever puts its form forward again.

What is kept of an ended consent is a keyed digest of REF, purpose and form, which says nothing to
whom the REF and the form do not come.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from facecli.store.database import Database, id_list

NO_FORM = ""  # stands for any form: a consent of this REF to this purpose ended


def ended_at(db: Database, ref: str, purpose: str, form: str = NO_FORM) -> str | None:
    """When the consent on this form (its SHA-256), or any at all, ended; None if none did."""
    tag = _tag(_key(db), ref, purpose, form)
    found = db.value("SELECT ended_at FROM spent_consent WHERE tag = ?", (tag,))
    return None if found is None else str(found)


def remember(db: Database, consent_ids: Iterable[int], now: str) -> None:
    """Note that consents, which are still recorded, end now."""
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

    Their consents stay theirs, and count no more under the old REF: an old manifest that names it
    would otherwise enrol them a second time, and bring them back after they withdrew. What ended
    before goes along, as far as it can: of forms that are erased nobody knows the digest.
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
    """Note that consents given until `now` may have ended without being known here."""
    db.execute(
        "INSERT INTO meta (name, value) VALUES ('ends_unknown_until', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (now,),
    )


def unknown_until(db: Database) -> str | None:
    """Until when consents were given that may have ended without being known here; None: none."""
    found = db.value("SELECT value FROM meta WHERE name = 'ends_unknown_until'")
    return None if found is None else str(found)


def _store(db: Database, ended: dict[bytes, str]) -> None:
    db.many(
        "INSERT INTO spent_consent (tag, ended_at) VALUES (?, ?)"
        " ON CONFLICT (tag) DO UPDATE SET ended_at = max(ended_at, excluded.ended_at)",
        list(ended.items()),
    )


def _key(db: Database) -> bytes:
    return bytes.fromhex(str(db.value("SELECT value FROM meta WHERE name = 'evidence_key'")))


def _tag(key: bytes, ref: str, purpose: str, form: str) -> bytes:
    return hmac.digest(key, f"{ref}\n{purpose}\n{form}".encode(), "sha256")
