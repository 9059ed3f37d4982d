"""The subjects to ask again: a new version of a purpose has ended their consents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facecli.consent import dates, purposes, retention_facts, subjects
from facecli.consent.purpose_terms import Purpose, Terms, compare
from facecli.consent.retention import purpose_end
from facecli.consent.subjects import Subject
from facecli.store.database import Database

Change = tuple[str, Any, Any]
"""A field of the terms, with its value before and after."""


@dataclass(frozen=True)
class AskAgain:
    """A subject to ask for a consent to the present version.

    agreed: the version that they agreed to. before: its terms; changes: of them since. due_at: the
    moment from which their data is due; last_day: the last whole day before it. notice_lang: the
    language in which they were shown the notice.
    """

    subject: Subject
    purpose: Purpose
    agreed: int
    before: Terms
    changes: Sequence[Change]
    due_at: str
    last_day: str
    notice_lang: str | None


def people(db: Database, purpose: Purpose, now: str) -> list[AskAgain]:
    """Return the subjects to ask again for a purpose, by REF: those still under an old version.

    Subjects whose consent ended in another way are left out.
    """
    latest = _latest_consents(db, purpose)
    rules = retention_facts.rules_of(db, purpose.code)
    known: dict[int, tuple[Terms, Sequence[Change]]] = {}
    found = []
    for fact in retention_facts.among(db, latest):
        due_at, reason = purpose_end(fact, rules) or (now, None)
        if due_at <= now and reason != "purpose-revised":
            continue
        version_id, version, language = latest[fact.item_id]
        if version_id not in known:
            before = purposes.terms_of(db, version_id)
            known[version_id] = before, compare(before, purpose.terms)[0]
        found.append(
            AskAgain(
                subjects.find_by_id(db, fact.item_id),
                purpose,
                version,
                *known[version_id],
                due_at,
                dates.last_whole_day(due_at, rules.zone),
                language,
            )
        )
    return sorted(found, key=lambda one: one.subject.ref)


def _latest_consents(db: Database, purpose: Purpose) -> Mapping[int, tuple[int, int, str | None]]:
    """Return terms, version and language of the latest consents to an old version, by subject."""
    rows = db.tuples(
        "SELECT subject_id, purpose_version_id, version, notice_lang FROM consent c"
        " WHERE purpose_id = :purpose_id AND version < :version AND withdrawn_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM consent n WHERE n.subject_id = c.subject_id"
        "  AND n.purpose_id = :purpose_id AND n.version = :version)"
        " ORDER BY version, id",
        {"purpose_id": purpose.purpose_id, "version": purpose.version},
    )
    return {subject_id: (terms, version, language) for subject_id, terms, version, language in rows}
