"""Which moments lie so far back that a length added to them is over: a bound that SQL can use.

`retention.later` adds lengths by the calendar: of 28 to 31 January plus a month all become
28 February. So the past ends at one day for whole days, and on the days that fall on the last
one the time of day decides.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from facecli.consent.retention import later
from facecli.times import subtract

NEAR = 4  # days: month ends are moved by three at most
MIDNIGHT = "T00:00:00Z"


class Past(NamedTuple):
    """Moments of which `later(moment, length) <= until` holds.

    They are all those before `whole`, and of those before `edge` the ones whose time of day is
    not after `time`. In SQL: `moment < whole OR (moment < edge AND substr(moment, 11) <= time)`.
    """

    whole: str
    edge: str
    time: str

    def has(self, moment: str) -> bool:
        """Is the length over for something of that moment?"""
        return moment < self.whole or (moment < self.edge and moment[10:] <= self.time)


def past(length: str, until: str) -> Past:
    """The moments to which `length` was added and is over at `until`."""
    try:
        start = subtract(until, length)
    except ValueError:  # before the year 1
        return Past("", "", "")
    if length.endswith("h"):
        return Past(start, start + "~", "~")  # `~` sorts after the Z: the very moment counts
    days = [date.fromisoformat(start[:10]) + timedelta(days) for days in range(-NEAR, NEAR + 1)]
    ends = [later(f"{day}{MIDNIGHT}", length)[:10] for day in days]
    whole = next(day for day, end in zip(days, ends, strict=True) if end >= until[:10])
    edge = next(day for day, end in zip(days, ends, strict=True) if end > until[:10])
    return Past(f"{whole}{MIDNIGHT}", f"{edge}{MIDNIGHT}", until[10:])
