"""Repeating erasures from log entries alone: the oldest first, as many as were erased."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from facecli.audit import stored_entries
from facecli.consent import retention_facts, subjects
from facecli.erasure import purge, revocation
from facecli.erasure.restore import erasures
from tests.consent.conftest import World


def _entry(subject_id: str, **what: Any) -> dict[str, Any]:
    details = {
        "erased": {}, "purposes": {}, "reasons": ["retention-over"], "whole": False,
        **what.pop("details", {}),
    }  # fmt: skip
    return {
        "action": "purge.erase", "outcome": "done", "subject_id": subject_id, "purpose": None,
        "at": "2026-12-01T00:00:00Z", "details": details, **what,
    }  # fmt: skip


def test_entries_about_one_subject_add_up() -> None:
    two = {"purposes": {"gate": {"template": 2}}}
    found = erasures.collect(
        [
            _entry("p", details=two),
            _entry("p", details=two, at="2026-12-02T00:00:00Z"),
            _entry("q", outcome="refused", details=two),
            _entry("q", action="enroll", details=two),
        ]
    )
    assert set(found) == {"p"}
    assert found["p"].counts == {("gate", "template"): 4}
    assert found["p"].at == "2026-12-02T00:00:00Z"


def test_a_withdrawal_for_a_purpose_takes_everything_for_it(gate: World) -> None:
    gate.apply("door")
    for code in ("gate", "door"):
        gate.record(code=code)
        for _ in range(3):
            gate.template(code=code)
    pseudonym = subjects.find(gate.db, "A-1").pseudonym
    entry = _entry(
        pseudonym, action="revoke.erase", purpose="gate",
        details={"purposes": {"gate": {"template": 1}}, "reasons": ["withdrawn"]},
    )  # fmt: skip
    with gate.act() as act:
        assert erasures.reapply(act, erasures.collect([entry])) == 1
    left = retention_facts.of_one(gate.db, subjects.find(gate.db, "A-1"))
    assert {one.purpose for one in left.things} == {"door"}
    assert {one.purpose for one in left.consents} == {"door"}


def test_the_oldest_go_first(gate: World) -> None:
    gate.record()
    made = []
    for _ in range(3):
        made.append(gate.wait(days=1))
        gate.template()
    pseudonym = subjects.find(gate.db, "A-1").pseudonym
    entry = _entry(pseudonym, details={"purposes": {"gate": {"template": 2}}})
    with gate.act() as act:
        erasures.reapply(act, erasures.collect([entry]))
    left = retention_facts.of_one(gate.db, subjects.find(gate.db, "A-1"))
    assert [one.created_at for one in left.things] == made[2:]


def test_a_copy_is_erased_by_the_log_of_the_database(gate: World, tmp_path: Path) -> None:
    gate.add("A-2")
    for ref in ("A-1", "A-2"):
        gate.record(ref, expires="30d" if ref == "A-1" else "1y")
        gate.template(ref)
    copy = gate.copy(tmp_path / "copy.db")
    size = gate.db.value("SELECT count(*) FROM audit_entry")
    gate.wait(days=31)
    assert len(list(purge.run(purge.survey(gate.db, gate.now), gate.act))) == 1
    with gate.act() as act:
        revocation.revoke(act, "A-2", None, None)
    found = erasures.collect(stored_entries.after(gate.db, size))
    copy.wait(days=40)
    with copy.act() as act:
        assert erasures.reapply(act, found) == 2
        assert erasures.reapply(act, found) == 0  # twice is once
    assert subjects.list_all(copy.db) == []
    logged = [json.loads(row["record"]) for row in copy.db.rows("SELECT * FROM audit_entry")]
    assert {one["action"] for one in logged} >= {"purge.erase", "revoke.erase"}
    copy.db.close()


def test_somebody_unknown_to_the_backup_is_skipped(gate: World) -> None:
    with gate.act() as act:
        act.record("test")
        assert erasures.reapply(act, erasures.collect([_entry("nobody")])) == 0
