"""Days: an interaction is kept as a day, and a length that counts from a day counts from its end.

So nobody is inactive before the stated length is over, and no visit's hour is kept.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

LAST = "9999-12-31"


def day_of(moment: str) -> str:
    """Return the day of a moment, such as `2026-11-23`."""
    return moment[:10]


@lru_cache(maxsize=4096)
def end_of_day(day: str) -> str:
    """Return the moment at which a day is over."""
    if day >= LAST:
        return f"{LAST}T23:59:59Z"
    return f"{date.fromisoformat(day) + timedelta(days=1)}T00:00:00Z"
