"""The gate's answer for a whole gallery against the whole rule, asked for each template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest

from facecli.consent import gate as gates
from facecli.consent import retention_facts, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.consent.retention import decide
from facecli.errors.consent import NoConsent
from facecli.store import holdings, meta, shards, templates, time_reached
from facecli.store.packed import day_number, seconds
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from facecli.times import stamp
from tests.consent.conftest import World

ENGINES = ("engine/1", "engine/2")
MIDNIGHT = datetime(2027, 6, 30, 16, tzinfo=UTC)  # in Hangzhou; 30 and 31 May plus a month
REVISIONS: dict[str, list[dict[str, str]]] = {
    "gate": [{"retain_template": "90d", "inactive_after": "60d"}],
    "door": [
        {"retain_template": "1m", "inactive_after": "30d"},
        {"retain_template": "90d", "inactive_after": "2m"},
        {"retain_template": "3m", "inactive_after": "45d"},
    ],
    "pool": [
        {"scope": "first", "ask_again_within": "20d"},
        {"scope": "second", "ask_again_within": "20d", "retain_template": "50d"},
    ],
}
"""Each purpose's revisions, 40 days apart. The last one of `pool` is another version."""

Place = tuple[int, int, int]  # shard, slot, subject


@contextmanager
def undone(world: World) -> Iterator[None]:
    """Undo what the block writes."""
    world.db.execute("BEGIN")
    try:
        yield
    finally:
        world.db.execute("ROLLBACK")


