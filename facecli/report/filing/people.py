"""The number of people whose facial data is stored, day by day: each counts once over purposes.

A person counts on every day on which a template or a photo of them was held for part of the day.
The number is made from the data that is there and from the records of erasures, which outlive it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate

from facecli.consent import subjects
from facecli.consent.dates import day_of
from facecli.erasure import certificates
from facecli.steps import each
from facecli.store import holdings
from facecli.store.database import Database

Days = list[tuple[str, int]]
"""Days on which a number changed, in order, each with the number on it and after it."""


def by_day(db: Database, zone: str, now: str) -> Days:
    """Return the number of people on each day on which it changed, up to today."""
    pseudonyms = {subject_id: pseudonym for subject_id, _, pseudonym in subjects.list_ids(db)}
    today = day_of(now, zone)
    held = [
        (pseudonyms[subject_id], day_of(moment, zone), today)
        for subject_id, moment in holdings.first_held(db)
    ]
    erased = [
        (one["pseudonym"], one["held_since"] or day_of(one["at"], zone), day_of(one["at"], zone))
        for one in certificates.list_erasures(db)
        if {"template", "photo"} & set(one["counts"])
    ]
    spans = [*held, *erased]
    return counted(each(spans, "subject", len(spans)), today)


def counted(spans: Iterable[tuple[str, str, str]], today: str) -> Days:
    """Return the number of people on each day on which it changed.

    Args:
        spans: person, first and last day. Spans of one person may overlap.
        today: the last day; a span that reaches it has no end yet.
    """
    changes: Counter[str] = Counter()
    own: dict[str, list[tuple[str, str]]] = {}
    for person, first, last in spans:
        own.setdefault(person, []).append((min(first, last), last))
    for some in own.values():
        for first, last in _merged(sorted(some)):
            changes[first] += 1
            if last < today:
                changes[_next(last)] -= 1
    days = sorted(day for day, change in changes.items() if change)
    return list(zip(days, accumulate(changes[day] for day in days), strict=True))


def together(series: Sequence[Mapping[str, int]]) -> Days:
    """Return the sum of several numbers on each day on which one of them changed."""
    days = sorted({day for one in series for day in one})
    present = [0] * len(series)
    found = []
    for day in days:
        present = [one.get(day, before) for one, before in zip(series, present, strict=True)]
        found.append((day, sum(present)))
    return found


def first_reached(days: Days, limit: int) -> str | None:
    """Return the first day on which the number was at least `limit`, or None."""
    return next((day for day, number in days if number >= limit), None)


def _merged(spans: list[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Yield the spans of one person, those that touch or overlap as one."""
    first, last = spans[0]
    for begin, end in spans[1:]:
        if begin > _next(last):
            yield first, last
            first, last = begin, end
        last = max(last, end)
    yield first, last


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
