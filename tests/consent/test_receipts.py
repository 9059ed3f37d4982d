"""Receipts of a consent: what they state, and that their log entries must state the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from facecli.audit import evidence
from facecli.consent import consents, holds, receipts, subjects
from facecli.consent.consents import Consent
from facecli.erasure import revocation
from facecli.errors.audit import ProofFalse
from facecli.errors.command_line import BadInput
from tests.consent.conftest import TERMS, World, gate, world

__all__ = ["gate", "world"]
OTHER = "0" * 64
REMOVED = object()
WRONG: list[object] = [None, [], {}, "text"]


def _entries(world: World, consent: Consent) -> list[dict[str, Any]]:
    return receipts.entries_of(
        consent,
        evidence.of_subject(world.db, receipts.GIVEN, consent.pseudonym),
        evidence.of_subject(world.db, receipts.WITHDRAWN, consent.pseudonym),
    )


def _latest(world: World) -> Consent:
    return consents.of_subject(world.db, subjects.find(world.db, "A-1").subject_id)[-1]


def _receipt(world: World, consent: Consent) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A receipt with empty proofs, as it comes back from JSON, and its entries."""
    entries = _entries(world, consent)
    made = receipts.receipt(consent, TERMS, [(entry, "") for entry in entries])
    document = json.loads(json.dumps({"schema": receipts.SCHEMA, **made}))
    return document, entries


@pytest.fixture
def withdrawn(gate: World) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The receipt of a consent that was withdrawn while a hold kept its record."""
    gate.record()
    gate.wait(days=1)
    with gate.act() as act:
        holds.hold(act, "A-1", "suit", "2099-01-01T00:00:00Z")
    gate.wait(days=1)
    with gate.act() as act:
        revocation.revoke(act, "A-1", None, None)
    return _receipt(gate, _latest(gate))


def test_a_receipt_states_the_terms_and_the_events_of_its_consent(gate: World) -> None:
    consent = gate.record(guardian="Ana Doe")
    document, entries = _receipt(gate, consent)
    (purpose,) = document["pii_processing"]["purposes"]
    assert (purpose["purpose_code"], purpose["purpose"]) == ("gate", TERMS.title)
    assert document["pii_processing"]["privacy_notice"]["text"] == TERMS.notice
    (event,) = document["events"]
    assert (event["entity_id"], event["entity_role"]) == ("Ana Doe", "guardian")
    assert (event["event_time"], event["valid_until"]) == (consent.given_at, consent.expires_at)
    receipts.check(document, entries)


def test_the_entries_are_those_of_this_consent_and_of_no_other(gate: World) -> None:
    first = gate.record()
    gate.wait(days=1)
    second = gate.record()
    assert first.record_id != second.record_id
    for consent in (first, second):
        (entry,) = _entries(gate, consent)
        receipts.check(_receipt(gate, consent)[0], [entry])
    with pytest.raises(ProofFalse, match="records another"):
        receipts.check(_receipt(gate, first)[0], _entries(gate, second))


def test_a_withdrawal_is_a_second_event_with_an_entry_of_its_own(withdrawn: Any) -> None:
    document, entries = withdrawn
    assert [entry["action"] for entry in entries] == [receipts.GIVEN, receipts.WITHDRAWN]
    assert [event["event_state"] for event in document["events"]] == ["given", "withdrawn"]
    receipts.check(document, entries)
    assert "records its withdrawal" in receipts.sentence(document, entries)


@pytest.mark.parametrize("changes", [
    {"subject_id": "other"}, {"outcome": "failed"}, {"action": receipts.GIVEN}, {"seq": 1},
    {"purpose": "other"}, {"at": "2000-01-01T00:00:00Z"},
])  # fmt: skip
def test_another_withdrawal_is_noticed(withdrawn: Any, changes: dict[str, Any]) -> None:
    document, (given, ended) = withdrawn
    with pytest.raises(ProofFalse, match="another withdrawal"):
        receipts.check(document, [given, {**ended, **changes}])


def test_a_withdrawal_cannot_be_left_out_or_added(withdrawn: Any) -> None:
    document, entries = withdrawn
    with pytest.raises(ProofFalse, match="another withdrawal"):
        receipts.check(document, entries[:1])
    document["events"] = document["events"][:1]
    with pytest.raises(ProofFalse, match="another withdrawal"):
        receipts.check(document, entries)


@pytest.mark.parametrize(
    ("path", "value", "wrong"),
    [
        (("pii_processing", "purposes", 0, "purpose_code"), "other", "purpose"),
        (("pii_processing", "purposes", 0, "purpose_version"), 2, "purpose_version"),
        (("events", 0, "valid_until"), "2999-01-01T00:00:00Z", "valid_until"),
        (("pii_processing", "privacy_notice", "sha256"), OTHER, "privacy_notice"),
        (("pii_processing", "privacy_notice", "text"), "Other words", "privacy_notice"),
        (("pii_processing", "privacy_notice", "language"), "zh", "notice_language"),
        (("evidence", "sha256"), OTHER, "evidence"),
        (("record_id",), "other", "record_id"),
    ],
)
def test_every_member_that_the_proof_covers_is_compared(
    gate: World, path: tuple[Any, ...], value: object, wrong: str
) -> None:
    document, entries = _receipt(gate, gate.record())
    changed = copy.deepcopy(document)
    place: Any = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(ProofFalse, match=f"another {wrong}"):
        receipts.check(changed, entries)


def test_a_receipt_of_another_form_is_unusable_and_accuses_nobody(gate: World) -> None:
    document, entries = _receipt(gate, gate.record())
    for name in ("pii_processing", "events", "evidence", "record_id"):
        for value in WRONG:
            if (name, value) != ("record_id", "text"):
                with pytest.raises(
                    BadInput, match=r"F is not usable: a member .* is missing in it"
                ):
                    receipts.check({**document, name: value}, entries, "F")


def test_any_member_removed_or_of_another_type_is_refused_or_read(
    withdrawn: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    document, entries = withdrawn

    def members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in list(items):
            yield (*path, name)
            if isinstance(item, dict | list):
                yield from members(item, (*path, name))

    refused = set()
    for path in members(document):
        for value in (None, 1, 1.5, True, "x", "\ud800", [], {}, [[]], REMOVED):
            changed = copy.deepcopy(document)
            place: Any = changed
            for name in path[:-1]:
                place = place[name]
            if value is REMOVED:
                del place[path[-1]]
            else:
                place[path[-1]] = value
            try:
                receipts.check(changed, entries)
                assert receipts.sentence(changed, entries).startswith("The receipt holds")
            except (ProofFalse, BadInput):
                refused.add(path)
    assert ("pii_principal_id",) in refused


def test_a_number_is_not_taken_for_another_type(gate: World) -> None:
    document, entries = _receipt(gate, gate.record())
    for version in (True, 1.0, "1"):
        changed = copy.deepcopy(document)
        changed["pii_processing"]["purposes"][0]["purpose_version"] = version
        with pytest.raises(BadInput, match="of another type"):
            receipts.check(changed, entries)


def test_a_receipt_without_the_withdrawal_does_not_claim_that_the_consent_stands(
    withdrawn: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    document, entries = withdrawn
    shortened = {**document, "events": document["events"][:1]}
    receipts.check(shortened, entries[:1])
    stated = receipts.sentence(shortened, entries[:1])
    assert "It does not show that the consent was not withdrawn later." in stated
    assert "It does not show" not in receipts.sentence(document, entries)
