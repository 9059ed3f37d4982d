"""Disclosures: on record for the subject, erased with them, counted afterwards; and breaches."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.consent import subjects
from facecli.consent.register import disclosures
from facecli.consent.register.disclosures import Disclosure
from facecli.errors.command_line import BadInput, BadText
from tests.consent.conftest import World
from tests.consent.register.conftest import HOSTILE, MARKUP, entries

STATED = {"recipient": "City court", "what": "two photos", "basis": "order 118", "on": None}


def disclosed(world: World, ref: str | None = "A-1", **what: Any) -> Disclosure:
    with world.act() as act:
        subject = None if ref is None else subjects.find(act.db, ref)
        return disclosures.record(act, subject, **{**STATED, **what})


def of(world: World, ref: str) -> list[Disclosure]:
    return disclosures.of_subject(world.db, subjects.find(world.db, ref).subject_id)


def test_it_is_on_record_and_the_log_has_its_id_alone(world: World) -> None:
    subject = world.add()
    made = disclosed(world)
    assert of(world, "A-1") == [made]
    assert (made.recipient, made.day) == ("City court", world.now[:10])
    entry = entries(world)[-1]
    assert (entry["action"], entry["subject_id"]) == ("disclosure.record", subject.pseudonym)
    assert entry["details"] == {"disclosure": made.disclosure_id, "whole_database": False}


@pytest.mark.rule("disclosures-on-record")
def test_a_breach_of_the_whole_database_concerns_everybody(world: World) -> None:
    world.add("A-1")
    breach = disclosed(world, None, recipient="unknown", on="2026-01-02")
    world.add("A-2")  # facecli cannot know who was on record under another REF
    own = disclosed(world, "A-2", on="2026-03-04")
    assert of(world, "A-1") == [breach]
    assert of(world, "A-2") == [breach, own]
    assert breach.whole_database
    assert entries(world)[-3]["subject_id"] is None


@pytest.mark.parametrize("field", ["recipient", "what", "basis"])
def test_hostile_texts_are_refused_and_markup_stays_what_it_is(world: World, field: str) -> None:
    world.add()
    for text in HOSTILE:
        with pytest.raises(BadText):
            disclosed(world, **{field: text})
    for text in MARKUP:
        disclosed(world, **{field: text})
    assert sorted(getattr(one, field) for one in of(world, "A-1")) == sorted(MARKUP)


@pytest.mark.parametrize(
    ("on", "why"),
    [
        ("2999-01-01", "2999-01-01 is in the future"),
        ("0001-01-01", "0001-01-01 is before 1900-01-01; check the year"),
        ("1899-12-31T23:59:59Z", "1899-12-31 is before 1900-01-01"),
    ],
)
def test_a_day_on_which_it_cannot_have_been_is_refused(world: World, on: str, why: str) -> None:
    world.add()
    with pytest.raises(BadInput, match=why):
        disclosed(world, on=on)
    assert disclosed(world, on="1900-01-01").day == "1900-01-01"


@pytest.mark.rule("pseudonyms-after-erasure")
def test_it_goes_with_its_subject_and_is_counted(world: World) -> None:
    world.add("A-1")
    world.add("A-2")
    disclosed(world, "A-1")
    kept = disclosed(world, "A-2")
    breach = disclosed(world, None)
    with world.db.transaction():
        disclosures.leave(world.db, [subjects.find(world.db, "A-1").subject_id])
    assert of(world, "A-1") == [breach]
    assert sorted(of(world, "A-2"), key=lambda one: one.whole_database) == [kept, breach]
    assert disclosures.count(world.db) == {"recorded": 2, "whole_database": 1}
