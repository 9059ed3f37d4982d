"""Purposes: the changes that make a version or a revision, and what they do to consents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.query import latest
from facecli.consent import purposes
from facecli.consent.purposes import Terms
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from tests.consent.conftest import TERMS, World

Write = Callable[..., Path]


# -- new versions and revisions -------------------------------------------------------------

SHORTER: dict[str, Any] = {
    "max_consent": "1y", "retain_template": "6m", "retain_match": "7d", "inactive_after": "90d",
    "threshold_fmr": 1e-4, "ask_again_within": "20d", "in_force_since": "2026-01-01",
}  # fmt: skip
LONGER: dict[str, Any] = {
    "max_consent": "3y", "retain_template": "13m", "retain_photo": "1h", "retain_match": "1m",
    "inactive_after": "181d", "threshold_fmr": 2e-3, "ask_again_within": "31d",
}  # fmt: skip
OTHER: dict[str, Any] = {
    name: ("face template", "photo") if name == "data" else "changed"
    for name in Terms.__dataclass_fields__
    if name not in {*LONGER, "notice", "in_force_since"}
}


def test_every_field_is_decided_here() -> None:
    assert {*OTHER, *LONGER, "notice", "in_force_since"} == set(Terms.__dataclass_fields__)


@pytest.mark.parametrize("field", SHORTER)
def test_what_takes_from_the_controller_is_a_revision(gate: World, field: str) -> None:
    before = gate.record()
    change = gate.apply(**{field: SHORTER[field]})
    assert (change.kind, change.version, change.revision) == ("revision", 1, 1)
    assert change.consents_ended == 0
    assert [name for name, _, _ in change.fields] == [field]
    assert gate.purpose().version == before.version


@pytest.mark.rule("consent-version")
@pytest.mark.parametrize("field", [*LONGER, *OTHER])
def test_everything_else_makes_a_new_version(gate: World, field: str) -> None:
    gate.record()
    change = gate.apply(**{field: {**LONGER, **OTHER}[field]})
    assert (change.kind, change.version, change.revision) == ("version", 2, 0)
    assert change.consents_ended == 1
    ((name, before, after),) = change.fields
    assert (name, before) == (field, getattr(TERMS, field))
    assert after == getattr(gate.purpose().terms, field)


@pytest.mark.rule("consent-version")
def test_one_widening_among_narrowings_is_a_new_version(gate: World) -> None:
    assert gate.apply(**{**SHORTER, "retain_match": "31d"}).kind == "version"


def test_the_same_length_in_other_words_is_a_revision(gate: World) -> None:
    assert gate.apply(retain_template="12m").kind == "revision"


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


def test_each_change_is_logged_without_its_text(gate: World) -> None:
    gate.apply(scope="SECRET-SCOPE", retain_match="1d")
    entry = latest(gate.db, 1)[0]
    assert entry["action"] == "purpose.apply"
    assert entry["details"]["fields"] == ["scope", "retain_match"]
    assert "SECRET" not in str(entry)


# -- retired --------------------------------------------------------------------------------


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


# -- what a person is shown -----------------------------------------------------------------


@pytest.mark.rule("notice-fields")
def test_the_statement_says_every_field(gate: World) -> None:
    gate.apply(in_force_since="2025-02-03")
    text = "\n".join(purposes.statement(gate.purpose()).values())
    assert "2025-02-03" in text
    for name in set(Terms.__dataclass_fields__) - {
        "notice",
        "data",
        "threshold_fmr",
        "in_force_since",
    }:
        assert str(getattr(TERMS, name)) in text
