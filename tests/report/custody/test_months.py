"""Calendar months in a time zone."""

from __future__ import annotations

import pytest

from facecli.report.custody import months


@pytest.mark.parametrize(
    ("now", "zone", "first", "expected"),
    [
        ("2026-11-30T15:59:59Z", "Asia/Shanghai", 0, ["2026-11", "2026-12", "2027-01"]),
        ("2026-11-30T16:00:00Z", "Asia/Shanghai", 0, ["2026-12", "2027-01", "2027-02"]),
        ("2027-01-31T00:00:00Z", "UTC", -1, ["2026-12", "2027-01", "2027-02"]),
        ("2026-03-01T02:00:00Z", "America/New_York", 0, ["2026-02", "2026-03", "2026-04"]),
    ],
)
def test_months_around_a_moment(now: str, zone: str, first: int, expected: list[str]) -> None:
    assert months.around(now, zone, first, 3) == expected


def test_a_month_begins_at_midnight_there() -> None:
    assert months.start("2026-12", "Asia/Shanghai") == "2026-11-30T16:00:00Z"
