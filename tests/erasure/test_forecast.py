"""What will be due: the counts in SQL say what the policy says of everybody, at any time."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from facecli.consent import retention_facts
from facecli.consent.dates import day_of, last_moment, zone_of
from facecli.consent.retention import decide
from facecli.erasure import purge
from facecli.erasure.forecast import Due, forecast
from facecli.erasure.nights import Nights
from facecli.store.packed import day_number, seconds
from facecli.times import add, stamp
from tests.conftest import Facecli
from tests.prepared import opened


def _everybody(db: Any, moment: Any) -> Any:
    """What the policy says of everybody, one by one."""
    things: Counter[Any] = Counter()
    people = held = 0
    rules = retention_facts.rules(db)
    for subject in retention_facts.everybody(db):
        decisions = decide(subject, rules, moment)
        due = [one.what for one in decisions if one.decision == "due"]
        held += sum(one.decision == "held" for one in decisions)
        people += bool(due)
        things.update(due)
    return Due(people, things, held)


def _fill(session: Any, dice: Any, step: int = 1) -> None:
    """Sixty people in every state that the policy knows, two purposes, some of it inconsistent.

    step: of the days that are drawn; with a large one, many people are alike.
    """
    db = session.db

    def days(low: int, high: int) -> str:
        return add_days(session.now, dice.randrange(low, high + 1, step))

    versions = {row["purpose_id"]: row["id"] for row in db.rows("SELECT * FROM purpose_current")}
    shard = db.insert(
        "template_shard", purpose_id=1, engine_id="e", dimension=1, capacity=999, used=0
    )
    for number in range(60):
        subject = db.insert(
            "subject", pseudonym_bytes=bytes([number]), ref=f"A-{number}", state="active", minor=0,
            created=seconds(session.now), last_day_number=day_number(days(-300, 0)[:10]),
        )  # fmt: skip
        if number % 7 == 0:
            db.insert(
                "subject_hold", subject_id=subject, reason="r", set_at=session.now,
                until=days(-5, 20), state_before="active",
            )  # fmt: skip
        if number % 9 == 0:
            db.insert(
                "lapse", subject_id=subject, purpose_id=1, before=days(-350, 10),
                due_at=days(-9, 0), reason="inactive",
            )  # fmt: skip
        for purpose in versions:
            day = day_number(days(-300, 0)[:10])
            db.insert("interaction", subject_id=subject, purpose_id=purpose, day_number=day)
            for _ in range(dice.choice([0, 1, 1, 2])):
                db.insert(
                    "consent", record_id=dice.randbytes(16), subject_id=subject,
                    purpose_id=purpose, purpose_version_id=versions[purpose],
                    version=dice.choice([1, 2, 2]), given=seconds(days(-900, -500)),
                    expires=seconds(days(-30, 400)), recorded=seconds(session.now),
                    withdrawn_at=dice.choice([None, None, None, days(-9, 20)]),
                )  # fmt: skip
            for _ in range(dice.choice([0, 0, 1, 3])):
                number += 60
                db.insert(
                    "template", template_id=dice.randbytes(16), subject_id=subject,
                    purpose_id=purpose, shard_id=shard, slot=db.value(
                        "SELECT count(*) FROM template"), capture_sha256=b"",
                    created=seconds(days(-400, -300)),
                )  # fmt: skip
                db.insert(
                    "sample", subject_id=subject, purpose_id=purpose, captured_at=days(-40, 0),
                    photo=b"x",
                )  # fmt: skip
                db.insert(
                    "match_event", subject_id=subject, purpose_id=purpose, at=days(-40, 0),
                    kind="verification", distance=0.1, threshold=0.2,
                )  # fmt: skip


def add_days(moment: Any, days: Any) -> Any:
    return stamp(datetime.fromisoformat(moment) + timedelta(days=days, seconds=days * 977))


@pytest.mark.parametrize("step", [1, 200])
@pytest.mark.parametrize("seed", range(3))
def test_the_forecast_is_what_the_policy_says_of_everybody(
    ready: Facecli, purposes_file: Callable[..., Path], seed: Any, step: int
) -> None:
    path = purposes_file(scope='"Another gate"', retain_photo='"20d"')
    assert ready("purpose", "apply", path).code == 0
    if seed == 2:  # a short retention that was lengthened again
        path = purposes_file(scope='"Another gate"', retain_photo='"5d"')
        assert ready("purpose", "apply", path).code == 0
        path = purposes_file(scope='"A third gate"', retain_photo='"20d"')
        assert ready("purpose", "apply", path).code == 0
    if seed == 1:
        assert ready("purpose", "retire", "attendance", "--yes").code == 0
    with opened(ready) as session:
        with session.db.transaction():
            _fill(session, random.Random(seed), step)
        moments = [add(session.now, length) for length in ("0d", "7d", "30d", "1y")]
        found = forecast(session.db, moments)
        expected = [_everybody(session.db, moment) for moment in moments]
    assert [one.things["match"] for one in expected] != [0, 0, 0, 0]
    assert found == expected


@pytest.mark.parametrize("step", [1, 200])
@pytest.mark.parametrize("seed", range(2))
def test_the_nights_agree_with_the_survey_of_a_purge(
    ready: Facecli, purposes_file: Callable[..., Path], seed: Any, step: int
) -> None:
    path = purposes_file(scope='"Another gate"', retain_photo='"20d"')
    assert ready("purpose", "apply", path).code == 0
    with opened(ready) as session:
        db = session.db
        with db.transaction():
            _fill(session, random.Random(seed), step)
        today, zone = day_of(session.now, zone_of(db)), zone_of(db)
        nights = Nights(today, zone)
        forecast(db, [session.now], nights)
        each = _each_on_their_own(db, today, zone)
        found = {day: (one.people, one.things, one.leaving) for day, one in nights._nights.items()}
        assert found == {
            day: (
                sum(one[day].people for one in each.values()),
                sum((one[day].things for one in each.values()), Counter()),
                sum(one[day].leaving for one in each.values()),
            )
            for day in found
        }
        every = list(nights._nights.items())
        for week in range(0, len(every), 7):
            day = every[week + 6][0]
            people = {
                who
                for who, own in each.items()
                if any(own[past].people for past, _ in every[: week + 7])
            }
            surveyed = purge.survey(db, last_moment(day, "day", zone_of(db), session.now))
            due = [
                one.subject.item_id
                for one in surveyed.found
                if any(decision.decision == "due" for decision in one.decisions)
            ]
            assert sorted(people) == sorted(due), day
        matches = sum(len(one.due) for one in surveyed.matches)
        assert sum(one.things["match"] for one in nights._nights.values()) >= matches > 0


def _each_on_their_own(db: Any, today: str, zone: str) -> dict[int, Any]:
    """Return the nights of each subject, by the policy alone."""
    rules, found = retention_facts.rules(db), {}
    for subject in retention_facts.everybody(db):
        own = Nights(today, zone)
        own.add(subject, decide(subject, rules, last_moment(own.last, "day", zone, today)))
        found[subject.item_id] = own._nights
    return found


def test_nothing_is_due_where_there_is_nobody_and_no_purpose(facecli: Facecli) -> None:
    assert facecli("init").code == 0
    with opened(facecli) as session:
        assert forecast(session.db, [session.now]) == [Due(0, Counter(), 0)]
