"""People over several databases: the sum, the estimate, the day and the deadline."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.report.filing.counting import count
from facecli.report.filing.others import Reported
from facecli.report.filing.refs import Refs, plain, tagged
from facecli.report.filing.working_days import Deadline

NOW = "2026-11-28T16:30:00Z"
KEY = b"k" * 32
ZONE = "Asia/Shanghai"


def reported(people: int, refs: Refs = Refs(), days: Any = None) -> Reported:  # noqa: B008
    return Reported("0" * 32, NOW, people, days or [("2026-01-05", people)], refs)


@pytest.mark.rule("people-count-once")
@pytest.mark.parametrize(
    ("reports", "people", "estimate"),
    [
        ([reported(3)], 3, None),
        ([reported(3), reported(4)], 7, None),
        ([reported(2, plain("ab")), reported(2, plain("bc"))], 4, 3),
        ([reported(2, tagged("ab", KEY)), reported(2, tagged("bc", KEY))], 4, 3),
        ([reported(2, tagged("ab", KEY)), reported(2, plain("bc"))], 4, None),
        # one that cannot be compared counts in full
        ([reported(2, plain("ab")), reported(2, plain("bc")), reported(5)], 9, 8),
    ],
)
def test_the_sum_is_an_upper_bound_and_equal_refs_an_estimate(
    reports: list[Reported], people: int, estimate: int | None
) -> None:
    found = count(reports, ZONE)
    assert (found.people, found.estimate) == (people, estimate)
    assert found.estimate is None or found.estimate <= found.people


def test_the_deadline_counts_from_the_day_on_which_all_together_reach_the_limit() -> None:
    found = count([
        reported(60_000, days=[("2026-01-05", 60_000)]),
        reported(50_000, days=[("2026-02-02", 30_000), ("2026-03-02", 40_000)]),
    ], ZONE)  # fmt: skip
    assert (found.reached, found.deadline) == ("2026-03-02", Deadline("2026-04-14", True))


@pytest.mark.parametrize(
    ("people", "reached"), [(99_999, None), (100_000, "2026-01-05"), (2_000_000, "2026-01-05")]
)
def test_the_limit_is_100_000_people(people: int, reached: str | None) -> None:
    found = count([reported(people)], ZONE)
    assert found.reached == reached
    assert (found.deadline is None) is (reached is None)


def test_a_number_from_before_the_measures_counts_from_their_first_day() -> None:
    found = count([reported(100_000, days=[("2024-03-01", 100_000)])], ZONE)
    assert found.deadline == Deadline("2025-07-14", True)


def test_a_number_that_was_reached_once_stays_reached() -> None:
    days = [("2026-01-05", 100_000), ("2026-06-01", 5)]
    assert count([reported(5, days=days)], ZONE).reached == "2026-01-05"


@pytest.mark.parametrize(("zone", "day"), [("UTC", "2026-11-28"), (ZONE, "2026-11-29")])
def test_a_limit_that_no_day_shows_is_reached_on_the_day_of_the_report_at_its_place(
    zone: str, day: str
) -> None:
    found = count([reported(100_000, days=[("2026-01-05", 99_999)])], zone)
    assert found.reached == day
