"""What is due is not used, and stays due: a golden table of acts and days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from facecli.consent import gate as gates
from facecli.consent import holds, lapses, purposes, retention_facts, subjects
from facecli.consent.retention import decide
from facecli.errors.consent import NoConsent
from facecli.store import time_reached
from tests.consent.conftest import World

ENGINE = "engine/1"
Step = Callable[[World], object]


def day(number: float) -> Step:
    """Let it be so many days after the enrolment."""

    def move(world: World) -> None:
        world.moment = datetime(2026, 11, 23, 9, tzinfo=UTC)
        world.wait(days=number)
        with world.act() as act:
            act.record("test")
            time_reached.put(act.db, act.now)  # as for a database in use

    return move


def apply(**changes: Any) -> Step:
    return lambda world: world.apply(**changes)


def consent(**what: Any) -> Step:
    return lambda world: world.record(**what)


def held(world: World) -> None:
    with world.act() as act:
        holds.hold(act, "A-1", "case 7", "2099-01-01T00:00:00Z")


def released(world: World) -> None:
    with world.act() as act:
        holds.release(act, "A-1")


def corrected(world: World) -> None:
    with world.act() as act:
        subjects.correct(act, "A-1", {"name": "Jo Doe"})


def completed(world: World) -> None:
    with world.act() as act:
        lapses.complete(act, subjects.find(act.db, "A-1"), world.purpose())


def clock_back(world: World) -> None:
    world.wait(days=-3)


KEEP = "keep"
TABLE: list[tuple[str, dict[str, Any], list[Step], bool, str]] = [
    # what happens; terms; steps; matched?; what the policy decides about the template
    ("nothing", {}, [day(5)], True, KEEP),
    ("retention", {"retain_template": "72h"}, [day(2.9)], True, KEEP),
    ("retention over", {"retain_template": "72h"}, [day(5)], False, "retention-over"),
    ("just over", {"retain_template": "72h"}, [day(3)], False, "retention-over"),
    ("active", {"inactive_after": "180d"}, [day(180.6)], True, KEEP),
    ("inactive", {"inactive_after": "180d"}, [day(205)], False, "inactive"),
    (
        "a consent after inactivity",
        {"inactive_after": "180d"},
        [day(205), consent()],
        False,
        "inactive",
    ),
    ("a consent that ended", {"inactive_after": "2y"}, [day(365)], False, "consent-expired"),
    (
        "a consent renewed in time",
        {"inactive_after": "2y", "retain_template": "2y"},
        [day(300), consent(expires="2y"), day(400)],
        True,
        KEEP,
    ),
    (
        "a consent renewed too late",
        {"inactive_after": "2y", "retain_template": "2y"},
        [day(366), consent()],
        False,
        "consent-expired",
    ),
    ("suspended by a new version", {}, [apply(scope="new"), day(29)], False, KEEP),
    ("agreed in time", {}, [apply(scope="new"), day(29), consent(), day(60)], True, KEEP),
    ("not agreed in time", {}, [apply(scope="new"), day(30)], False, "purpose-revised"),
    (
        "agreed too late",
        {},
        [apply(scope="new"), day(31), consent(), day(32)],
        False,
        "purpose-revised",
    ),
    (
        "asked again within a shorter time",
        {},
        [apply(scope="new", ask_again_within="7d"), day(7)],
        False,
        "purpose-revised",
    ),
    (
        "a second new version does not wait longer",
        {},
        [apply(scope="new"), day(20), apply(scope="newer"), day(30)],
        False,
        "purpose-revised",
    ),
    ("retention shortened", {}, [day(9), apply(retain_template="3d")], False, "retention-over"),
    (
        "retention shortened and lengthened again, and agreed to",
        {},
        [day(9), apply(retain_template="3d"), day(10), apply(retain_template="1y"), consent()],
        False,
        "retention-over",
    ),
    (
        "retention lengthened in time, and agreed to",
        {"retain_template": "3d"},
        [day(2), apply(retain_template="1y"), consent(), day(30)],
        True,
        KEEP,
    ),
    (
        "a hold that is released",
        {"retain_template": "72h"},
        [held, day(5), released],
        False,
        "retention-over",
    ),
    ("a correction", {"retain_template": "72h"}, [day(5), corrected], False, "retention-over"),
    ("a purpose that is met", {}, [day(5), completed], False, "purpose-met"),
    (
        "a purpose that is met, and agreed to again",
        {},
        [day(5), completed, day(6), consent()],
        False,
        "purpose-met",
    ),
    (
        "what ended before it was met",
        {"retain_template": "3d"},
        [day(5), completed],
        False,
        "retention-over",
    ),
    ("met under a hold that is released", {}, [held, completed, released], False, "purpose-met"),
    ("the clock set back", {"retain_template": "72h"}, [day(4), clock_back], False, KEEP),
]


@pytest.mark.rule("due-is-not-used")
@pytest.mark.rule("agree-again-in-time")
@pytest.mark.parametrize(
    ("terms", "steps", "matched", "decided"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_what_is_due_is_not_used_and_stays_due(
    world: World, terms: dict[str, Any], steps: list[Step], matched: bool, decided: str
) -> None:
    world.apply(**terms)
    world.add()
    world.record()
    world.template()
    for step in steps:
        step(world)
    assert _matched(world) == matched
    subject = retention_facts.of_one(world.db, subjects.find(world.db, "A-1"))
    (one,) = [
        one
        for one in decide(subject, retention_facts.rules(world.db), world.now)
        if one.what == "template"
    ]
    assert (one.decision if one.decision == KEEP else one.reason) == decided


def _matched(world: World) -> int:
    purpose = world.purpose()
    found = gates.permitted(world.db, purpose, ENGINE, world.now)
    try:
        subject = subjects.find(world.db, "A-1")
        alone = gates.permitted_of(world.db, subject, purpose, ENGINE, world.now)
    except NoConsent:
        alone = []
    assert len(alone) == len(found)
    return len(found)


@pytest.mark.parametrize(
    ("made", "length", "over_at"),
    [
        ("2028-02-29T10:00:00Z", "1y", "2029-02-28T10:00:00Z"),
        ("2028-02-29T10:00:00Z", "4y", "2032-02-29T10:00:00Z"),
        ("2027-01-31T10:00:00Z", "1m", "2027-02-28T10:00:00Z"),
        ("2027-01-30T10:00:00Z", "72h", "2027-02-02T10:00:00Z"),
    ],
)
def test_the_calendar_decides_when_a_length_is_over(
    world: World, made: str, length: str, over_at: str
) -> None:
    world.moment = datetime.fromisoformat(made)
    world.apply(retain_template=length, inactive_after="9y", max_consent="9y")
    world.add()
    world.record(expires="9y")
    world.template()
    purpose = world.purpose()
    found = gates.permitted(world.db, purpose, ENGINE, world.now)
    assert found.valid_until is not None
    assert world.now < found.valid_until <= over_at
    world.moment = datetime.fromisoformat(over_at)
    world.wait(seconds=-1)
    assert _matched(world) == 1
    world.wait(seconds=1)
    assert _matched(world) == 0


def test_a_new_version_says_how_many_are_suspended_and_until_when(gate: World) -> None:
    gate.record()
    change = gate.apply(scope="new")
    assert (change.consents_ended, change.due_at) == (1, "2026-12-23T09:00:00Z")


def test_a_retired_purpose_closes_at_once(gate: World) -> None:
    gate.record()
    gate.template()
    with gate.act() as act:
        purposes.retire(act, "gate")
    with pytest.raises(NoConsent):
        gates.permitted(gate.db, gate.purpose(), ENGINE, gate.now)
