"""The nights ahead: each thing on its own night, and the limit against the subjects still there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from facecli.consent.dates import end_of_day, start_of_day
from facecli.consent.retention import Decision, SubjectFact
from facecli.erasure.nights import WEEKS, Nights

TODAY = "2026-03-02"


def _day(after: int) -> str:
    return (date.fromisoformat(TODAY) + timedelta(days=after)).isoformat()


def _subject(number: int, held_until: str | None = None) -> SubjectFact:
    return SubjectFact(number, f"A-{number}", f"p{number}", TODAY, held_until, (), ())


def _due(moment: str, *whats: Any, reason: Any = "consent-expired") -> list[Decision]:
    return [Decision(what, 1, "gate", "due", reason, moment) for what in whats]


def _gone(nights: Nights, after: int, first: int, count: int) -> None:
    """Let so many subjects be due, whole, on one night."""
    for number in range(first, first + count):
        nights.add(_subject(number), _due(f"{_day(after)}T02:00:00Z", "template", "subject"))


@pytest.mark.parametrize(
    ("moment", "week", "night"),
    [
        ("2020-01-01T00:00:00Z", 0, TODAY),  # overdue: tonight
        ("2026-03-02T23:59:59Z", 0, TODAY),
        ("2026-03-03T00:00:00Z", 0, "2026-03-03"),
        ("2026-03-08T23:59:59Z", 0, "2026-03-08"),
        ("2026-03-09T00:00:00Z", 1, "2026-03-09"),
        ("2026-05-31T23:59:59Z", 12, "2026-05-31"),
    ],
)
def test_a_moment_belongs_to_the_night_of_its_day(moment: str, week: int, night: str) -> None:
    nights = Nights(TODAY, "UTC")
    nights.add(_subject(1), _due(moment, "template"))
    weeks = nights.weeks(1)
    assert [(at, one.night) for at, one in enumerate(weeks) if one.people] == [(week, night)]
    assert weeks[week].things == {"template": 1}


def test_what_is_due_after_the_quarter_is_not_counted() -> None:
    nights = Nights(TODAY, "UTC")
    nights.add(_subject(1), _due(f"{_day(7 * WEEKS)}T00:00:00Z", "template"))
    nights.add(_subject(2, "2027-01-01T00:00:00Z"), _due("2026-03-03T00:00:00Z", "template"))
    assert [one.people for one in nights.weeks(2)] == [0] * WEEKS


def test_a_day_is_one_of_the_controllers_zone() -> None:
    nights = Nights(TODAY, "Asia/Shanghai")
    nights.add(_subject(1), _due("2026-03-08T16:00:00Z", "template"))  # midnight there
    assert [one.people for one in nights.weeks(1)][:2] == [0, 1]


@pytest.mark.parametrize(
    ("today", "zone"),
    [
        ("2026-03-02", "Asia/Shanghai"),
        ("2026-03-02", "Europe/Berlin"),  # summer time begins on 29 March
        ("2026-10-19", "America/New_York"),  # and ends on 1 November
        ("2026-03-02", "America/Havana"),  # 8 March has no midnight
        ("2026-04-20", "Africa/Cairo"),  # 24 April has none either
        ("2026-03-02", "Australia/Lord_Howe"),  # by half an hour
        ("2026-08-31", "America/Santiago"),
    ],
)
def test_every_day_of_the_quarter_ends_where_the_purge_of_that_day_ends(
    today: str, zone: str
) -> None:
    first = date.fromisoformat(today)
    days = [(first + timedelta(days=after)).isoformat() for after in range(7 * WEEKS)]
    nights = Nights(today, zone)
    for number, day in enumerate(days):
        last = datetime.fromisoformat(end_of_day(day, zone)) - timedelta(seconds=1)
        nights.add(_subject(number), _due(f"{last:%Y-%m-%dT%H:%M:%SZ}", "template"))
        nights.add(_subject(-number), _due(start_of_day(day, zone), "photo"))
    weeks = nights.weeks(1000)
    assert [one.first for one in weeks] == days[::7]
    assert all(one.things == {"template": 7, "photo": 7} and one.most == 2 for one in weeks)


def test_a_hold_postpones_to_its_own_end() -> None:
    nights = Nights(TODAY, "UTC")
    nights.add(_subject(1, f"{_day(9)}T00:00:00Z"), _due("2026-03-03T00:00:00Z", "template"))
    assert nights.weeks(1)[1].night == _day(9)


def test_matches_over_their_own_retention_count_as_things_and_not_as_people() -> None:
    nights = Nights(TODAY, "UTC")
    nights.add(_subject(1), _due("2026-03-03T00:00:00Z", "match", reason="retention-over"))
    nights.add(_subject(2), _due("2026-03-03T00:00:00Z", "match"))
    first = nights.weeks(2)[0]
    assert (first.people, first.things["match"]) == (1, 2)


@pytest.mark.parametrize(
    ("due", "everybody", "refused"),
    [
        ([(8, 5)], 19, None),  # with fewer than 20 subjects no limit counts
        ([(8, 5)], 20, None),  # a quarter of them is not more than a quarter
        ([(8, 6)], 20, 8),
        ([(3, 25), (8, 25)], 100, 8),  # by then 75 are left, and 25 are more than a quarter
        ([(3, 20), (8, 20)], 100, None),
        ([(3, 26), (5, 30)], 100, 3),
    ],
)
def test_the_limit_counts_the_subjects_still_there(
    due: list[tuple[int, int]], everybody: int, refused: int | None
) -> None:
    nights, first = Nights(TODAY, "UTC"), 1
    for after, count in due:
        _gone(nights, after, first, count)
        first += count
    found = [one.refused for one in nights.weeks(everybody) if one.refused]
    assert found[:1] == ([] if refused is None else [_day(refused)])


def test_a_week_names_its_worst_night() -> None:
    nights = Nights(TODAY, "UTC")
    for after, first, count in ((0, 1, 2), (4, 10, 3), (5, 20, 3)):
        _gone(nights, after, first, count)
    week = nights.weeks(100)[0]
    assert (week.first, week.people, week.night, week.most) == (TODAY, 8, _day(4), 3)
    assert week.things == {"template": 8, "subject": 8}
