"""Working days in mainland China, with its holidays and make-up working days.

The table is that of the package chinesecalendar, whose makers add each year when the State Council
announces it, in November of the year before.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple


class Deadline(NamedTuple):
    """A last day. If the table ends before it is reached, it is the earliest possible one.

    certain: the table has every day up to it.
    """

    day: str
    certain: bool


def last_year() -> int:
    """Return the last year that the table of holidays has."""
    from chinese_calendar import constants

    return int(max(constants.holidays).year)


def after(day: str, count: int) -> Deadline:
    """Return the last of `count` working days, of which the first is after `day`.

    A day that the table does not have counts as a working day, so that no deadline is late.
    """
    at, certain = date.fromisoformat(day), True
    while count:
        at += timedelta(days=1)
        is_known = at.year <= last_year()
        certain = certain and is_known
        count -= not is_known or _is_workday(at)
    return Deadline(at.isoformat(), certain)


def _is_workday(day: date) -> bool:
    import chinese_calendar

    return bool(chinese_calendar.is_workday(day))
