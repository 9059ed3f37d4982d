"""The nights ahead: what each nightly purge will find, and which of them its default limit refuses.

A night stands for the end of its day in the controller's time zone, as `purge --as-of` does. The
count assumes that every purge before it ran: what was due on an earlier night is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from facecli.consent.dates import day_of
from facecli.consent.retention import Decision, RetentionRules, SubjectFact, first_over
from facecli.erasure import purge
from facecli.store.holdings import AgedGroup

WEEKS = 13
"""A quarter of a year."""
_DAYS = 7


@dataclass(frozen=True)
class Week:
    """Seven nights.

    first: its first day. people: the number of subjects who count for the limit of a purge, once a
    night: those with more due than matches over their retention. things: the number of things, by
    kind. night, most: the night with the most subjects, if any is due, and their number. refused:
    the first night that the default limit refuses, or None.
    """

    first: str
    people: int
    things: Counter[str]
    night: str | None
    most: int
    refused: str | None


@dataclass
class _Night:
    decided: int = 0  # subjects that the policy decided on
    aged: set[int] = field(default_factory=set)  # the others, by their ids
    things: Counter[str] = field(default_factory=Counter)
    leaving: int = 0

    @property
    def people(self) -> int:
        return self.decided + len(self.aged)


class Nights:
    """Collects what is due on each night of a quarter.

    Args:
        today: the first day.
        zone: the controller's time zone.
    """

    def __init__(self, today: str, zone: str) -> None:
        self._today, self._zone = today, zone
        self._days: dict[str, str] = {}  # of moments: many things share theirs
        start = date.fromisoformat(today)
        self._nights = {
            (start + timedelta(days=after)).isoformat(): _Night() for after in range(_DAYS * WEEKS)
        }

    @property
    def last(self) -> str:
        """The last day."""
        return max(self._nights)

    def add(self, subject: SubjectFact, decisions: Iterable[Decision], number: int = 1) -> None:
        """Count what the policy decides for a subject, and for all who are alike.

        A hold postpones it to its own end.

        Args:
            number: of these subjects.
        """
        held_until = subject.held_until or ""
        on: set[str] = set()
        for one in decisions:
            day = self._day(max(one.due_at, held_until))
            night = self._nights.get(day)
            if night is None:
                continue
            night.things[one.what] += number
            night.leaving += number * (one.what == "subject")
            if one.what != "match" or one.reason != "retention-over":
                on.add(day)
        for day in on:
            self._nights[day].decided += number

    def add_aged(self, groups: Iterable[AgedGroup], rules: dict[int, RetentionRules]) -> None:
        """Count things that are due only by their own retention.

        Args:
            rules: by the id of the purpose.
        """
        for group in groups:
            spans = rules[group.purpose_id].retain[group.what]
            night = self._nights.get(self._day(first_over(f"{group.minute}:00Z", spans)))
            if night is None:
                continue
            night.things[group.what] += group.number
            if group.subject_id is not None:
                night.aged.add(group.subject_id)

    def weeks(self, everybody: int) -> list[Week]:
        """Return the quarter week by week.

        Args:
            everybody: the number of subjects today.
        """
        refused = set()
        for day, night in self._nights.items():
            if purge.refusal(night.people, everybody, purge.PurgeLimits()) is not None:
                refused.add(day)
            everybody -= night.leaving
        days = list(self._nights)
        return [
            self._week(days[start : start + _DAYS], refused) for start in range(0, len(days), _DAYS)
        ]

    def _week(self, days: list[str], refused: set[str]) -> Week:
        nights = [self._nights[day] for day in days]
        most, earliest = max((one.people, -at) for at, one in enumerate(nights))
        return Week(
            days[0],
            sum(one.people for one in nights),
            sum((one.things for one in nights), Counter()),
            days[-earliest] if most else None,
            most,
            min(refused.intersection(days), default=None),
        )

    def _day(self, moment: str) -> str:
        """Return the day of a moment's night; today for what is due already."""
        day = self._days.get(moment)
        if day is None:
            day = self._days[moment] = max(day_of(moment, self._zone), self._today)
        return day
