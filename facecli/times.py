"""Moments and lengths of time as text: RFC 3339 in UTC, and lengths such as `2y` or `180d`.

Nothing here reads the clock. Moments are kept as text with whole seconds and a `Z`, so that
they compare as text in SQL and in Python alike.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from dateutil.relativedelta import relativedelta

UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
LENGTH = re.compile(r"(\d{1,5})([hdwmy])")
# Lengths are compared and applied by the calendar; a common start makes them comparable.
SOME_DAY = "2001-01-01T00:00:00Z"


def stamp(moment: datetime) -> str:
    """`moment` (aware) as text in UTC, whole seconds: `2026-11-23T21:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> str:
    """An RFC 3339 moment or a plain date (its first second in UTC), as `stamp` writes it.

    Raises:
        ValueError: it is neither, or has no time zone.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        if len(text.strip()) > len("2026-11-23"):
            raise ValueError("a time of day needs a time zone, such as Z")
        moment = moment.replace(tzinfo=UTC)
    try:
        return stamp(moment)
    except OverflowError as error:
        raise ValueError("out of range") from error


def is_length(text: str) -> bool:
    """Is `text` a length such as `2y`, `6m`, `4w`, `180d` or `12h`?"""
    return LENGTH.fullmatch(text.strip()) is not None


def add(moment: str, length: str) -> str:
    """`moment` plus `length`, by the calendar (one year after 29 February is 28 February).

    Raises:
        ValueError: `length` is none, or the sum lies beyond the year 9999.
    """
    found = LENGTH.fullmatch(length.strip())
    if found is None:
        raise ValueError("a length is a number and one of h, d, w, m, y, such as 180d")
    delta = relativedelta(**{UNITS[found[2]]: int(found[1])})  # type: ignore[arg-type]
    try:
        return stamp(datetime.fromisoformat(moment) + delta)
    except (OverflowError, ValueError) as error:
        raise ValueError("out of range") from error


def is_longer(length: str, other: str) -> bool:
    """Does `length` last longer than `other`?"""
    return add(SOME_DAY, length) > add(SOME_DAY, other)


def is_nothing(length: str) -> bool:
    """Is the length zero, such as `0d`?"""
    return add(SOME_DAY, length) == SOME_DAY
