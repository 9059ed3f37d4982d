"""Recording consents: their period, their evidence, minors; and receipts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facecli.audit.query import latest
from facecli.consent import consents, dates, purposes, spent, subjects
from facecli.consent.agreements import Evidence, Shown
from facecli.consent.consents import Consent
from facecli.consent.notices import Notice
from facecli.consent.receipts import receipt
from facecli.errors.base import FacecliError, Unknown
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.consent import NoConsent, NoGuardian, NoticeNotShown
from tests.consent.conftest import TERMS, World

FORM = Evidence(hashlib.sha256(b"form").hexdigest(), None)


def rows(world: World) -> int:
    return int(world.db.value("SELECT count(*) FROM consent"))


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
    with pytest.raises(BadInput, match="no guardian is named"):
        gate.add("M-1", minor=True)
    with pytest.raises(Exception, match="CHECK"), gate.db.transaction():
        gate.db.execute("UPDATE subject SET minor = 1")
    gate.add("M-2", minor=True, guardian="Parent")
    with pytest.raises(NoGuardian) as refused:
        gate.record("M-2")
    assert (refused.value.reason, refused.value.exit_code) == ("no-guardian", 20)
    with pytest.raises(NoGuardian, match="not the one on record"):
        gate.record("M-2", guardian="Other parent")
    assert gate.record("M-2", guardian="Parent").guardian == "Parent"


def test_a_guardian_has_a_name_that_can_be_read(gate: World) -> None:
    with pytest.raises(BadText, match="guardian"):
        gate.add("M-1", minor=True, guardian="a\u202eb")
    gate.add("M-1")
    with pytest.raises(BadText, match="guardian"):
        gate.record("M-1", guardian="a\nb")


# -- a form counts once ---------------------------------------------------------------------


def test_the_same_form_is_the_same_consent(gate: World) -> None:
    first = gate.ensure(evidence=FORM)
    gate.wait(days=30)
    assert gate.ensure(evidence=FORM, expires="2y") == first
    assert rows(gate) == 1


def test_another_form_is_another_consent(gate: World) -> None:
    first = gate.ensure(evidence=FORM)
    assert gate.ensure(evidence=Evidence("0" * 64, None)) != first


def refused(world: World, **what: Any) -> FacecliError:
    before = rows(world)
    with pytest.raises(NoConsent) as error:
        world.ensure(**what)
    assert rows(world) == before
    assert error.value.exit_code == 20
    return error.value


def test_a_withdrawn_form_does_not_come_back(gate: World) -> None:
    gate.withdraw(gate.ensure(evidence=FORM))
    error = refused(gate, evidence=FORM)
    assert error.reason == "form-already-used"
    assert "withdrawn" in str(error)


def test_a_form_for_an_earlier_version_is_none_for_this_one(gate: World) -> None:
    gate.ensure(evidence=FORM)
    gate.apply(scope="another")
    error = refused(gate, evidence=FORM)
    assert error.reason == "form-already-used"
    assert "is to version 1, not 2" in str(error)


def test_a_form_that_ended_is_not_renewed(gate: World) -> None:
    gate.ensure(evidence=FORM, expires="1d")
    gate.wait(days=1)
    assert refused(gate, evidence=FORM).reason == "consent-expired"


@pytest.mark.rule("one-form-one-consent")
def test_a_form_is_the_consent_of_one_subject_to_one_purpose(gate: World) -> None:
    gate.add("A-2")
    gate.apply("door")
    gate.ensure(evidence=FORM)
    for ref, code in (("A-2", "gate"), ("A-1", "door"), ("A-2", "door")):
        for state in (gate.record, gate.ensure):
            with pytest.raises(NoConsent) as error:
                state(ref, code, evidence=FORM)
            assert (error.value.reason, error.value.exit_code) == ("form-already-used", 20)
    with pytest.raises(NoConsent, match="recorded already"):
        gate.record(evidence=FORM)
    assert rows(gate) == 1


def test_a_shared_form_covers_several_people_and_says_why(gate: World) -> None:
    shared = replace(FORM, shared="One sheet for the family")
    gate.add("A-2")
    gate.apply("door")
    gate.ensure(evidence=FORM)
    second = gate.ensure("A-2", evidence=shared)
    assert second.shared_form == "One sheet for the family"
    gate.ensure("A-1", "door", evidence=shared)
    logged = str(gate.db.tuples("SELECT record FROM audit_entry ORDER BY seq DESC LIMIT 1"))
    assert '"shared_form":true' in logged
    assert "family" not in logged
    gate.apply(scope="another")
    gate.add("A-3")
    assert refused(gate, ref="A-3", evidence=shared).reason == "form-already-used"


def test_a_shared_form_takes_in_nobody_once_a_consent_on_it_is_erased(gate: World) -> None:
    shared = replace(FORM, shared="One sheet for the family")
    gate.add("A-2")
    gate.add("A-3")
    first, second = gate.ensure(evidence=shared), gate.ensure("A-2", evidence=shared)
    erase(gate, first)
    assert gate.ensure("A-2", evidence=shared) == second
    for ref in ("A-1", "A-3"):
        assert refused(gate, ref=ref, evidence=shared).reason == "form-already-used"


def erase(world: World, *ended: Consent) -> None:
    with world.act() as act:
        consents.erase(act, [consent.consent_id for consent in ended])
        act.record("test")


def test_an_erased_form_does_not_come_back_whoever_states_it(gate: World) -> None:
    erase(gate, gate.ensure(evidence=FORM))
    gate.add("A-2")
    gate.wait(days=400)
    for ref in ("A-1", "A-2"):
        for state in (gate.record, gate.ensure):
            with pytest.raises(NoConsent) as error:
                state(ref, evidence=FORM)
            assert error.value.reason == "form-already-used"


# -- a date without a form ------------------------------------------------------------------


def test_a_date_counts_on_its_day(gate: World) -> None:
    first = gate.ensure(given="2026-11-23", expires="2027-06-01")
    assert gate.ensure(given="2026-11-23", expires="2027-05-01") == first
    with pytest.raises(BadInput, match="to renew it"):
        gate.ensure(given="2026-11-23", expires="2027-07-01")
    gate.wait(days=1)
    assert gate.ensure(given="2026-11-23", expires="2027-06-01") == first
    gate.add("A-2")
    assert "counts only on that day" in str(refused(gate, ref="A-2", given="2026-11-23"))
    renewed = gate.ensure(given="2026-11-24", expires="2027-07-01")
    assert renewed.expires_at == "2027-07-02T00:00:00Z"
    assert rows(gate) == 2


def test_a_day_is_one_of_the_controllers_time_zone(gate: World) -> None:
    with gate.act() as act:
        dates.set_zone(act, "Asia/Shanghai")
    gate.wait(hours=7)  # midnight in Shanghai
    assert "counts only on that day" in str(refused(gate, given="2026-11-23"))
    assert gate.ensure(given="2026-11-24").given_at == "2026-11-23T16:00:00Z"


def test_a_date_counts_on_the_day_on_which_the_batch_first_started(gate: World) -> None:
    began = Shown("declared", 1, gate.now, "2026-11-23")
    gate.wait(days=3)
    assert gate.ensure(given="2026-11-23", notice=began).given_at == "2026-11-23T00:00:00Z"
    gate.add("A-2")
    assert gate.ensure("A-2", given="2026-11-26", notice=began)
    gate.add("A-3")
    assert refused(gate, ref="A-3", given="2026-11-25", notice=began).reason == "no-consent"


def test_a_clock_that_is_set_back_brings_no_day_back(gate: World) -> None:
    gate.wait(days=2)
    with gate.act() as act:
        act.record("test")
    gate.moment -= timedelta(days=2)
    assert "counts only on that day" in str(refused(gate, given="2026-11-23"))


def test_who_withdrew_is_not_brought_back_by_a_date(gate: World) -> None:
    erase(gate, gate.ensure(given="2026-11-23"))
    began = Shown("declared", 1, gate.now, "2026-11-23")
    for given in ("2026-11-23", "2026-11-23T09:00:00Z"):
        assert "does not show that this is newer" in str(refused(gate, given=given))
    gate.record(given="2026-11-23T09:00:00Z")  # as `facecli consent record` does
    assert gate.ensure(given="2026-11-23").consent_id
    gate.add("A-2")
    assert gate.ensure("A-2", evidence=FORM)
    gate.wait(days=1)
    gate.add("A-3")
    assert refused(gate, ref="A-3", given="2026-11-23", notice=began)
    assert gate.ensure("A-3", given="2026-11-24")


def test_a_command_that_states_a_consent_now_needs_no_date(gate: World) -> None:
    began = Shown("declared", 1, gate.now, "2026-11-23")
    first = gate.ensure(notice=began)
    gate.wait(seconds=5)
    assert gate.ensure(notice=began) == first  # a further image of the same command
    assert first.given_at == began.since
    erase(gate, first)
    gate.wait(hours=1)
    assert gate.ensure().given_at == gate.now


def test_what_may_have_ended_unseen_needs_a_record(gate: World) -> None:
    with gate.db.transaction():
        spent.forget_before(gate.db, gate.now)
    gate.wait(hours=1)
    assert "it is not known which" in str(refused(gate, given="2026-11-23"))
    assert "it is not known which" in str(refused(gate, given="2026-11-23", evidence=FORM))
    assert "it is not known which" in str(refused(gate, evidence=FORM))
    gate.record(given="2026-11-23", evidence=FORM)
    assert gate.ensure(given="2026-11-23", evidence=FORM).evidence_sha256 == FORM.sha256


# -- the notice -----------------------------------------------------------------------------


@pytest.mark.rule("notice-shown")
def test_a_consent_needs_a_form_or_a_notice_that_was_shown(gate: World) -> None:
    for state in (gate.record, gate.ensure):
        with pytest.raises(NoticeNotShown) as error:
            state(notice=Shown())
        assert (error.value.reason, error.value.exit_code) == ("notice-not-shown", 20)
    assert rows(gate) == 0
    assert gate.record(notice=Shown("declared")).notice_shown == "declared"
    assert gate.record(notice=Shown(), evidence=FORM).notice_shown is None


@pytest.mark.rule("notice-shown")
def test_a_consent_is_to_the_version_whose_notice_was_shown(gate: World) -> None:
    shown = Shown("declared", 1, gate.now, "2026-11-23")
    gate.wait(hours=1)
    gate.apply(scope="another")
    for what in ({}, {"evidence": FORM}, {"given": "2026-11-23T10:00:00Z"}):
        error = refused(gate, notice=shown, **what)
        assert error.reason == "consent-other-version"
    assert refused(gate, notice=replace(shown, version=0)).reason == "consent-other-version"
    assert gate.record(notice=replace(shown, version=2)).version == 2


@pytest.mark.rule("notice-shown")
def test_a_consent_is_bound_to_the_notice_in_the_language_that_was_shown(gate: World) -> None:
    (chinese,) = TERMS.further_notices
    first, second = gate.record(), gate.record(notice=Shown("declared", language="ZH"))
    assert (first.notice_lang, first.notice_sha256) == ("en", TERMS.notice_sha256)
    assert (second.notice_lang, second.notice_sha256) == ("zh", chinese.sha256)
    details = latest(gate.db, 1)[0]["details"]
    assert (details["notice_lang"], details["notice_sha256"]) == ("zh", chinese.sha256)
    gate.apply(further_notices=(Notice("zh", "修改后"),), notice_correction="a typing error")
    assert consents.of_subject(gate.db, subjects.find(gate.db, "A-1").subject_id) == [first, second]
    for consent, text in ((first, TERMS.notice), (second, chinese.text)):
        terms = purposes.standing_terms(gate.db, consent.version_id, consent.notice_lang)
        shown = receipt(consent, terms)["pii_processing"]["privacy_notice"]
        assert shown == {
            "sha256": consent.notice_sha256, "text": text, "language": consent.notice_lang,
        }  # fmt: skip
    before = rows(gate)
    with pytest.raises(BadInput, match="the purpose gate has its notice in en, zh") as error:
        gate.record(notice=Shown("declared", language="fr"))
    assert (error.value.reason, rows(gate)) == ("no-such-notice", before)


def test_a_consent_to_a_notice_of_unknown_language_states_none(gate: World) -> None:
    gate.apply(notice_lang=None, further_notices=())
    consent = gate.record()
    assert (consent.notice_lang, consent.notice_sha256) == (None, TERMS.notice_sha256)
    assert "notice_lang" not in latest(gate.db, 1)[0]["details"]


def test_consents_without_evidence_are_counted(gate: World) -> None:
    gate.add("A-2")
    gate.record(expires="1d")
    gate.record("A-2", evidence=FORM)
    assert consents.count_without_evidence(gate.db, gate.now) == 1
    gate.wait(days=1)
    assert consents.count_without_evidence(gate.db, gate.now) == 0


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
    assert processing["privacy_notice"] == {
        "sha256": TERMS.notice_sha256, "text": TERMS.notice, "language": "en",
    }  # fmt: skip
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


def test_a_receipt_states_places_and_authority_only_where_the_purpose_does(gate: World) -> None:
    (purpose,) = receipt_of(gate, gate.record().record_id)["pii_processing"]["purposes"]
    assert not {"processing_locations", "jurisdiction", "authority_party"} & set(purpose)
    assert purpose["recipient_third_parties"] is None  # nobody was asked
    for stated, recipients in (("none", []), ("the bank", ["the bank"])):
        gate.apply(recipients=stated, controller_address="1 Lake Road")
        made = receipt_of(gate, gate.record().record_id)
        (purpose,) = made["pii_processing"]["purposes"]
        assert purpose["recipient_third_parties"] == recipients
        assert made["parties"][0]["party_address"] == "1 Lake Road"
    gate.apply(jurisdiction="PRC", authority="CAC Zhejiang", processing_locations=("Hangzhou",))
    made = receipt_of(gate, gate.record().record_id)
    (purpose,) = made["pii_processing"]["purposes"]
    assert purpose["processing_locations"] == ["Hangzhou"]
    assert purpose["jurisdiction"] == "PRC"
    party = made["parties"][1]
    assert (party["party_id"], party["party_name"]) == (purpose["authority_party"], "CAC Zhejiang")
    assert party["party_role"] == "authority"


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
