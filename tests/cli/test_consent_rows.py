"""The record of a consent."""

from __future__ import annotations

from facecli.cli.consent_rows import CONSENT, consent_record
from tests.consent.conftest import World, gate, world

__all__ = ["gate", "world"]


def test_the_record_is_what_was_agreed(gate: World) -> None:
    consent = gate.record(expires="30d")
    record = consent_record(consent, "UTC")
    assert tuple(record) == CONSENT.fields
    assert record["record_id"] == consent.record_id
    assert (record["ref"], record["purpose"], record["version"]) == ("A-1", "gate", 1)
    assert (record["given_at"], record["expires_at"]) == (gate.now, "2026-12-23T09:00:00Z")
    assert record["last_day"] == record["expires_at"]  # it ends within a day
    assert record["withdrawn_at"] is None
    assert record["notice_sha256"] == gate.purpose().terms.notice_sha256
    assert (record["evidence_sha256"], record["evidence_kept"]) == (None, False)


def test_an_end_is_shown_as_its_last_day_in_the_controllers_zone(gate: World) -> None:
    consent = gate.record(expires="2026-12-31")
    assert consent_record(consent, "UTC")["last_day"] == "2026-12-31"
    assert "last_day" in CONSENT.columns
    assert "expires_at" not in CONSENT.columns
