"""Consent receipts: documents for the person, with the fields of ISO/IEC TS 27560:2023.

The names are those of the record structure (header, PII processing, parties, events). What
the purpose file does not state (places, jurisdiction, authority) is left out; recipients that it
does not state are null: unknown.

A receipt carries the log's entry of the consent, and that of its withdrawal, each with its proof.
`check` compares the receipt with them: version, purpose, end, notice, its language, and form. Name,
REF and the date it was given are not in the log, so that no proof covers them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from facecli.consent.consents import Consent
from facecli.consent.purpose_terms import Terms
from facecli.consent.text import is_empty_word
from facecli.errors.audit import ProofFalse
from facecli.errors.command_line import BadInput
from facecli.printable import printable

SCHEMA_VERSION = "ISO/IEC TS 27560:2023"
SCHEMA = "facecli.consent-receipt/1"
KIND = "receipt"
GIVEN, WITHDRAWN = "consent.record", "consent.withdraw"


def receipt(
    consent: Consent, terms: Terms, evidence: Sequence[tuple[dict[str, Any], str]] = ()
) -> dict[str, Any]:
    """Return the receipt of one consent.

    Args:
        consent: the recorded consent.
        terms: of the purpose version that was agreed to, not of the one in force today.
        evidence: the log's entries of the consent, each with the text of its proof.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": consent.record_id,
        "pii_principal_id": consent.ref,
        "pii_processing": _processing(consent, terms),
        "parties": _parties(terms),
        "events": _events(consent),
        "evidence": {
            "sha256": consent.evidence_sha256,
            "kept": consent.evidence_kept,
        },
        "log": [{"entry": entry, "proof": proof} for entry, proof in evidence],
    }


