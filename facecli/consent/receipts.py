"""Consent receipts: what the person is given, with the fields of ISO/IEC TS 27560:2023.

The names are those of the record structure (header, PII processing, parties, events); what
facecli does not know (recipients, storage places of the controller) is said as such.
"""

from __future__ import annotations

from typing import Any

from facecli.consent.consents import Consent
from facecli.consent.purposes import Terms, processing_in_words, retention_in_words
from facecli.printable import printable

SCHEMA_VERSION = "ISO/IEC TS 27560:2023"


def receipt(consent: Consent, terms: Terms) -> dict[str, Any]:
    """The receipt of one consent.

    Args:
        consent: the recorded consent.
        terms: of the purpose version that was agreed to, not of the one in force today.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": consent.record_id,
        "pii_principal_id": consent.ref,
        "pii_processing": _processing(consent, terms),
        "parties": [
            {
                "party_id": "controller",
                "party_role": "PII controller",
                "party_name": terms.controller_name,
                "party_contact": terms.controller_contact,
            }
        ],
        "events": _events(consent),
        "evidence": {
            "sha256": consent.evidence_sha256,
            "kept": consent.evidence_kept,
        },
    }


def statement(consent: Consent, terms: Terms) -> str:
    """The same in words, to be read and handed over, with the notice at its end."""
    given_by = f"{consent.guardian} (guardian) for {consent.ref}" if consent.guardian else ""
    form = "kept" if consent.evidence_kept else "kept as its SHA-256"
    lines = {
        "Receipt": consent.record_id,
        "Given by": given_by or consent.ref,
        "Given": consent.given_at,
        "Ends": consent.expires_at,
        "Withdrawn": consent.withdrawn_at or "",
        "Purpose": f"{terms.title} ({consent.purpose}, version {consent.version})",
        **processing_in_words(terms),
        "To withdraw": terms.controller_contact,
        **retention_in_words(terms),
        "Signed form": f"{form}, {consent.evidence_sha256}" if consent.evidence_sha256 else "none",
        "Notice SHA-256": consent.notice_sha256,
    }
    width = max(map(len, lines))
    said = [f"{name:<{width}}  {printable(text)}" for name, text in lines.items() if text]
    return "\n".join([*said, "", *map(printable, terms.notice.splitlines()), ""])


def _processing(consent: Consent, terms: Terms) -> dict[str, Any]:
    return {
        "privacy_notice": {"sha256": consent.notice_sha256, "text": terms.notice},
        "purposes": [
            {
                "purpose": terms.title,
                "purpose_code": consent.purpose,
                "purpose_version": consent.version,
                "purpose_type": "primary",
                "lawful_basis": terms.legal_basis,
                "pii_information": [
                    {"pii_type": kind, "sensitive_pii_category": "biometric"} for kind in terms.data
                ],
                "pii_controllers": ["controller"],
                "collection_method": "capture of the face, or an image file",
                "processing_method": terms.method,
                "scope": terms.scope,
                "necessity": terms.necessity,
                "impact": terms.impact,
                "storage_locations": ["encrypted database of the controller"],
                "retention_period": {
                    "template": terms.retain_template,
                    "photo": terms.retain_photo,
                    "match": terms.retain_match,
                    "inactive": terms.inactive_after,
                },
                "recipient_third_parties": [],
                "alternative": terms.alternative,
                "impact_assessment": terms.impact_assessment,
            }
        ],
        "withdrawal_method": terms.controller_contact,
        "privacy_rights": terms.rights,
    }


def _events(consent: Consent) -> list[dict[str, Any]]:
    entity = consent.guardian if consent.guardian else consent.ref
    given = {
        "event_type": "explicit",
        "event_state": "given",
        "event_time": consent.given_at,
        "valid_until": consent.expires_at,
        "entity_id": entity,
        "entity_role": "guardian" if consent.guardian else "PII principal",
    }
    if consent.withdrawn_at is None:
        return [given]
    withdrawn = {
        "event_type": "explicit",
        "event_state": "withdrawn",
        "event_time": consent.withdrawn_at,
        "entity_id": entity,
    }
    return [given, withdrawn]
