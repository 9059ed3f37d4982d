"""Purposes: the changes that make a version or a revision, and what they do to consents."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.audit.query import latest
from facecli.consent import purposes
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from tests.consent.conftest import TERMS, World

NOTICE = {"notice": "A corrected notice", "notice_sha256": "1" * 64}


def test_a_receipt_shows_the_terms_as_they_stand_and_the_notice_that_was_shown(
    gate: World,
) -> None:
    consent = gate.record()
    gate.apply(retain_match="7d")
    gate.apply(retain_match="7d", notice_correction="a typing error", **NOTICE)
    standing = purposes.standing_terms(gate.db, consent.version_id, None)
    assert (standing.retain_match, standing.notice) == ("7d", TERMS.notice)
    gate.apply(retain_match="20d", **NOTICE)  # longer: a new version, to which nobody agreed
    assert purposes.standing_terms(gate.db, consent.version_id, None) == standing


def test_applying_twice_changes_nothing(gate: World) -> None:
    entries = len(latest(gate.db, 100))
    assert gate.apply().kind == "unchanged"
    with gate.act() as act:
        act.record("test")
        assert purposes.apply(act, {"gate": TERMS})[0].kind == "unchanged"
    assert gate.purpose().revision == 0
    assert len(latest(gate.db, 100)) == entries + 1


def test_versions_and_revisions_count_on(gate: World) -> None:
    steps = [
        {"retain_match": "20d"}, {"retain_match": "10d"}, {"scope": "b"}, {"retain_match": "1d"},
        {"scope": "c"},
    ]  # fmt: skip
    terms: dict[str, Any] = {}
    seen = []
    for step in steps:
        gate.wait(days=1)
        terms |= step
        change = gate.apply(**terms)
        assert (gate.purpose().version, gate.purpose().revision) == (
            change.version,
            change.revision,
        )
        seen.append((change.version, change.revision))
    assert seen == [(1, 1), (1, 2), (2, 0), (2, 1), (3, 0)]


def test_a_version_began_when_it_was_first_applied(gate: World) -> None:
    began = gate.wait(days=10)
    gate.apply(scope="b")
    revised = gate.wait(days=10)
    gate.apply(scope="b", retain_match="1d")
    assert gate.purpose().version_since == began
    assert gate.purpose().valid_from == revised


def test_consents_that_are_over_or_withdrawn_are_not_counted_as_ended(gate: World) -> None:
    gate.add("A-2")
    gate.add("A-3")
    gate.record("A-1", expires="1d")
    gate.withdraw(gate.record("A-2"))
    gate.record("A-3")
    gate.wait(days=2)
    assert gate.apply(scope="b").consents_ended == 1


def test_people_in_force_are_counted_once_and_not_when_all_their_consents_are_over(
    gate: World,
) -> None:
    for ref in ("A-2", "A-3", "A-4"):
        gate.add(ref)
    for ref in ("A-1", "A-2", "A-2"):
        gate.record(ref, expires="1d")
    for ref in ("A-2", "A-3"):
        gate.record(ref)
    gate.withdraw(gate.record("A-4"))
    assert purposes.people_in_force(gate.db, gate.now) == {gate.purpose().purpose_id: 3}
    gate.wait(days=2)
    assert purposes.people_in_force(gate.db, gate.now) == {gate.purpose().purpose_id: 2}
    assert purposes.consents_in_force(gate.db, gate.purpose(), gate.now) == 2


def test_each_change_is_logged_without_its_text(gate: World) -> None:
    gate.apply(scope="SECRET-SCOPE", retain_match="1d")
    entry = latest(gate.db, 1)[0]
    assert entry["action"] == "purpose.apply"
    assert entry["details"]["fields"] == ["scope", "retain_match"]
    assert "SECRET" not in str(entry)


# -- retired --------------------------------------------------------------------------------


def test_a_purpose_that_is_retired_by_a_clock_far_ahead_is_over_by_the_right_one(
    gate: World,
) -> None:
    with gate.act() as act:
        act.record("test")
    right = gate.now
    gate.wait(days=300)
    with gate.act() as act:
        purposes.retire(act, "gate")
    assert gate.purpose().retired_at == right


def test_a_retired_purpose_is_not_found_and_not_revived(gate: World) -> None:
    with gate.act() as act:
        purposes.retire(act, "gate")
    assert gate.purpose().retired_at == gate.now
    with pytest.raises(Unknown):
        purposes.find(gate.db, "gate")
    with pytest.raises(BadInput, match="retired; choose a new code"):
        gate.apply()

    def again() -> None:
        with gate.act() as act:
            purposes.retire(act, "gate")

    with pytest.raises(Unknown) as refused:
        again()
    assert refused.value.exit_code == 21
