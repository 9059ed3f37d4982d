"""The rows of `purge` and `revoke`."""

from __future__ import annotations

from facecli.cli.erasure_rows import ERASURE, erasure_records, match_records
from facecli.consent import retention_facts
from facecli.consent.retention import due_or_held
from facecli.erasure.match_retention import MatchesOver
from tests.consent.conftest import World, gate, world

__all__ = ["gate", "world"]


def test_each_thing_is_a_record_with_its_reason(gate: World) -> None:
    gate.record(expires="30d")
    gate.template()
    gate.wait(days=31)
    [fact] = retention_facts.everybody(gate.db)
    decisions = due_or_held(fact, retention_facts.rules(gate.db), gate.now)
    records = list(erasure_records(fact, decisions, "erased"))
    assert [(one["what"], one["purpose"]) for one in records] == [
        (one.what, one.purpose) for one in decisions
    ]
    template = next(one for one in records if one["what"] == "template")
    assert template == {
        "ref": "A-1",
        "subject_id": fact.pseudonym,
        "purpose": "gate",
        "what": "template",
        "reason": "consent-expired",
        "due_at": "2026-12-23T09:00:00Z",
        "outcome": "erased",
    }
    assert all((*one, "count") == ERASURE.fields for one in records)


def test_visits_over_their_retention_are_a_row_a_purpose_without_a_name() -> None:
    over = [
        MatchesOver("gate", (1, 2), (3,), "2026-11-23T09:00:00Z"),
        MatchesOver("door", (), (4,), "2026-11-23T09:00:00Z"),
    ]
    common = {"what": "match", "reason": "retention-over"}
    assert list(match_records(over, "erased")) == [
        {"purpose": "gate", **common, "outcome": "erased", "count": 2},
        {"purpose": "gate", **common, "outcome": "held", "count": 1},
        {"purpose": "door", **common, "outcome": "held", "count": 1},
    ]


def test_without_decisions_there_is_no_record(gate: World) -> None:
    [fact] = retention_facts.everybody(gate.db)
    assert list(erasure_records(fact, [], "due")) == []
