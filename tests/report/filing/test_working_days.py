"""Working days in China, against dates that its authorities stated."""

from __future__ import annotations

import pytest

from facecli.report.filing import working_days
from facecli.report.filing.working_days import after


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        ("2025-05-31", 30, "2025-07-14"),  # the notices of the authorities state this day
        ("2025-09-30", 1, "2025-10-09"),  # eight holidays
        ("2025-09-26", 2, "2025-09-29"),  # Sunday 28 September is a make-up working day
        ("2026-01-01", 1, "2026-01-04"),  # Sunday 4 January is a make-up working day
        ("2026-02-14", 1, "2026-02-24"),  # the Spring Festival
        ("2026-11-13", 30, "2026-12-25"),
    ],
)
def test_holidays_and_make_up_days_count_as_announced(day: str, count: int, last: str) -> None:
    assert after(day, count) == (last, True)


def test_beyond_the_table_each_day_counts_and_the_deadline_is_uncertain() -> None:
    last = working_days.last_year()
    assert after(f"{last}-12-31", 30) == (f"{last + 1}-01-30", False)
    assert after(f"{last + 5}-06-01", 3) == (f"{last + 5}-06-04", False)


def test_the_table_has_the_year_of_the_measures_and_the_next() -> None:
    assert working_days.last_year() >= 2026
