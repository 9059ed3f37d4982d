"""The record of a consent."""

from __future__ import annotations

from facecli.cli.consent_rows import CONSENT, consent_record
from tests.consent.conftest import World, gate, world

__all__ = ["gate", "world"]


def test_the_record_is_what_was_agreed(gate: World) -> None:
    consent = gate.record(expires="30d")
    record = consent_record(consent)
    assert tuple(record) == CONSENT.fields
    assert record["record_id"] == consent.record_id
    assert (record["ref"], record["purpose"], record["version"]) == ("A-1", "gate", 1)
    assert (record["given_at"], record["expires_at"]) == (gate.now, "2026-12-23T09:00:00Z")
    assert record["withdrawn_at"] is None
    assert record["notice_sha256"] == gate.purpose().terms.notice_sha256
    assert (record["evidence_sha256"], record["evidence_kept"]) == (None, False)
