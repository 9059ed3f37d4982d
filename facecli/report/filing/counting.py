"""People over several databases: the sum, an estimate without doubles, and the day of the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facecli.consent.dates import day_of
from facecli.report.filing import people, working_days
from facecli.report.filing.others import Reported
from facecli.report.filing.working_days import Deadline
from facecli.report.status import FILING_LIMIT

WORKING_DAYS = 30
IN_FORCE = "2025-05-31"
"""The day before the Measures of 2025 came into force. Earlier numbers count from it."""


@dataclass(frozen=True)
class Count:
    """The people of all databases together.

    people: the sum, an upper bound. estimate: equal people counted once, or None if no two reports
    can be compared. reached: the first day of the limit, by the sum.
    """

    people: int
    estimate: int | None
    reached: str | None
    deadline: Deadline | None


def count(reports: Sequence[Reported], zone: str) -> Count:
    """Return the numbers of some databases together; each database is there once.

    Args:
        zone: the controller's time zone. Where no day of a report shows the limit, the day in that
            zone on which the last report was made is the first one known to reach it.
    """
    days = people.together([dict(one.days) for one in reports])
    reached = people.first_reached(days, FILING_LIMIT)
    total = sum(one.people for one in reports)
    if reached is None and total >= FILING_LIMIT:
        reached = day_of(max(one.at for one in reports), zone)
    deadline = None
    if reached is not None:
        deadline = working_days.after(max(reached, IN_FORCE), WORKING_DAYS)
    return Count(total, _estimate(reports), reached, deadline)


def _estimate(reports: Sequence[Reported]) -> int | None:
    """Return the number with equal people counted once; reports without values count in full."""
    groups: list[list[Reported]] = []
    for one in reports:
        same = next((some for some in groups if some[0].refs.is_comparable(one.refs)), None)
        if same is None:
            groups.append([one])
        else:
            same.append(one)
    if all(len(some) == 1 for some in groups):
        return None
    return sum(
        len(frozenset.union(*(one.refs.values for one in some)))
        if len(some) > 1
        else some[0].people
        for some in groups
    )
