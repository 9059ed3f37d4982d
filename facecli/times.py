"""Moments and lengths of time as text: RFC 3339 in UTC, and lengths such as `2y` or `180d`.

Nothing here reads the clock. A moment is text with whole seconds and a `Z`, so moments compare as
text in SQL and in Python.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from dateutil.relativedelta import relativedelta

UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
HOURS = {"h": 1, "d": 24, "w": 7 * 24}
MONTHS = {"m": 1, "y": 12}
LENGTH = re.compile(r"([0-9]{1,5})([hdwmy])")
SOME_DAY = "2001-01-01T00:00:00Z"
# A month has 28 to 31 days and a year 365 or 366. These starts, in years with and without a leap
# day nearby, show every length at its shortest and its longest.
STARTS = tuple(
    f"{year}-{month:02}-01T00:00:00Z"
    for year in (*range(2000, 2005), *range(2096, 2101))
    for month in range(1, 13)
)
# A length reaches no further, so a moment of today plus a length stays within four digits.
LAST_DAY = "4001-01-01T00:00:00Z"


def stamp(moment: datetime) -> str:
    """Return `moment` (with a time zone) as text in UTC: `2026-11-23T21:00:00Z`."""
    naive = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return naive.isoformat() + "Z"  # strftime does not pad the year


def parse_moment(text: str) -> str:
    """Return an RFC 3339 moment, or the first second in UTC of a date, as `stamp` writes it.

    Raises:
        ValueError: the text is neither, or has no time zone.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:  # its message repeats the text, however long that is
        raise ValueError("not a date or a moment in RFC 3339 form") from None
    if moment.tzinfo is None:
        if len(text.strip()) > len("2026-11-23"):
            raise ValueError("a time of day needs a time zone, such as Z")
        moment = moment.replace(tzinfo=UTC)
    try:
        return stamp(moment)
    except OverflowError as error:
        raise ValueError("out of range") from error


def is_length(text: str) -> bool:
    """Return True for a length such as `2y`, `6m`, `4w`, `180d` or `12h`, up to 2000 years."""
    try:
        return add(SOME_DAY, text) <= LAST_DAY
    except ValueError:
        return False


def add(moment: str, length: str) -> str:
    """Return `moment` plus `length`, by the calendar (29 February plus `1y` is 28 February).

    Raises:
        ValueError: `length` is not a length, or the sum is after the year 9999.
    """
    return _moved(moment, _delta(length))


def subtract(moment: str, length: str) -> str:
    """Return `moment` minus `length`, by the calendar (31 March minus `1m` is in February).

    Raises:
        ValueError: `length` is not a length, or the result is before the year 1.
    """
    return _moved(moment, -_delta(length))


def _delta(length: str) -> relativedelta:
    found = LENGTH.fullmatch(length.strip())
    if found is None:
        raise ValueError("a length is a number and one of h, d, w, m, y, such as 180d")
    return relativedelta(**{UNITS[found[2]]: int(found[1])})  # type: ignore[arg-type]


def _moved(moment: str, delta: relativedelta) -> str:
    try:
        return stamp(datetime.fromisoformat(moment) + delta)
    except (OverflowError, ValueError) as error:
        raise ValueError("out of range") from error


@lru_cache(maxsize=1024)
def is_longer(length: str, other: str) -> bool:
    """Return True if `length` can last longer than `other`, as `31d` can than `1m`."""
    for units in (HOURS, MONTHS):  # lengths of one family need no calendar
        if length[-1] in units and other[-1] in units:
            return int(length[:-1]) * units[length[-1]] > int(other[:-1]) * units[other[-1]]
    return any(add(start, length) > add(start, other) for start in STARTS)


def is_nothing(length: str) -> bool:
    """Return True for a length of zero, such as `0d`."""
    return add(SOME_DAY, length) == SOME_DAY
