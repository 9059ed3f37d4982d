"""Subjects: adding, finding and correcting them."""

from __future__ import annotations

import pytest

from facecli.consent import skeletons, subjects
from facecli.consent.subjects import NewSubject
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.consent import ConfusableRef
from tests.consent.conftest import World


def test_a_subject_is_found_by_ref_and_by_pseudonym(gate: World) -> None:
    found = subjects.find(gate.db, "A-1")
    assert subjects.find_pseudonym(gate.db, found.pseudonym) == found
    assert subjects.pseudonym_of(gate.db, "A-1") == found.pseudonym
    assert subjects.pseudonym_of(gate.db, "nobody") is None
    with pytest.raises(Unknown):
        subjects.find(gate.db, "nobody")


def test_a_ref_is_taken_once(gate: World) -> None:
    with pytest.raises(BadInput), gate.act() as act:
        subjects.add(act, NewSubject("A-1"))


LOOK_ALIKE = ("a-1", "A-1\ufe0f", "\uff21-1", "\u0410-1", "A-l", "A -1")


@pytest.mark.parametrize("ref", LOOK_ALIKE)
def test_a_ref_that_looks_like_another_needs_to_be_distinct(gate: World, ref: str) -> None:
    with pytest.raises((ConfusableRef, BadText)), gate.act() as act:
        subjects.add(act, NewSubject(ref))
    with gate.act() as act:
        subjects.add(act, NewSubject(ref, distinct=True))
        assert subjects.find(act.db, "A-1").ref == "A-1"
        with pytest.raises(BadInput, match="has it already"):
            subjects.add(act, NewSubject(ref, distinct=True))


def test_a_ref_is_compared_with_those_that_were_recorded_without_skeletons(gate: World) -> None:
    with gate.db.transaction():
        gate.db.execute("UPDATE subject SET ref_skeleton = NULL, ref_folded_skeleton = NULL")
    subjects.complete_skeletons(gate.db)
    with pytest.raises(ConfusableRef), gate.act() as act:
        subjects.add(act, NewSubject("a-1"))


def test_a_corrected_ref_is_compared_with_the_others(gate: World) -> None:
    gate.add("B-1")
    with gate.act() as act:
        assert subjects.correct(act, "B-1", {"ref": "b-1"}).ref == "b-1"  # their own
    with pytest.raises(ConfusableRef, match="can be confused with A-1"), gate.act() as act:
        subjects.correct(act, "b-1", {"ref": "a-1"})
    with gate.act() as act:
        subjects.correct(act, "b-1", {"ref": "a-1"}, distinct=True)
        subjects.correct(act, "A-1", {"ref": "C-1"})
    with pytest.raises(ConfusableRef), gate.act() as act:
        subjects.add(act, NewSubject("c-1"))
    with gate.act() as act:
        subjects.add(act, NewSubject("B-1"))  # nobody has one like it now


def test_a_ref_whose_skeleton_has_the_number_of_another_is_no_look_alike(gate: World) -> None:
    one, other = "A-1730", "A-7400"  # of one series, and of 20 bits of their CRC-32
    assert skeletons.numbers(one)[0] == skeletons.numbers(other)[0]
    with gate.act() as act:
        subjects.add(act, NewSubject(one))
        assert subjects.add(act, NewSubject(other)).ref == other


def test_a_look_alike_is_found_by_an_index(gate: World) -> None:
    plan = gate.db.tuples(
        "EXPLAIN QUERY PLAN SELECT ref FROM subject WHERE (ref_skeleton IN (:a, :b)"
        " OR ref_folded_skeleton IN (:a, :b)) AND id IS NOT :but",
        {"a": 1, "b": 2, "but": None},
    )
    assert not [step for *_, step in plan if step.startswith("SCAN")]


def test_a_minor_needs_a_guardian(gate: World) -> None:
    with pytest.raises(BadInput, match="guardian"):
        NewSubject("M-1", minor=True).checked()


def test_correcting_keeps_the_pseudonym_and_logs_no_value(gate: World) -> None:
    before = subjects.find(gate.db, "A-1")
    with gate.act() as act:
        after = subjects.correct(act, "A-1", {"ref": "B-1", "name": "Jo Doe"})
    assert (after.ref, after.name, after.pseudonym) == ("B-1", "Jo Doe", before.pseudonym)
    entry = gate.db.value("SELECT record FROM audit_entry ORDER BY seq DESC LIMIT 1")
    assert "Jo" not in entry
    assert "B-1" not in entry
