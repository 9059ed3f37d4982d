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
