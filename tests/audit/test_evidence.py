"""Entries with their proofs, which hold without the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from facecli.audit import evidence, sealing
from facecli.audit.proofs import prove
from facecli.cli.session import Session
from facecli.errors.audit import LogAltered, ProofFalse
from tests.prepared import opened


@pytest.fixture
def log(facecli: Any) -> Iterator[Session]:
    """A log with entries of two subjects."""
    facecli("init")
    with opened(facecli) as session:
        with session.act() as act:
            for number in range(6):
                outcome = "failed" if number == 4 else "done"
                act.record("enroll", outcome, subject_id=f"s-{number % 2}")
            act.record("enroll.other", subject_id="s-0")
        yield session


def test_an_entry_is_found_by_its_number(log: Session) -> None:
    found = evidence.entry(log.db, 3)
    assert found is not None
    assert (found["seq"], found["action"]) == (3, "enroll")
    assert evidence.entry(log.db, 99) is None


def test_done_acts_on_a_subject_come_latest_first(log: Session) -> None:
    found = evidence.of_subject(log.db, "enroll", "s-0")
    assert [one["seq"] for one in found] == [5, 3]  # not the failed one, nor a longer action
    assert evidence.of_subject(log.db, "enroll", "s-9") == []


def test_each_proof_shows_its_entry_to_the_holder_of_the_trust_key(log: Session) -> None:
    wanted = [one for seq in (1, 3, 9) if (one := evidence.entry(log.db, seq))]
    assert len(wanted) == 3
    with log.act() as act:
        sealing.prepare(act)
        act.record("test")
        issued = evidence.issue(act, wanted)
    trust_key = sealing.trust_key(log.db)
    for one, (entry, proof) in zip(wanted, issued, strict=True):
        proven = prove(entry, proof, trust_key, "receipt")
        assert (proven.entry, proven.checkpoint.size) == (one, 10)
        with pytest.raises(ProofFalse):
            prove({**entry, "outcome": "failed"}, proof, trust_key, "receipt")


def test_nothing_is_proven_where_a_hash_of_the_tree_is_missing(log: Session) -> None:
    wanted = evidence.entry(log.db, 3)
    assert wanted is not None
    with log.db.transaction():
        log.db.execute("DELETE FROM audit_entry WHERE seq = 5")
    with log.act() as act:
        act.record("test")
        with pytest.raises(LogAltered):
            evidence.issue(act, [wanted])
