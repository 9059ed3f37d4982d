"""Requests and complaints: deadlines, answers, and the record of whoever waits for one."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.consent import retention_facts, subjects
from facecli.consent.register import requests
from facecli.consent.register.requests import Request, shortest
from facecli.consent.retention import due_or_held
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.consent import NoSuchRequest
from tests.consent.conftest import World
from tests.consent.register.conftest import HOSTILE, MARKUP, entries


def asked(world: World, ref: str = "A-1", kind: Any = "complain", on: Any = None) -> Request:
    with world.act() as act:
        return requests.record(act, subjects.find(act.db, ref), kind, on)


def answered(world: World, request: Request, text: str = "done", refused: Any = None) -> Request:
    with world.act() as act:
        return requests.answer(act, request.request_id, text, refused)


def test_it_is_due_at_the_end_of_the_last_day(world: World) -> None:
    world.add()
    made = asked(world, on="2026-11-20")
    assert (made.received_on, made.due_at) == ("2026-11-20", "2026-12-21T00:00:00Z")
    assert made.state("2026-12-20T23:59:59Z") == "open"
    assert made.state("2026-12-21T00:00:00Z") == "overdue"
    entry = entries(world)[-1]
    assert entry["details"] == {
        "request": made.request_id, "kind": "complain", "received_on": "2026-11-20",
        "due_at": made.due_at,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [((), "30d"), (("2w", "1m"), "2w"), (("1m", "30d"), "30d"), (("1y", "15d", "3w"), "15d")],
)
def test_the_shortest_length_counts(lengths: tuple[str, ...], expected: str) -> None:
    assert shortest(lengths) == expected


def test_the_deadline_is_that_of_the_purposes_that_the_subject_agreed_to(world: World) -> None:
    world.add("A-1")
    assert requests.within(world.db, subjects.find(world.db, "A-1").subject_id) == "30d"
    world.apply("gate", answer_within="15d")
    world.apply("staff", answer_within="1w")
    world.apply("silent")
    number = subjects.find(world.db, "A-1").subject_id
    assert requests.within(world.db, number) == "1w"
    world.record("A-1", "gate")
    assert requests.within(world.db, number) == "15d"
    world.record("A-1", "silent")
    assert requests.within(world.db, number) == "15d"


@pytest.mark.parametrize("on", ["2999-01-01", "yesterday"])
def test_a_day_that_cannot_be_is_refused(world: World, on: str) -> None:
    world.add()
    with pytest.raises(BadInput):
        asked(world, on=on)


@pytest.mark.rule("copy-correct-erase")
def test_an_answer_is_recorded_once_and_the_log_has_no_text(world: World) -> None:
    world.add()
    first, second = asked(world, kind="access"), asked(world, kind="erase")
    answered(world, first, "copy handed over")
    world.wait(days=31)
    late = answered(world, second, "kept", "a court asked for it")
    assert [one.state(world.now) for one in (late, requests.find(world.db, first.request_id))] == [
        "refused", "answered",
    ]  # fmt: skip
    details = [one["details"] for one in entries(world) if one["action"] == "request.answer"]
    assert [(one["refused"], one["in_time"]) for one in details] == [(False, True), (True, False)]
    assert "court" not in str(entries(world))
    with pytest.raises(BadInput, match="already"):
        answered(world, first)
    for name in ("", "A-1", "0" * 16):
        with pytest.raises(NoSuchRequest), world.act() as act:
            requests.answer(act, name, "done", None)


def test_hostile_texts_are_refused_and_markup_stays_what_it_is(world: World) -> None:
    world.add()
    made = asked(world)
    for text in HOSTILE:
        with pytest.raises(BadText):
            answered(world, made, text)
        with pytest.raises(BadText):
            answered(world, made, "done", text)
    for text in ("-", "none", "N/A", "\u65e0"):
        with pytest.raises(BadText, match="states nothing"):
            answered(world, made, "no", text)
    for text in MARKUP:
        done = answered(world, asked(world), text, text)
        assert (done.answer, done.refused) == (text, text)
    assert [one.request_id for one in requests.list_open(world.db)] == [made.request_id]


@pytest.mark.rule("earliest-deletion")
def test_whoever_has_an_open_request_is_not_erased_for_want_of_a_consent(world: World) -> None:
    subject = world.add()
    made = asked(world)

    def due() -> list[str]:
        fact = retention_facts.of_one(world.db, subject)
        return [one.reason for one in due_or_held(fact, {}, world.now)]

    world.wait(days=400)
    assert due() == []
    answered(world, made)
    world.wait(days=29)
    assert due() == []
    world.wait(days=1)
    assert due() == ["no-consent"]
    asked(world)
    assert due() == []


def test_an_open_request_keeps_nobody_whose_consent_ended(world: World) -> None:
    world.apply()
    world.add()
    world.record(expires="1d")
    asked(world)
    world.wait(days=2)
    fact = retention_facts.of_one(world.db, subjects.find(world.db, "A-1"))
    rules = retention_facts.rules(world.db)
    assert {one.what for one in due_or_held(fact, rules, world.now)} == {"consent", "subject"}


def test_requests_are_counted_before_and_after_the_erasure(world: World) -> None:
    for ref in ("A-1", "A-2"):
        world.add(ref)
        answered(world, asked(world, ref))
        answered(world, asked(world, ref), "no", "a reason")
        asked(world, ref, on="2026-01-01")
    before = requests.count(world.db, world.now)
    assert before == (2, 2, "2026-02-01T00:00:00Z", 2, 2, 0)
    with world.db.transaction():
        requests.leave(world.db, [subjects.find(world.db, "A-1").subject_id])
    assert requests.count(world.db, world.now) == (1, 1, "2026-02-01T00:00:00Z", 2, 2, 1)
    assert len(requests.list_all(world.db)) == 3
