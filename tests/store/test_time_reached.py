"""The latest time of any act: it goes on, never back, and not with a clock that is far ahead."""

from __future__ import annotations

import pytest

from facecli.store import time_reached
from facecli.store.database import Database
from facecli.store.time_reached import NOTHING

MONDAY, TUESDAY = "2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z"
IN_45_DAYS, LATER = "2027-01-07T12:00:00Z", "2027-01-07T12:00:01Z"


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        (NOTHING, MONDAY, MONDAY),
        (MONDAY, TUESDAY, TUESDAY),
        (TUESDAY, MONDAY, TUESDAY),  # the clock was set back
        (MONDAY, MONDAY, MONDAY),
        (MONDAY, IN_45_DAYS, IN_45_DAYS),
        (MONDAY, LATER, MONDAY),  # the clock is ahead
    ],
)
def test_the_time_reached_goes_on_if_that_is_plausible(
    before: str, now: str, after: str, db: Database
) -> None:
    assert time_reached.onward(before, now) == after
    with db.transaction():
        if before != NOTHING:
            time_reached.put(db, before)
        time_reached.advance(db, now)
    assert time_reached.reached(db) == after


@pytest.mark.parametrize(
    ("before", "now", "believed"),
    [
        (NOTHING, MONDAY, MONDAY),
        (MONDAY, IN_45_DAYS, IN_45_DAYS),
        (MONDAY, LATER, MONDAY),
        (TUESDAY, MONDAY, MONDAY),
    ],
)
def test_a_clock_too_far_ahead_is_not_believed(
    before: str, now: str, believed: str, db: Database
) -> None:
    with db.transaction():
        if before != NOTHING:
            time_reached.put(db, before)
    assert time_reached.believed(db, now) == believed


def test_before_the_first_act_no_time_was_reached(db: Database) -> None:
    assert time_reached.reached(db) == NOTHING
    assert time_reached.later(db, MONDAY) == MONDAY


def test_ends_are_compared_with_the_later_of_clock_and_time_reached(db: Database) -> None:
    with db.transaction():
        time_reached.put(db, TUESDAY)
    assert time_reached.later(db, MONDAY) == TUESDAY
    assert time_reached.later(db, IN_45_DAYS) == IN_45_DAYS


def test_a_wrong_time_can_be_put_right(db: Database) -> None:
    with db.transaction():
        time_reached.put(db, IN_45_DAYS)
        time_reached.put(db, MONDAY)
    assert time_reached.reached(db) == MONDAY
