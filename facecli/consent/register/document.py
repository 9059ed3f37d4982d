"""The register of one subject as plain records: for `subject show` and their copy."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from facecli.consent.register import alternatives, disclosures, elsewhere, requests
from facecli.consent.register.elsewhere import Item
from facecli.consent.register.requests import Request
from facecli.consent.subjects import Subject
from facecli.store.database import Database

OF_ERASED = ("ref", "case_id", "asked_at")
"""Fields of an item that only tell something once its subject is erased."""


def item_record(item: Item) -> dict[str, Any]:
    """Return the record of something that is held elsewhere."""
    fields = {("where" if name == "place" else name): value for name, value in asdict(item).items()}
    return {**fields, "state": item.state}


def request_record(request: Request, now: str) -> dict[str, Any]:
    """Return the record of a request or complaint."""
    return {**asdict(request), "state": request.state(now)}


def of_subject(db: Database, subject: Subject, now: str) -> dict[str, list[dict[str, Any]]]:
    """Return everything that the register has on a subject, by its part."""
    ours = subject.subject_id
    items = [item_record(one) for one in elsewhere.of_subject(db, ours)]
    asked = [request_record(one, now) for one in requests.of_subject(db, ours)]
    return {
        "elsewhere": [_without(one, OF_ERASED) for one in items],
        "disclosures": [asdict(one) for one in disclosures.of_subject(db, ours)],
        "requests": [_without(one, ("ref",)) for one in asked],
        "alternative_offers": [asdict(one) for one in alternatives.of_subject(db, ours)],
    }


def _without(record: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in names}
