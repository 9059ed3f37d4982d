"""Memory of consents that ended, which tells nothing about an erased person.

Whoever is erased leaves nothing here that a REF could find. A form is remembered by a tag that its
own content makes: only who holds the form finds it, and no time or pseudonym stands beside it. A
consent without a form is remembered by nothing of its own. Instead, each purpose keeps one day, up
to which a consent stated by its date alone does not count. It stands for all subjects alike.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping

from facecli.consent import dates
from facecli.store import meta
from facecli.store.database import Database, id_list
from facecli.store.packed import moment_text

UNKNOWN_UNTIL = "ends_unknown_until"  # in `meta`
CONTEXT = "facecli/spent-form/1"


def is_spent(db: Database, form: str) -> bool:
    """Return True if a consent on this form (its SHA-256 in hex) was erased."""
    (tag,) = _tags(db, [form])
    return db.value("SELECT 1 FROM spent_form WHERE tag = ?", (tag,)) is not None


def closed_day(db: Database, purpose: str) -> str | None:
    """Return the last day whose date alone does not state a new consent, or None."""
    found = db.value("SELECT day FROM spent_day WHERE purpose = ?", (purpose,))
    return None if found is None else str(found)


def remember(db: Database, consent_ids: Iterable[int]) -> None:
    """Note that these recorded consents are erased."""
    listed, among = id_list(consent_ids), "c.id IN (SELECT value FROM json_each(?))"
    last = db.tuples(
        "SELECT p.code, max(iif(c.form_sha256 IS NULL, c.given, NULL)), max(c.withdrawn_at),"
        " count(c.form_sha256)"
        f" FROM consent c JOIN purpose p ON p.id = c.purpose_id WHERE {among} GROUP BY 1",
        (listed,),
    )
    if any(forms for *_, forms in last):
        _keep_forms(db, listed)
    _close(
        db,
        {
            code: max("" if given is None else moment_text(given), withdrawn_at or "")
            for code, given, withdrawn_at, _ in last
        },
    )


def follow(db: Database, subject_id: int) -> None:
    """Note that a subject's REF changes: the date of a consent does not count for the old one."""
    rows = db.tuples(
        "SELECT p.code, max(c.given_at) FROM consent c JOIN purpose p ON p.id = c.purpose_id"
        " WHERE c.subject_id = ? AND c.form_sha256 IS NULL GROUP BY 1",
        (subject_id,),
    )
    _close(db, dict(rows))


def forget_before(db: Database, now: str) -> None:
    """Note that consents given until `now` may have ended unseen."""
    meta.put(db, UNKNOWN_UNTIL, now)


def unknown_until(db: Database) -> str | None:
    """Return the latest time at which a consent may have ended unseen, or None."""
    return meta.find(db, UNKNOWN_UNTIL)


def take_over(copy: Database, present: Database) -> None:
    """Add what another database knows of consents that ended to what `copy` knows."""
    _keep(copy, [tag for (tag,) in present.tuples("SELECT tag FROM spent_form")])
    _close_days(copy, present.tuples("SELECT purpose, day FROM spent_day"))
    if (until := unknown_until(present)) is not None:
        meta.put(copy, UNKNOWN_UNTIL, until)


def _keep_forms(db: Database, listed: str) -> None:
    forms = db.tuples(
        "SELECT DISTINCT evidence_sha256 FROM consent"
        " WHERE form_sha256 IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
        (listed,),
    )
    _keep(db, _tags(db, [form for (form,) in forms]))


def _keep(db: Database, tags: Iterable[bytes]) -> None:
    db.many("INSERT OR IGNORE INTO spent_form (tag) VALUES (?)", [(tag,) for tag in tags])


def _close(db: Database, moments: Mapping[str, str]) -> None:
    """Close the day of the last moment of each purpose; an empty moment closes none."""
    zone = dates.zone_of(db)
    _close_days(db, [(code, dates.day_of(at, zone)) for code, at in moments.items() if at])


def _close_days(db: Database, days: Iterable[tuple[str, str]]) -> None:
    db.many(
        "INSERT INTO spent_day (purpose, day) VALUES (?, ?)"
        " ON CONFLICT (purpose) DO UPDATE SET day = max(day, excluded.day)",
        list(days),
    )


def _tags(db: Database, forms: Iterable[str]) -> list[bytes]:
    context = f"{CONTEXT}\n{meta.database_id(db)}".encode()
    return [hmac.digest(bytes.fromhex(form), context, "sha256") for form in forms]
