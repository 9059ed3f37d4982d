"""Moments and lengths of time as text: RFC 3339 in UTC, and lengths such as `2y` or `180d`.

Nothing here reads the clock. Moments are kept as text with whole seconds and a `Z`, so that
they compare as text in SQL and in Python alike.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from dateutil.relativedelta import relativedelta

UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
LENGTH = re.compile(r"([0-9]{1,5})([hdwmy])")
SOME_DAY = "2001-01-01T00:00:00Z"
# Lengths are applied by the calendar, where a month has 28 to 31 days and a year 365 or 366. Every
# month's beginning, in years with and without a leap day near, shows them at their shortest and
# their longest.
STARTS = tuple(
    f"{year}-{month:02}-01T00:00:00Z"
    for year in (*range(2000, 2005), *range(2096, 2101))
    for month in range(1, 13)
)
# No length reaches further: whatever is added to a moment of today stays within four digits.
LAST_DAY = "4001-01-01T00:00:00Z"


def stamp(moment: datetime) -> str:
    """`moment` (aware) as text in UTC, whole seconds: `2026-11-23T21:00:00Z`."""
    naive = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return naive.isoformat() + "Z"  # not strftime, which does not pad the year


def parse_moment(text: str) -> str:
    """An RFC 3339 moment or a plain date (its first second in UTC), as `stamp` writes it.

    Raises:
        ValueError: it is neither, or has no time zone.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:  # whose words repeat the text, however long it is
        raise ValueError("neither a day nor a moment as RFC 3339 writes them") from None
    if moment.tzinfo is None:
        if len(text.strip()) > len("2026-11-23"):
            raise ValueError("a time of day needs a time zone, such as Z")
        moment = moment.replace(tzinfo=UTC)
    try:
        return stamp(moment)
    except OverflowError as error:
        raise ValueError("out of range") from error


def is_length(text: str) -> bool:
    """Is `text` a length such as `2y`, `6m`, `4w`, `180d` or `12h`, of at most 2000 years?"""
    try:
        return add(SOME_DAY, text) <= LAST_DAY
    except ValueError:
        return False


def add(moment: str, length: str) -> str:
    """`moment` plus `length`, by the calendar (one year after 29 February is 28 February).

    Raises:
        ValueError: `length` is none, or the sum lies beyond the year 9999.
    """
    return _moved(moment, _delta(length))


def subtract(moment: str, length: str) -> str:
    """`moment` minus `length`, by the calendar (a month before 31 March is 28 or 29 February).

    Raises:
        ValueError: `length` is none, or the moment would lie before the year 1.
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


def is_longer(length: str, other: str) -> bool:
    """Can `length` last longer than `other`, whenever it begins? (`31d` can, than `1m`.)"""
    return any(add(start, length) > add(start, other) for start in STARTS)


def is_nothing(length: str) -> bool:
    """Is the length zero, such as `0d`?"""
    return add(SOME_DAY, length) == SOME_DAY
