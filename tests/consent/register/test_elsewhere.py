"""What is held elsewhere: on record until confirmed, and beyond the erasure without a name."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.consent import retention_facts, subjects
from facecli.consent.register import counts, elsewhere
from facecli.consent.register.elsewhere import Case, Item, check_kind
from facecli.consent.retention import decide
from facecli.erasure import erasing
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.consent import NoSuchItem
from tests.consent.conftest import World
from tests.consent.register.conftest import HOSTILE, entries

PROOF = "e" * 64


def held(world: World, ref: str = "A-1", **what: Any) -> Item:
    stated = {"what": "fingerprint", "place": "Gate Vendor Ltd", "since": "2025-01-02", **what}
    with world.act() as act:
        return elsewhere.add(act, subjects.find(act.db, ref), **stated)


def erase(world: World, ref: str = "A-1", case: Case | None = None) -> None:
    """Erase a subject, in the order of an erasure."""
    number = subjects.find(world.db, ref).subject_id
    with world.act() as act:
        act.record("test")
        elsewhere.leave(act.db, [number], {} if case is None else {number: case})
        subjects.erase(act, [number])


@pytest.mark.rule("held-elsewhere")
def test_it_is_on_record_and_the_log_has_only_its_kind(world: World) -> None:
    subject = world.add()
    item = held(world)
    assert (item.ref, item.what, item.place, item.state) == (
        "A-1", "fingerprint", "Gate Vendor Ltd", "open",
    )  # fmt: skip
    assert (item.since, item.recorded_on) == ("2025-01-02", world.now[:10])
    entry = entries(world)[-1]
    assert (entry["action"], entry["subject_id"]) == ("elsewhere.add", subject.pseudonym)
    assert entry["details"] == {"what": "fingerprint"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [("photo", "photo"), ("Photos", "photo"), ("Face data", "face-data"), ("iris", "iris"),
     ("FINGERPRINTS", "fingerprint"), (" paper ", "paper")],
)  # fmt: skip
def test_a_kind_is_one_of_a_list(text: str, kind: str) -> None:
    assert check_kind(text) == kind


@pytest.mark.parametrize("text", ["", "s", "soul", "Jo Doe", "photo\u202e", "photo of Jo"])
def test_no_other_kind_can_name_anybody(text: str) -> None:
    with pytest.raises(BadText):
        check_kind(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_holder_is_refused(world: World, text: str) -> None:
    world.add()
    with pytest.raises(BadText):
        held(world, place=text)
    assert elsewhere.list_all(world.db) == []


@pytest.mark.parametrize(
    "place", ["the file of A-1", "Jo Doe's bank", "doe, JO", "\uff2a\uff4f \uff24\uff4f\uff45"]
)
def test_a_holder_that_names_the_subject_is_refused(world: World, place: str) -> None:
    world.add(name="Jo Doe")
    with pytest.raises(BadText, match="names the subject"):
        held(world, place=place)


def test_a_day_in_the_future_is_refused(world: World) -> None:
    world.add()
    with pytest.raises(BadInput, match="in the future"):
        held(world, since="2999-01-01")


@pytest.mark.rule("held-elsewhere")
def test_a_confirmation_stays_with_the_subject_and_goes_with_them(world: World) -> None:
    subject = world.add()
    item = held(world)
    with world.act() as act:
        elsewhere.confirm(act, item.item_id, PROOF)
    [confirmed] = elsewhere.of_subject(world.db, subject.subject_id)
    assert (confirmed.state, confirmed.evidence_sha256) == ("confirmed", PROOF)
    assert entries(world)[-1]["subject_id"] == subject.pseudonym
    with pytest.raises(BadInput, match="already"), world.act() as act:
        elsewhere.confirm(act, item.item_id, PROOF)
    erase(world, case=Case("c" * 16, world.now))
    assert elsewhere.list_all(world.db) == []
    assert counts.of_erased(world.db) == {(elsewhere.CONFIRMED, ""): 1}


def test_no_confirmation_of_another_subjects_item_or_of_none(world: World) -> None:
    world.add("A-1")
    other = world.add("A-2")
    item = held(world)
    with pytest.raises(NoSuchItem), world.act() as act:
        elsewhere.confirm(act, item.item_id, PROOF, other)
    for name in ("", "0" * 16, "A-1", item.item_id.upper() + "x"):
        with pytest.raises(NoSuchItem), world.act() as act:
            elsewhere.confirm(act, name, PROOF)
    assert elsewhere.find(world.db, item.item_id).state == "open"


@pytest.mark.rule("held-elsewhere")
def test_an_open_item_outlives_its_subject_under_a_case_and_without_a_name(world: World) -> None:
    world.add(name="Jo Doe")
    item = held(world)
    erase(world, case=Case("c" * 16, world.now))
    [left] = elsewhere.list_all(world.db)
    assert (left.item_id, left.ref, left.case_id) == (item.item_id, None, "c" * 16)
    assert (left.what, left.place, left.asked_at) == ("fingerprint", "Gate Vendor Ltd", world.now)
    with world.act() as act:
        elsewhere.confirm(act, item.item_id, PROOF)
    assert elsewhere.list_all(world.db) == []
    entry = entries(world)[-1]
    assert entry["subject_id"] is None
    assert entry["details"] == {
        "item": item.item_id, "what": "fingerprint", "case": "c" * 16, "evidence_sha256": PROOF,
    }  # fmt: skip
    with pytest.raises(NoSuchItem), world.act() as act:
        elsewhere.confirm(act, item.item_id, PROOF)


def test_a_holder_that_names_the_subject_since_a_correction_is_not_kept(world: World) -> None:
    world.add()
    held(world, place="the bank of Jo Doe")
    with world.act() as act:
        subjects.correct(act, "A-1", {"name": "Jo Doe"})
    erase(world, case=Case("c" * 16, world.now))
    assert [one.place for one in elsewhere.list_all(world.db)] == [elsewhere.NOT_KEPT]


def test_a_holder_that_names_a_guardian_who_consented_is_refused_and_not_kept(world: World) -> None:
    world.apply()
    world.add(minor=True, guardian="Ann Poe")
    held(world, place="the bank of Zoe Quill")
    with world.act() as act:
        subjects.correct(act, "A-1", {"guardian": "Zoe Quill"})
    world.record(guardian="Zoe Quill")
    with world.act() as act:
        subjects.correct(act, "A-1", {"guardian": "Ann Poe"})
    with pytest.raises(BadText, match="names the subject"):
        held(world, place="Zoe Quill")
    fact = retention_facts.of_one(world.db, subjects.find(world.db, "A-1"))
    rules = {"gate": retention_facts.rules_of(world.db, "gate")}
    kept = decide(fact, rules, "9999-01-01T00:00:00Z")
    whole = tuple(one._replace(decision="due", reason="withdrawn") for one in kept)
    with world.act() as act:
        erasing.erase(act, [erasing.Erasable(fact, whole)], action="revoke")
    assert [one.place for one in elsewhere.list_all(world.db)] == [elsewhere.NOT_KEPT]


def test_without_a_case_open_items_go_too(world: World) -> None:
    world.add()
    held(world)
    erase(world)
    assert elsewhere.list_all(world.db) == []


@pytest.mark.rule("held-elsewhere")
def test_an_item_without_a_confirmation_is_erased_after_the_stated_time(world: World) -> None:
    world.add()
    held(world)
    world.wait(days=400)  # before the erasure nothing is over
    assert elsewhere.over(world.db, world.now) == []
    erase(world, case=Case("c" * 16, world.now))
    world.wait(days=365)  # the year has a leap day
    assert elsewhere.over(world.db, world.now) == []
    world.wait(days=1)
    with world.act() as act:
        act.record("test")
        elsewhere.expire(act)
    assert elsewhere.list_all(world.db) == []
    assert entries(world)[-1]["action"] == "elsewhere.expire"
    assert counts.of_erased(world.db) == {(elsewhere.UNCONFIRMED, ""): 1}


def test_what_is_open_is_counted_with_its_age(world: World) -> None:
    assert elsewhere.open_at(world.db, world.now) == (0, None, 0, None, 0)
    world.add("A-1")
    world.add("A-2")
    first = world.now
    held(world, "A-1")
    world.wait(days=10)
    held(world, "A-2", what="photo")
    held(world, "A-2", what="photo")
    numbers = [subjects.find(world.db, ref).subject_id for ref in ("A-1", "A-2")]
    assert elsewhere.open_of(world.db, numbers) == {
        numbers[0]: {"fingerprint": 1}, numbers[1]: {"photo": 2},
    }  # fmt: skip
    asked = world.now
    erase(world, "A-1", Case("c" * 16, asked))
    assert elsewhere.open_at(world.db, world.now) == (3, first[:10], 1, asked, 0)
    world.wait(days=30)
    assert elsewhere.open_at(world.db, world.now).late == 1
