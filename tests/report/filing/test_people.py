"""People by day: each counts once, on every day on which something was held."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from facecli.report.filing import people
from tests.prepared import let_pass, opened

TODAY = "2026-11-28"


@pytest.mark.parametrize(
    ("spans", "days"),
    [
        ([], []),
        ([("a", "2026-11-01", TODAY)], [("2026-11-01", 1)]),
        ([("a", "2026-11-01", "2026-11-03")], [("2026-11-01", 1), ("2026-11-04", 0)]),
        # two purposes of one person
        ([("a", "2026-11-01", TODAY), ("a", "2026-11-02", TODAY)], [("2026-11-01", 1)]),
        # erased and enrolled again, the next day and later
        ([("a", "2026-11-01", "2026-11-03"), ("a", "2026-11-04", TODAY)], [("2026-11-01", 1)]),
        ([("a", "2026-11-01", "2026-11-03"), ("a", "2026-11-05", TODAY)],
         [("2026-11-01", 1), ("2026-11-04", 0), ("2026-11-05", 1)]),
        # one goes and another comes
        ([("a", "2026-11-01", "2026-11-03"), ("b", "2026-11-04", TODAY)], [("2026-11-01", 1)]),
        ([("a", "2026-11-05", "2026-11-03")], [("2026-11-03", 1), ("2026-11-04", 0)]),
    ],
)  # fmt: skip
def test_a_person_counts_once(spans: Any, days: Any) -> None:
    assert people.counted(spans, TODAY) == days


def test_any_spans_give_the_number_of_people_on_every_day() -> None:
    dice = random.Random(1)
    start = date(2026, 11, 1)
    days = [str(start + timedelta(days=at)) for at in range(28)]
    for _ in range(200):
        spans: list[Any] = [
            (dice.choice("abcd"), *sorted(dice.choices(days, k=2))) for _ in range(7)
        ]
        found = dict(people.counted(spans, days[-1]))
        number = 0
        for day in days:
            number = found.get(day, number)
            assert number == len({who for who, first, last in spans if first <= day <= last})


def test_several_databases_are_added_day_by_day() -> None:
    one = {"2026-11-01": 60_000, "2026-11-10": 20_000}
    other = {"2026-11-05": 40_000, "2026-11-10": 70_000}
    days = people.together([one, other])
    assert days == [("2026-11-01", 60_000), ("2026-11-05", 100_000), ("2026-11-10", 90_000)]
    assert people.first_reached(days, 100_000) == "2026-11-05"
    assert people.first_reached(days, 100_001) is None


@pytest.mark.rule("people-count-once")
def test_a_database_counts_people_once_and_remembers_the_erased(enrolled: Any, clock: Any) -> None:
    def number() -> list[int]:
        with opened(enrolled) as session:
            return [count for _, count in people.by_day(session.db, "UTC", session.now)]

    assert number() == [3]
    let_pass(enrolled, clock, days=2)
    assert enrolled("revoke", "A-1003", "--yes").code == 0
    assert number() == [3]
    let_pass(enrolled, clock, days=1)
    assert number() == [3, 2]