@pytest.fixture
def park(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Purposes that were revised, in Hangzhou, and shards that are soon full."""
    monkeypatch.setattr(shards, "CAPACITIES", (1, 3, 5))
    with world.db.transaction():
        meta.put(world.db, "timezone", "Asia/Shanghai")
    for number in range(3):
        for code, revisions in REVISIONS.items():
            if number < len(revisions):
                world.apply(code, **revisions[number])
        world.wait(days=40)
    return world


def mostly(chance: Random, usual: Sequence[int], odd: Sequence[int]) -> int:
    """One of the usual values, and of the odd ones now and then."""
    return chance.choice(usual if chance.random() < 0.8 else odd)


def past_or_future(now: datetime, days: int, seconds: int) -> str:
    """The moment so far from now."""
    return stamp(now + timedelta(days=days, seconds=seconds))


def person(world: World, chance: Random, now: datetime, number: int) -> int:
    """Insert a subject with any consents, days of interactions and lapses. Return their id."""
    minor = chance.random() < 0.25
    subject_id = world.db.insert(
        "subject",
        id=subjects.last_id(world.db) + chance.choice([1, 1, 9]),  # 1: that of whoever was erased
        pseudonym_bytes=chance.randbytes(16),
        ref=f"A-{number}",
        state=chance.choice(["active"] * 12 + ["restricted", "alternative-only"]),
        minor=int(minor),
        guardian="Parent" if minor else None,
        created=seconds(stamp(now)) - 400 * 86400,
        last_day_number=0,
    )
    for code in REVISIONS:
        purpose_id = world.purpose(code).purpose_id
        for _ in range(mostly(chance, [1, 1, 2], [0, 3, 4])):
            agree(world, chance, now, Agreeing(subject_id, minor, world.purpose(code)))
        day = day_number(stamp(now)[:10]) - mostly(chance, [0, 5], [29, 30, 45, 59, 60, 61])
        if chance.random() < 0.9:
            world.db.execute(
                "INSERT INTO interaction (subject_id, purpose_id, day_number) VALUES (?, ?, ?)",
                (subject_id, purpose_id, day),
            )
        if chance.random() < 0.2:
            before = past_or_future(now, -mostly(chance, [0, 5], [1, 30, 90]), 0)
            world.db.execute(
                "INSERT INTO lapse (subject_id, purpose_id, before, due_at, reason)"
                " VALUES (?, ?, ?, ?, 'inactive')",
                (subject_id, purpose_id, before, before),
            )
    return subject_id


class Agreeing(NamedTuple):
    """Whoever consents, and to what."""

    subject_id: int
    minor: bool
    purpose: Purpose


def agree(world: World, chance: Random, now: datetime, who: Agreeing) -> None:
    """Insert a consent that is in force more often than not."""
    given = past_or_future(now, -mostly(chance, [1, 40], [0, -3]), chance.choice([-1, 0, 1]))
    ends = past_or_future(now, mostly(chance, [60, 99, 200], [0, 0, 1, -1]), chance.randint(-1, 1))
    recorded = past_or_future(now, -mostly(chance, [0, 1], [5, 30]), chance.choice([-1, 0, 0, 1]))
    purpose_id = who.purpose.purpose_id
    world.db.insert(
        "consent",
        record_id=chance.randbytes(16),
        subject_id=who.subject_id,
        purpose_id=purpose_id,
        purpose_version_id=world.db.value(
            "SELECT max(id) FROM purpose_version WHERE purpose_id = ?", (purpose_id,)
        ),
        version=mostly(chance, [who.purpose.version], [1, 9]),
        given=seconds(given),
        expires=max(seconds(ends), seconds(given) + 1),
        withdrawn_at=given if chance.random() < 0.1 else None,
        recorded=seconds(recorded),
        guardian="Parent" if who.minor and chance.random() < 0.5 else None,
    )


def enrol(world: World, chance: Random, now: datetime, subject_id: int) -> None:
    """Store templates of any age for any purpose, whether or not they agreed."""
    for _ in range(chance.choice([2, 3, 5])):
        purpose_id = world.purpose(chance.choice(list(REVISIONS))).purpose_id
        age = mostly(chance, [0, 1, 28], [5, 29, 30, 31, 49, 50, 89, 90, 91, 92])
        made = past_or_future(now, -age, chance.choice([-1, 0, 1]))
        engine = chance.choice(ENGINES)
        slot = NewSlot(subject_id, purpose_id, engine, 2, bytes([1] * 8), made)
        templates.add(world.db, slot, Capture(""))


def erase(world: World, subject_id: int) -> None:
    """Erase all of a person, so that their id may be given again."""
    rows = world.db.tuples("SELECT id FROM template WHERE subject_id = ?", (subject_id,))
    holdings.erase_templates(world.db, [row_id for (row_id,) in rows])
    for table in ("consent", "interaction", "lapse"):
        world.db.execute(f"DELETE FROM {table} WHERE subject_id = ?", (subject_id,))
    world.db.execute("DELETE FROM subject WHERE id = ?", (subject_id,))


def expected(world: World, purpose: Purpose, engine: str, now: str) -> list[Place]:
    """The templates whose subject has one consent that counts, and which are not due themselves."""
    reached = time_reached.later(world.db, now)
    rules = retention_facts.rules(world.db)
    found: list[Place] = []
    for subject in world.db.rows("SELECT * FROM subject"):
        fact = retention_facts.of_one(world.db, subjects.find(world.db, subject["ref"]))
        kept = {
            (one.what, one.item_id)
            for one in decide(fact, rules, reached)
            if one.decision == "keep"
        }
        if any(
            ("consent", one["id"]) in kept and counts(subject, one, purpose, now)
            for one in world.db.rows("SELECT * FROM consent WHERE subject_id = ?", [subject["id"]])
        ):
            found += [
                (one["shard_id"], one["slot"], subject["id"])
                for one in world.db.rows(
                    "SELECT t.* FROM template t JOIN template_shard h ON h.id = t.shard_id"
                    " WHERE subject_id = ? AND t.purpose_id = ? AND engine_id = ?",
                    (subject["id"], purpose.purpose_id, engine),
                )
                if ("template", one["id"]) in kept
            ]
    return sorted(found)


def counts(subject: Any, consent: Any, purpose: Purpose, now: str) -> bool:
    """Is this a consent of theirs to the present version that has begun?"""
    return (
        subject["state"] == "active"
        and (not subject["minor"] or consent["guardian"] is not None)
        and consent["purpose_id"] == purpose.purpose_id
        and consent["version"] == purpose.version
        and consent["given_at"] <= now
    )


def one_by_one(world: World, purpose: Purpose, engine: str, now: str) -> list[Place]:
    """The same as the gate decides for each person alone."""
    found: list[Place] = []
    for (ref,) in world.db.tuples("SELECT ref FROM subject"):
        try:
            found += gates.permitted_of(
                world.db, subjects.find(world.db, ref), purpose, engine, now
            )
        except NoConsent:
            continue
    return sorted(found)


def fill(world: World, chance: Random, now: datetime) -> None:
    """Insert people and templates, erase some, and give the last one's id again."""
    people = [person(world, chance, now, number) for number in range(12)]
    for subject_id in people:
        enrol(world, chance, now, subject_id)
    for subject_id in (chance.choice(people[:6]), people[-1]):
        erase(world, subject_id)
    enrol(world, chance, now, person(world, chance, now, 12))


def check(world: World, purpose: Purpose, engine: str, now: str) -> int:
    """Compare the answers, now and in the last second for which it holds. Return its length."""
    found = gates.permitted(world.db, purpose, engine, now)
    columns = (found.shards.tolist(), found.slots.tolist(), found.subjects.tolist())
    places = list(zip(*columns, strict=True))
    assert places == expected(world, purpose, engine, now)
    assert places == one_by_one(world, purpose, engine, now)
    if found.valid_until:
        last = stamp(datetime.fromisoformat(found.valid_until) - timedelta(seconds=1))
        assert set(places) <= set(expected(world, purpose, engine, last))
    return len(places)


@pytest.mark.rule("consent-version")
@pytest.mark.rule("restricted-not-matched")
@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_compared_whom_the_whole_rule_leaves_out(park: World, seed: int) -> None:
    """Random databases: many consents of one person, ends in this second, ids with gaps."""
    chance = Random(seed)
    compared = 0
    for _ in range(6):
        now = MIDNIGHT + timedelta(seconds=chance.choice([-1, 0, 1, 3600]))
        asked = stamp(now - timedelta(days=chance.choice([0, 0, 0, 2])))  # a clock set back
        with undone(park):
            time_reached.put(park.db, stamp(now))
            fill(park, chance, now)
            templates.check_subjects(park.db)
            compared += sum(
                check(park, park.purpose(code), engine, asked)
                for code in REVISIONS
                for engine in ENGINES
            )
    assert compared
