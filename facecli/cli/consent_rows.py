"""The record of a consent, which `consent` and `subject` both report."""

from __future__ import annotations

from typing import Any

from facecli.cli.records import RecordKind
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
    ("record_id", "ref", "purpose", "version", "given_at", "expires_at", "withdrawn_at"),
    dispensable=("given_at", "record_id", "version"),
)


def consent_record(consent: Consent) -> dict[str, Any]:
    """Return the record of one consent."""
    return {name: getattr(consent, name) for name in CONSENT.fields}
