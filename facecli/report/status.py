"""Counts and dates: subjects and their data, what is due and when, and the latest acts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facecli.audit import history
from facecli.consent import consents, dates, holds, purposes, subjects
from facecli.consent.register import alternatives, disclosures, elsewhere, requests
from facecli.erasure.copies import known
from facecli.erasure.forecast import Due, forecast
from facecli.erasure.nights import Nights, Week
from facecli.errors.base import FacecliError
from facecli.keys import slots
from facecli.recognition.engines import of_database
from facecli.recognition.matching import rate_scale
from facecli.store import holdings
from facecli.store.database import Database
from facecli.times import add

HORIZONS = {"now": "0d", "in_7_days": "7d", "in_30_days": "30d"}
FILING_LIMIT = 100_000
"""Number of people with stored facial data at which a filing is due within 30 working days
(Cyberspace Administration of China, Measures of 2025, art. 15)."""
FILING_WARNING = 90_000
LAST = {
    "purge": "purge",
    "export": "log.export",
    "backup": "backup.create",
}
IN_WEEKS = ("templates", "photos", "matches")
WHAT = {"template": "templates", "photo": "photos", "match": "matches",
        "consent": "consents", "subject": "subjects"}  # fmt: skip


def outside(path: Path) -> dict[str, Any]:
    """Return path, size and key slots of a database that is not opened; None for the unknown."""
    try:
        size = path.stat().st_size
    except OSError:
        size = None
    try:
        labels = [slot.label for slot in slots.read(path).slots]
    except FacecliError:
        labels = None
    return {"path": str(path), "bytes": size, "key_slots": labels}


def inside(db: Database, now: str) -> dict[str, Any]:
    """Return counts and dates of an open database, all from one snapshot.

    Returns:
        `timezone`, `engine`, `held`, `holds`, `consents`, `requests`, `elsewhere`, `disclosures`,
        `purposes`, `alternatives`, `due`, `weeks`, `last`, `copies` and `filing`, as
        `facecli status` prints them. Moments are text, or None.
    """
    with db.snapshot():
        nights = Nights(dates.day_of(now, dates.zone_of(db)), dates.zone_of(db))
        due = forecast(db, [add(now, length) for length in HORIZONS.values()], nights)
        weeks = nights.weeks(subjects.count_all(db))
        faces = holdings.count_people(db)
        return {
            "timezone": dates.zone_of(db),
            "engine": of_database.engine_id_of(db),
            "held": {**subjects.count_by_state(db), **_by_kind(holdings.counts(db))},
            "holds": dict(zip(("people", "next_end"), holds.in_force(db, now), strict=True)),
            "consents": {"without_evidence": consents.count_without_evidence(db, now)},
            "requests": requests.count(db, now)._asdict(),
            "elsewhere": elsewhere.open_at(db, now)._asdict(),
            "disclosures": disclosures.count(db),
            "purposes": _by_purpose(db, now),
            "calibration": {
                one.code: rate_scale.decided_by(db, one) for one in purposes.list_all(db)
            },
            "alternatives": _choices(db),
            "due": {name: _due(one) for name, one in zip(HORIZONS, due, strict=True)},
            "weeks": {str(number): _week(week) for number, week in enumerate(weeks, 1)},
            "last": {**history.last_done(db, LAST), "checkpoint": history.last_sealed(db)},
            "copies": _copies(db),
            "filing": {"people": faces, "limit": FILING_LIMIT, "warning": filing(faces)},
        }


def refusal(weeks: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return a warning if the default limit will refuse a nightly purge of these weeks."""
    nights = [week["refused"] for week in weeks.values() if week["refused"] is not None]
    if not nights:
        return None
    return (
        f"The default limit will refuse the nightly purge of {nights[0]}. Check what is due with "
        f"`facecli purge --dry-run --as-of {nights[0]}`, and run that purge with --max-subjects."
    )


def filing(people: int) -> str | None:
    """Return a warning if the number of people with stored faces nears the filing duty."""
    if people < FILING_WARNING:
        return None
    near = "has reached" if people >= FILING_LIMIT else "nears"
    return (
        f"The number of people whose facial data is stored, {people:,}, {near} {FILING_LIMIT:,}: "
        "where Chinese law applies, a filing is due within 30 working days."
    )


def _copies(db: Database) -> dict[str, int]:
    """Count the known copies, and those that may still hold erased data."""
    return {"known": len(known.list_all(db)), "behind": len(known.behind(db))}


def _by_kind(counts: dict[str, int]) -> dict[str, int]:
    return {WHAT[what]: count for what, count in counts.items()}


def _by_purpose(db: Database, now: str) -> dict[str, dict[str, Any]]:
    consented = purposes.people_in_force(db, now)
    held = holdings.counts_by_purpose(db)
    return {
        one.code: {
            "version": one.version,
            "retired_at": one.retired_at,
            "subjects": consented.get(one.purpose_id, 0),
            **_by_kind(held[one.purpose_id]),
        }
        for one in purposes.list_all(db)
    }


def _week(week: Week) -> dict[str, Any]:
    kinds = {name: week.things.get(what, 0) for what, name in WHAT.items() if name in IN_WEEKS}
    return {
        "from": week.first,
        "people": week.people,
        **kinds,
        "night": week.night,
        "most": week.most,
        "refused": week.refused,
    }


def _choices(db: Database) -> dict[str, dict[str, int]]:
    """Count the offers of the alternative for each purpose, with those for any purpose."""
    offers = alternatives.count(db)
    none = dict.fromkeys(alternatives.NAMES.values(), 0)
    general = offers.get("", none)
    return {
        one.code: {name: offers.get(one.code, none)[name] + general[name] for name in none}
        for one in purposes.list_all(db)
    }


def _due(due: Due) -> dict[str, int]:
    things = {name: due.things.get(what, 0) for what, name in WHAT.items()}
    return {"people": due.people, **things, "held": due.held}
