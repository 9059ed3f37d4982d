"""The record of a consent, which `consent` and `subject` both report."""

from __future__ import annotations

from typing import Any

from facecli.cli.records import RecordKind
from facecli.consent import dates
from facecli.consent.consents import Consent

CONSENT = RecordKind(
    "consent",
    (
        "record_id",
        "ref",
        "purpose",
        "version",
        "given_at",
        "expires_at",
        "last_day",
        "withdrawn_at",
        "recorded_at",
        "guardian",
        "notice_sha256",
        "notice_shown",
        "notice_lang",
        "evidence_sha256",
        "evidence_kept",
        "shared_form",
    ),
    ("record_id", "ref", "purpose", "version", "given_at", "last_day", "withdrawn_at"),
    dispensable=("given_at", "record_id", "version"),
)


def consent_record(consent: Consent, zone: str) -> dict[str, Any]:
    """Return the record of one consent.

    Args:
        zone: the controller's time zone, for the last day of the consent.
    """
    last_day = {"last_day": dates.last_day(consent.expires_at, zone)}
    return {name: last_day.get(name) or getattr(consent, name, None) for name in CONSENT.fields}
