"""Recording consents: their period, their evidence, minors; and receipts."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from facecli.consent import consents, purposes, subjects
from facecli.consent.consents import Evidence, read_evidence
from facecli.consent.receipts import receipt
from facecli.errors.base import FacecliError, Unknown
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.consent import NoConsent, NoGuardian
from tests.consent.conftest import TERMS, World

FORM = Evidence(hashlib.sha256(b"form").hexdigest(), None)


def rows(world: World) -> int:
    return int(world.db.value("SELECT count(*) FROM consent"))


# -- the period -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expires", "period"),
    [
        (None, "1y", ("2026-11-23T09:00:00Z", "2027-11-23T09:00:00Z")),
        (None, "2y", ("2026-11-23T09:00:00Z", "2028-11-23T09:00:00Z")),
        (None, "2027-01-31", ("2026-11-23T09:00:00Z", "2027-02-01T00:00:00Z")),
        ("2026-11-23", "1y", ("2026-11-23T00:00:00Z", "2027-11-23T00:00:00Z")),
        ("2026-01-31", "2027-01-31", ("2026-01-31T00:00:00Z", "2027-02-01T00:00:00Z")),
        ("2026-11-23T17:00:00+08:00", "1h", ("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z")),
        ("2025-01-01", "2y", ("2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z")),
    ],
)
def test_from_when_to_when(
    gate: World, given: str | None, expires: str, period: tuple[str, str]
) -> None:
    done = gate.record(given=given, expires=expires)
    assert (done.given_at, done.expires_at) == period
    assert done.recorded_at == gate.now


@pytest.mark.parametrize(
    ("given", "expires", "why"),
    [
        ("2026-11-23T09:00:01Z", "1y", "in the future"),
        ("2026-11-24", "1y", "in the future"),
        ("0001-01-01", "2026-12-31", "later than the purpose allows"),
        (None, "2026-11-22", "is over"),
        (None, "2026-11-23T09:00:00Z", "is over"),
        (None, "0d", "is over"),
        ("2025-11-01", "1y", "is over"),
        (None, "25m", r"later than the purpose allows \(2028-11-23"),
        (None, "2028-11-24T00:00:01Z", "later than the purpose allows"),
        (None, "9999-12-31", "later than the purpose allows"),
        ("2025-01-01", "2027-01-02", "later than the purpose allows"),
    ],
)
def test_a_period_that_cannot_be(gate: World, given: str | None, expires: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        gate.record(given=given, expires=expires)
    assert refused.value.exit_code == 1
    assert rows(gate) == 0


@pytest.mark.parametrize(
    ("given", "expires", "why"),
    [
        ("9999-12-31", "1y", "in the future|out of range"),
        (None, "soon", "is no date"),
        (None, "2027-02-29", "is no date"),
        (None, "99999y", "is no date"),
        (None, "2027-01-31T10:00", "needs a time zone"),
        ("yesterday", "1y", "given is not usable: `yesterday` is no date"),
        ("", "", "expires is not usable"),
    ],
)
def test_a_date_that_cannot_be_read_is_a_usage_error(
    gate: World, given: str | None, expires: str, why: str
) -> None:
    with pytest.raises(BadText, match=why) as refused:
        gate.record(given=given, expires=expires)
    assert (refused.value.exit_code, refused.value.reason) == (2, "bad-input")
    assert rows(gate) == 0


def test_a_long_date_is_not_repeated_in_full(gate: World) -> None:
    with pytest.raises(BadInput) as refused:
        gate.record(expires="x" * 10_000)
    assert len(str(refused.value)) < 300


def test_a_consent_given_before_this_version_is_none_to_it(gate: World) -> None:
    gate.wait(days=10)
    gate.apply(scope="another")
    gate.wait(days=5)
    with pytest.raises(BadInput, match="version 2 is only in force since 2026-12-03") as refused:
        gate.record(given="2026-12-02")
    assert refused.value.reason == "consent-other-version"
    assert gate.record(given="2026-12-03").version == 2


def test_a_revision_does_not_make_consents_to_its_version_too_old(gate: World) -> None:
    gate.wait(days=10)
    gate.apply(scope="another")
    gate.wait(days=10)
    gate.apply(scope="another", retain_match="1d")
    assert gate.record(given="2026-12-05").version == 2  # after the version, before its revision


def test_a_paper_consent_may_be_older_than_the_first_version(gate: World) -> None:
    assert gate.record(given="2026-01-01").version == 1


# -- recording ------------------------------------------------------------------------------


def test_what_is_recorded(gate: World) -> None:
    done = gate.record(evidence=FORM)
    assert done.purpose == "gate"
    assert done.ref == "A-1"
    assert (done.version, done.withdrawn_at, done.guardian) == (1, None, None)
    assert done.notice_sha256 == TERMS.notice_sha256
    assert (done.evidence_sha256, done.evidence_kept) == (FORM.sha256, False)
    assert consents.find(gate.db, done.record_id) == done
    assert consents.find(gate.db, "A-1") == done
    assert consents.list_all(gate.db) == consents.list_all(gate.db, "gate") == [done]
    assert consents.list_all(gate.db, "other") == []


def test_evidence_is_kept_whole_when_asked(gate: World) -> None:
    done = gate.record(evidence=Evidence(FORM.sha256, b"form"))
    assert done.evidence_kept
    assert gate.db.value("SELECT evidence FROM consent") == b"form"


def test_the_latest_of_several_is_found(gate: World) -> None:
    gate.apply("door")
    first, second = gate.record(), gate.record()
    door = gate.record(code="door")
    assert consents.find(gate.db, "A-1") == door
    assert consents.find(gate.db, "A-1", "gate") == second
    subject = subjects.find(gate.db, "A-1")
    assert consents.of_subject(gate.db, subject.subject_id) == [first, second, door]
    with pytest.raises(Unknown, match="A-1 for none") as refused:
        consents.find(gate.db, "A-1", "none")
    assert refused.value.exit_code == 21


def test_recording_is_an_interaction(gate: World) -> None:
    later = gate.wait(days=3)
    gate.record()
    assert subjects.find(gate.db, "A-1").last_interaction == later[:10]


@pytest.mark.rule("alternative-named")
def test_who_chose_the_alternative_is_not_asked(gate: World) -> None:
    gate.add("A-2", alternative_only=True)
    with pytest.raises(NoConsent) as refused:
        gate.record("A-2")
    assert (refused.value.reason, refused.value.exit_code) == ("alternative-only", 20)
    assert rows(gate) == 0


# -- minors ---------------------------------------------------------------------------------


@pytest.mark.rule("guardian")
def test_a_minor_needs_a_guardian(gate: World) -> None:
    with pytest.raises(BadInput, match="name a guardian"):
        gate.add("M-1", minor=True)
    with pytest.raises(Exception, match="CHECK"), gate.db.transaction():
        gate.db.execute("UPDATE subject SET minor = 1")
    gate.add("M-2", minor=True, guardian="Parent")
    with pytest.raises(NoGuardian, match="name the guardian"):
        gate.record("M-2")
    with pytest.raises(NoGuardian, match="not the one on record"):
        gate.record("M-2", guardian="Other parent")
    assert gate.record("M-2", guardian="Parent").guardian == "Parent"


def test_a_guardian_has_a_name_that_can_be_read(gate: World) -> None:
    with pytest.raises(BadText, match="guardian"):
        gate.add("M-1", minor=True, guardian="a\u202eb")
    gate.add("M-1")
    with pytest.raises(BadText, match="guardian"):
        gate.record("M-1", guardian="a\nb")


# -- the evidence file ----------------------------------------------------------------------


def test_evidence_is_a_files_sha256(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(b"form")
    assert read_evidence(path, keep=False) == FORM
    assert read_evidence(path, keep=True) == Evidence(FORM.sha256, b"form")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "no such file"),
        (os.mkdir, "no such file"),
        (os.mkfifo, "no such file"),
        (lambda path: path.symlink_to("/dev/zero"), "no such file"),
        (lambda path: path.touch(), "empty"),
        (lambda path: (path.touch(), os.truncate(path, 64 * 1024 * 1024 + 1)), "64 MiB"),
    ],
    ids=["missing", "directory", "pipe", "device", "empty", "large"],
)
def test_evidence_that_is_none(tmp_path: Path, make: Any, why: str) -> None:
    make(tmp_path / "form.pdf")
    with pytest.raises(BadInput, match=why):
        read_evidence(tmp_path / "form.pdf", keep=False)


# -- a form counts once ---------------------------------------------------------------------


def test_the_same_form_is_the_same_consent(gate: World) -> None:
    first = gate.ensure(evidence=FORM)
    gate.wait(days=30)
    assert gate.ensure(evidence=FORM, expires="2y") == first
    assert rows(gate) == 1


def test_another_form_is_another_consent(gate: World) -> None:
    first = gate.ensure(evidence=FORM)
    assert gate.ensure(evidence=Evidence("0" * 64, None)) != first


def test_a_form_counts_for_its_own_subject_and_purpose(gate: World) -> None:
    gate.add("A-2")
    gate.apply("door")
    ids = {
        gate.ensure(ref, code, evidence=FORM).record_id
        for ref, code in [("A-1", "gate"), ("A-2", "gate"), ("A-1", "door")]
    }
    assert len(ids) == 3


def refused(world: World, **what: Any) -> FacecliError:
    before = rows(world)
    with pytest.raises(NoConsent) as error:
        world.ensure(**what)
    assert rows(world) == before
    assert error.value.exit_code == 20
    return error.value


def test_a_withdrawn_form_does_not_come_back(gate: World) -> None:
    gate.withdraw(gate.ensure(evidence=FORM))
    assert "withdrawn" in str(refused(gate, evidence=FORM))


def test_a_form_for_an_earlier_version_is_none_for_this_one(gate: World) -> None:
    gate.ensure(evidence=FORM)
    gate.apply(scope="another")
    error = refused(gate, evidence=FORM)
    assert error.reason == "consent-other-version"
    assert "is to version 1, not 2" in str(error)


def test_a_form_that_ended_is_not_renewed(gate: World) -> None:
    gate.ensure(evidence=FORM, expires="1d")
    gate.wait(days=1)
    assert refused(gate, evidence=FORM).reason == "consent-expired"


def test_without_form_and_date_the_recorded_consent_is_meant(gate: World) -> None:
    first = gate.ensure(expires="2027-06-01")
    assert gate.ensure(expires="2027-06-01") == first
    assert gate.ensure(expires="2027-05-01") == first
    gate.wait(days=1)
    assert gate.ensure(expires="1y") == first
    assert rows(gate) == 1


def test_a_later_end_needs_a_new_date_or_form(gate: World) -> None:
    gate.ensure(expires="2027-06-01")
    with pytest.raises(BadInput, match="to renew it"):
        gate.ensure(expires="2027-07-01")
    gate.wait(days=1)
    renewed = gate.ensure(expires="2027-07-01", given="2026-11-24")
    assert renewed.expires_at == "2027-07-02T00:00:00Z"
    assert rows(gate) == 2


def test_without_form_and_date_there_is_no_consent_to_another_version(gate: World) -> None:
    gate.ensure(expires="2027-06-01")
    gate.apply(scope="another")
    assert refused(gate, expires="2027-06-01").reason == "consent-other-version"
    gate.wait(hours=1)
    dated = gate.ensure(expires="2027-06-01", given=gate.now)
    assert dated.version == 2


@pytest.mark.parametrize("expires", ["2027-06-01", "1y"])
def test_who_withdrew_is_not_brought_back_without_form_or_date(gate: World, expires: str) -> None:
    first = gate.ensure(expires=expires)
    with gate.act() as act:
        consents.erase(act, [first.consent_id])
        act.record("test")
    assert "ended" in str(refused(gate, expires=expires))
    assert "ended" in str(refused(gate, expires=expires, given=gate.now))
    gate.wait(hours=1)
    assert gate.ensure(expires=expires, given=gate.now).consent_id


# -- receipts -------------------------------------------------------------------------------


def receipt_of(world: World, record_id: str) -> dict[str, Any]:
    consent = consents.find(world.db, record_id)
    return receipt(consent, purposes.terms_of(world.db, consent.version_id))


def test_a_receipt_has_the_fields_of_iso_iec_ts_27560(gate: World) -> None:
    done = gate.record(evidence=FORM)
    made = receipt_of(gate, done.record_id)
    assert made["schema_version"] == "ISO/IEC TS 27560:2023"
    assert made["record_id"] == done.record_id
    assert made["pii_principal_id"] == "A-1"
    processing = made["pii_processing"]
    assert processing["privacy_notice"] == {"sha256": TERMS.notice_sha256, "text": TERMS.notice}
    assert {"withdrawal_method", "privacy_rights"} <= set(processing)
    (purpose,) = processing["purposes"]
    assert {
        "purpose", "purpose_type", "lawful_basis", "pii_information", "pii_controllers",
        "collection_method", "processing_method", "storage_locations", "retention_period",
        "recipient_third_parties",
    } <= set(purpose)  # fmt: skip
    assert purpose["pii_information"] == [
        {"pii_type": "face template", "sensitive_pii_category": "biometric"}
    ]
    assert purpose["alternative"] == TERMS.alternative
    (party,) = made["parties"]
    assert party["party_id"] in purpose["pii_controllers"]
    assert {"party_name", "party_contact", "party_role"} <= set(party)
    (event,) = made["events"]
    assert (event["event_state"], event["event_time"]) == ("given", done.given_at)
    assert (event["valid_until"], event["entity_id"]) == (done.expires_at, "A-1")
    assert made["evidence"] == {"sha256": FORM.sha256, "kept": False}


def test_a_receipt_speaks_of_what_was_agreed_to(gate: World) -> None:
    done = gate.record()
    before = receipt_of(gate, done.record_id)
    gate.apply(retain_match="1d")
    assert receipt_of(gate, done.record_id) == before
    gate.apply(scope="another", notice="Another notice", notice_sha256="0" * 64)
    assert receipt_of(gate, done.record_id) == before
    newer = receipt_of(gate, gate.record().record_id)
    assert newer["pii_processing"]["purposes"][0]["scope"] == "another"
    assert newer["pii_processing"]["purposes"][0]["purpose_version"] == 2
    assert newer["pii_processing"]["privacy_notice"]["text"] == "Another notice"


def test_a_receipt_tells_of_the_withdrawal(gate: World) -> None:
    done = gate.record()
    later = gate.wait(days=1)
    gate.withdraw(done)
    given, withdrawn = receipt_of(gate, done.record_id)["events"]
    assert (given["event_state"], withdrawn["event_state"]) == ("given", "withdrawn")
    assert withdrawn["event_time"] == later


def test_a_receipt_names_the_guardian(gate: World) -> None:
    gate.add("M-1", minor=True, guardian="Parent")
    (event,) = receipt_of(gate, gate.record("M-1", guardian="Parent").record_id)["events"]
    assert (event["entity_id"], event["entity_role"]) == ("Parent", "guardian")