def entries_of(
    consent: Consent,
    recorded: Sequence[dict[str, Any]],
    withdrawn: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return the log's entries of a consent: of its record, and of its withdrawal if there is one.

    Args:
        consent: the consent.
        recorded: the entries `consent.record` of its subject, the latest first.
        withdrawn: the entries `consent.withdraw` of its subject, the latest first.
    """
    given = [one for one in recorded if _records(one, consent)]
    ended = [] if consent.withdrawn_at is None else [
        one for one in withdrawn
        if one["purpose"] in (None, consent.purpose) and one["at"] >= consent.withdrawn_at
    ]  # fmt: skip
    return [*given[:1], *ended[-1:]]


def check(
    document: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], name: str = "the receipt"
) -> None:
    """Check that a receipt states what the log's entries in it record.

    Args:
        document: the receipt.
        entries: the entries that its proofs showed to be in the log, one or more.
        name: the file's name, for messages.

    Raises:
        BadInput: it is not of the form of a receipt.
        ProofFalse: it states something else.
    """
    given, *later = entries
    try:
        stated, ended = _stated(document)
        wrong = [
            what for what, value in _logged(given).items() if stated[what] != json.dumps(value)
        ]
        if len(ended) != len(later) or not all(
            _withdraws(one, given, event) for one, event in zip(later, ended, strict=True)
        ):
            wrong.append("withdrawal")
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(
            what=name, why="a member of a receipt is missing in it, or of another type"
        ) from None
    if wrong:
        raise ProofFalse(kind=KIND, why=f"its entry records another {wrong[0]}")


def _stated(document: Mapping[str, Any]) -> tuple[dict[str, str], Sequence[Any]]:
    """Return what a receipt states and the proof covers, as JSON, and its further events."""
    (purpose,) = document["pii_processing"]["purposes"]
    notice = document["pii_processing"]["privacy_notice"]
    form, (event, *ended) = document["evidence"], document["events"]
    texts = [document["record_id"], document["pii_principal_id"], purpose["purpose_code"],
             event["event_state"], notice["sha256"], notice["text"],
             *(one[name] for one in ended for name in ("event_state", "event_time"))]  # fmt: skip
    null_or_text = [event["valid_until"], notice.get("language"), form["sha256"]]
    if not (
        all(isinstance(text, str) for text in texts)
        and all(text is None or isinstance(text, str) for text in null_or_text)
        and type(purpose["purpose_version"]) is int
        and isinstance(form["kept"], bool)
    ):
        raise TypeError
    stated = {
        "act": GIVEN,
        "state": event["event_state"],
        "purpose": purpose["purpose_code"],
        "purpose_version": purpose["purpose_version"],
        "valid_until": event["valid_until"],
        "privacy_notice": [notice["sha256"], _sha256(notice["text"])],
        "notice_language": notice.get("language"),
        "evidence": _form(form["sha256"], form["kept"]),
        "record_id": _sha256(document["record_id"]),
    }
    # As text 1 is not the `true` of an entry.
    return {what: json.dumps(value) for what, value in stated.items()}, ended


def _logged(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same as the log's entry of the consent records it."""
    details = given["details"] if isinstance(given["details"], dict) else {}
    notice = details.get("notice_sha256")
    return {
        "act": given["action"] if given["outcome"] == "done" else given["outcome"],
        "state": "given",
        "purpose": given["purpose"],
        "purpose_version": details.get("version"),
        "valid_until": details.get("expires_at"),
        "privacy_notice": [notice, notice],
        "notice_language": details.get("notice_lang"),
        "evidence": details.get("evidence"),
        "record_id": details.get("record_sha256"),
    }


def sentence(document: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the content of a verified receipt in words."""
    given, *later = entries
    text = (
        f"The receipt holds: entry {given['seq']} of the log, of {given['at']}, records a consent "
        f"of subject {given['subject_id']} to version {given['details']['version']} of purpose "
        f"{given['purpose']} until {given['details']['expires_at']}"
    )
    if later:
        text += f"; entry {later[0]['seq']}, of {later[0]['at']}, records its withdrawal"
    else:
        text += ". It does not show that the consent was not withdrawn later"
    return printable(
        f"{text}. The log holds no name, no REF and no signature: the proof does not cover "
        f"{document['pii_principal_id']}, the date it was given, or the hash of the form."
    )


def _processing(consent: Consent, terms: Terms) -> dict[str, Any]:
    notice = {"sha256": consent.notice_sha256, "text": terms.notice}
    if consent.notice_lang is not None:
        notice["language"] = consent.notice_lang
    return {
        "privacy_notice": notice,
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
                "recipient_third_parties": _recipients(terms),
                "alternative": terms.alternative,
                "impact_assessment": terms.impact_assessment,
                **_places(terms),
            }
        ],
        "withdrawal_method": terms.controller_contact,
        "privacy_rights": terms.rights,
    }


def _recipients(terms: Terms) -> list[str] | None:
    """Return who else gets data; None if the purpose file does not state it."""
    if terms.recipients is None:
        return None
    return [] if is_empty_word(terms.recipients) else [terms.recipients]


def _places(terms: Terms) -> dict[str, Any]:
    """Return the fields on places and authority that the purpose file states."""
    stated = {
        "processing_locations": list(terms.processing_locations),
        "jurisdiction": terms.jurisdiction,
        "authority_party": "authority" if terms.authority else None,
    }
    return {name: value for name, value in stated.items() if value}


def _parties(terms: Terms) -> list[dict[str, str]]:
    controller = {
        "party_id": "controller",
        "party_role": "PII controller",
        "party_name": terms.controller_name,
        "party_contact": terms.controller_contact,
    }
    if terms.controller_address is not None:
        controller["party_address"] = terms.controller_address
    if terms.authority is None:
        return [controller]
    authority = {
        "party_id": "authority",
        "party_role": "authority",
        "party_name": terms.authority,
    }
    return [controller, authority]


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


def _records(entry: Mapping[str, Any], consent: Consent) -> bool:
    """Return True if an entry `consent.record` is that of this consent."""
    return bool(entry["details"].get("record_sha256") == _sha256(consent.record_id))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _form(sha256: str | None, kept: bool) -> str:
    return "none" if sha256 is None else "kept" if kept else "hash"


def _withdraws(
    entry: Mapping[str, Any], given: Mapping[str, Any], event: Mapping[str, Any]
) -> bool:
    """Return True if `entry` withdraws the consent that `given` records, as `event` states."""
    return (
        (entry["action"], entry["outcome"]) == (WITHDRAWN, "done")
        and entry["subject_id"] == given["subject_id"]
        and entry["purpose"] in (None, given["purpose"])
        and entry["seq"] > given["seq"]
        and event["event_state"] == "withdrawn"
        and event["event_time"] <= entry["at"]
    )
