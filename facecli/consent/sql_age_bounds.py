"""Bounds for SQL: the moments to which a length can be added without passing a given time.

`retention.later` adds lengths by the calendar: 28 to 31 January plus a month are all 28 February.
So whole days decide up to one day, and the time of day decides on the days that share the last one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from facecli.consent.retention import NEVER, Span, Spans, later
from facecli.times import stamp, subtract

NEAR = 4  # days: month ends are moved by three at most
MIDNIGHT = "T00:00:00Z"


class Past(NamedTuple):
    """The moments for which `later(moment, length) <= until` holds.

    They are all moments before `whole`, and the moments before `edge` whose time of day is not
    after `time`. In SQL: `moment < whole OR (moment < edge AND substr(moment, 11) <= time)`.
    """

    whole: str
    edge: str
    time: str

    def has(self, moment: str) -> bool:
        """Return True if the length is over for this moment."""
        return moment < self.whole or (moment < self.edge and moment[10:] <= self.time)

    @property
    def last(self) -> str:
        """The latest of these moments."""
        if self.edge.endswith("~"):
            return self.whole
        if self.whole == self.edge:
            return _before(self.edge)
        return f"{_before(self.edge)[:10]}{self.time}"


def past(length: str, until: str) -> Past:
    """Return the moments whose `length` is over at `until`."""
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


def pasts(spans: Spans, at: str) -> list[Past]:
    """Return bounds of which one holds exactly if `retention.first_over` is not after `at`.

    Bounds of earlier revisions that the present one covers are left out.
    """
    found = [past(one.length, min(at, _last_end(one))) for one in spans if one.since <= at]
    covered = max((bound.whole for bound in found), default="")
    return [bound for bound in found if bound.edge > covered or bound.whole == covered]


def latest_edge(spans: Spans, at: str) -> str:
    """Return a moment from which on nothing is over at `at`, by `retention.first_over`."""
    return max((bound.edge for bound in pasts(spans, at)), default="")


def cut_off(spans: Spans, at: str) -> str:
    """Return the latest moment that is over at `at`, by `retention.first_over`.

    By the calendar, a moment shortly before it may be over a little later: 30 and 31 January plus a
    month both end on 28 February.
    """
    return max((bound.last for bound in pasts(spans, at) if bound.edge), default="")


def _last_end(span: Span) -> str:
    """Return the latest moment at which a span ends anything that was made before its `until`."""
    return span.until if int(span.length[:-1]) else _before(span.until)


def _before(until: str) -> str:
    """Return the last second before a moment."""
    if until == NEVER:
        return NEVER
    return stamp(datetime.fromisoformat(until) - timedelta(seconds=1))
