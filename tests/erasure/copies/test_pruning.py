"""Which backups stay: a golden table."""

from __future__ import annotations

import pytest

from facecli.erasure.copies.pruning import KeepRules, decide

NIGHTLY = [(f"{month}-{day:02}", f"2026-{month:02}-{day:02}T01:00:00Z")
           for month in (10, 11) for day in range(1, 31)]  # fmt: skip


def kept(
    rules: KeepRules, backups: list[tuple[str, str]] = NIGHTLY, zone: str = "UTC"
) -> dict[str, tuple[str, ...]]:
    return {one.copy_id: one.kept_by for one in decide(backups, rules, zone) if one.kept_by}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (KeepRules(daily=2), ["11-30", "11-29"]),
        (KeepRules(daily=1), ["11-30"]),
        (KeepRules(weekly=3), ["11-30", "11-29", "11-22"]),  # 30 November is a Monday
        (KeepRules(monthly=2), ["11-30", "10-30"]),
        (KeepRules(monthly=9), ["11-30", "10-30"]),
        (KeepRules(daily=2, weekly=2, monthly=2), ["11-30", "11-29", "10-30"]),
    ],
    ids=str,
)
def test_the_latest_of_each_of_the_last_periods_stay(rules: KeepRules, expected: list[str]) -> None:
    assert list(kept(rules)) == expected


def test_without_a_rule_everything_stays() -> None:
    assert len(kept(KeepRules())) == len(NIGHTLY)


def test_a_backup_stays_for_each_rule_that_keeps_it() -> None:
    assert kept(KeepRules(1, 1, 1)) == {"11-30": ("daily", "weekly", "monthly")}


def test_a_day_is_that_of_the_controllers_zone() -> None:
    evening, night = ("a", "2026-11-29T15:30:00Z"), ("b", "2026-11-29T16:30:00Z")
    assert list(kept(KeepRules(daily=2), [evening, night])) == ["b"]
    assert list(kept(KeepRules(daily=2), [evening, night], "Asia/Shanghai")) == ["b", "a"]


def test_of_several_on_a_day_the_latest_stays_and_the_order_given_is_no_matter() -> None:
    day = [(name, f"2026-11-29T{hour}:00:00Z") for name, hour in (("b", 12), ("c", 23), ("a", 10))]
    assert list(kept(KeepRules(daily=1), day)) == ["c"]


def test_weeks_are_those_of_iso_8601_over_the_turn_of_the_year() -> None:
    same = [("old", "2026-12-31T12:00:00Z"), ("new", "2027-01-01T12:00:00Z")]
    assert list(kept(KeepRules(weekly=2), same)) == ["new"]
    assert list(kept(KeepRules(monthly=2), same)) == ["new", "old"]


def test_of_the_same_second_the_last_given_is_the_latest() -> None:
    same = [(name, "2026-11-29T12:00:00Z") for name in ("b", "c", "a")]
    assert list(kept(KeepRules(daily=1), same)) == ["a"]
    assert list(kept(KeepRules(daily=1), same[::-1])) == ["b"]


@pytest.mark.parametrize(
    ("zone", "moments", "expected"),
    [
        # The hour that Berlin has twice: 25 hours, one day.
        ("Europe/Berlin", ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"], 1),
        ("Europe/Berlin", ["2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z"], 1),
        ("Europe/Berlin", ["2026-10-24T21:59:59Z", "2026-10-25T22:59:59Z"], 2),
        # The hour that it lacks: 23 hours.
        ("Europe/Berlin", ["2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z"], 1),
        ("Europe/Berlin", ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"], 2),
        # The leap day, and midnight in Hangzhou.
        ("Asia/Shanghai", ["2028-02-28T15:59:59Z", "2028-02-28T16:00:00Z"], 2),
        ("Asia/Shanghai", ["2028-02-28T16:00:00Z", "2028-02-29T15:59:59Z"], 1),
        ("Asia/Shanghai", ["2028-02-29T15:59:59Z", "2028-02-29T16:00:00Z"], 2),
        # The day that Samoa skipped, 30 December 2011.
        ("Pacific/Apia", ["2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"], 2),
    ],
)
def test_days_of_25_and_23_hours_and_leap_days_are_one_day_each(
    zone: str, moments: list[str], expected: int
) -> None:
    backups = [(moment, moment) for moment in moments]
    assert len(kept(KeepRules(daily=9), backups, zone)) == expected


def test_a_leap_day_is_of_its_month_and_of_its_week() -> None:
    leap = [(day, f"2028-{day}T12:00:00Z") for day in ("02-28", "02-29", "03-01", "03-06")]
    assert list(kept(KeepRules(monthly=2), leap)) == ["03-06", "02-29"]
    assert list(kept(KeepRules(weekly=2), leap)) == ["03-06", "03-01"]
