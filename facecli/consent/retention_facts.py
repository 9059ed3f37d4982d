"""The facts that `retention.decide` needs, read from the rooms' tables one subject at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from facecli.consent import fact_rows, interactions, purpose_revisions, subjects
from facecli.consent.dates import day_of, zone_of
from facecli.consent.purpose_revisions import PurposeRevision
from facecli.consent.retention import (
    ALWAYS,
    NEVER,
    ConsentFact,
    HeldFact,
    LapseFact,
    RetentionRules,
    Span,
    Spans,
    SubjectFact,
)
from facecli.consent.sql_age_bounds import latest_edge, pasts
from facecli.consent.subjects import Subject
from facecli.store import holdings
from facecli.store.database import Database, id_lists
from facecli.store.packed import day_number
from facecli.times import is_longer

RETAINED = ("template", "photo", "match")


def rules(db: Database) -> dict[str, RetentionRules]:
    """Return the retention terms of every purpose, by its code."""
    zone = zone_of(db)
    return {
        code: _rules(list(revisions), zone)
        for code, revisions in groupby(purpose_revisions.revisions(db), lambda one: one.code)
    }


def rules_of(db: Database, code: str) -> RetentionRules:
    """Return the retention terms of one purpose."""
    return rules(db)[code]


def _rules(revisions: list[PurposeRevision], zone: str) -> RetentionRules:
    """Return the rules of one purpose from its revisions, oldest first."""
    present = revisions[-1]
    return RetentionRules(
        purpose=present.code,
        version=present.version,
        retired_at=present.retired_at,
        retain={what: _spans(revisions, f"retain_{what}") for what in RETAINED},
        inactive_after=_spans(revisions, "inactive_after"),
        superseded=tuple(
            (version, own[0].valid_from, _spans(own, "ask_again_within"))
            for version, grouped in groupby(revisions, lambda one: one.version)
            if (own := list(grouped)) and version > 1
        ),
        zone=zone,
    )


def _spans(revisions: list[PurposeRevision], name: str) -> Spans:
    """Return the lengths that revisions stated under `name`; one that never counts is left out.

    A length of the past counts where it ended something that the present one would not.
    """
    ends = [one.valid_from for one in revisions[1:]] + [NEVER]
    starts = [ALWAYS] + [one.valid_from for one in revisions[1:]]
    lengths = [one.lengths[name] for one in revisions]
    return tuple(
        Span(length, since, until)
        for length, since, until in zip(lengths, starts, ends, strict=True)
        if until == NEVER or is_longer(lengths[-1], length)
    )


def everybody(db: Database) -> Iterator[SubjectFact]:
    """Return the facts of every subject, in constant memory."""
    yield from _subjects(db, None, holdings.all_held(db))


def among(db: Database, ids: Iterable[int]) -> Iterator[SubjectFact]:
    """Return the facts of these subjects, in order of their row ids."""
    for listed in id_lists(sorted(ids)):
        yield from _subjects(db, listed, holdings.held_among(db, listed))


def alike(
    db: Database, ids: Iterable[int], rules: Mapping[str, RetentionRules], until: str
) -> Iterator[tuple[SubjectFact, int]]:
    """Return the facts of one subject of each group, and the number of subjects in the group.

    Up to `until` the policy decides the same, at the same moments, for all subjects of a group.
    """
    every = rules.values()
    bounds = {
        what: max((latest_edge(rule.retain[what], until) for rule in every), default="")
        for what in RETAINED
    }
    edges = [edge for rule in every if (edge := latest_edge(rule.inactive_after, until))]
    days = [day_number(day_of(edge)) for edge in edges]  # in UTC: no zone is a day away from it
    for listed in id_lists(ids):
        groups = fact_rows.alike(db, listed, until, max(days, default=None), bounds)
        for subject in among(db, groups):
            yield subject, groups[subject.item_id]


def of_one(db: Database, subject: Subject) -> SubjectFact:
    """Return the facts of one subject."""
    (fact,) = among(db, [subject.subject_id])
    return fact


def again(db: Database, subject: SubjectFact) -> SubjectFact | None:
    """Return the facts of the same subject now; None if it is gone."""
    found = subjects.find_any(db, subject.ref)
    if found is None or found.pseudonym != subject.pseudonym:
        return None
    return of_one(db, found)


def _subjects(db: Database, listed: str | None, held: Iterable[Any]) -> Iterator[SubjectFact]:
    codes = purpose_revisions.codes(db)
    consents, things = _Grouped(fact_rows.consents(db, listed)), _Grouped(held)
    lapses = _Grouped(fact_rows.lapses(db, listed))
    for number, ref, pseudonym, waiting, held_until, *marks in fact_rows.subjects(db, listed):
        yield SubjectFact(
            number,
            ref,
            pseudonym,
            waiting,
            held_until,
            tuple(
                [
                    ConsentFact(item_id, codes[purpose], version, expires, withdrawn, recorded, day)
                    for _, item_id, purpose, version, expires, withdrawn, recorded, day in (
                        consents.of(number)
                    )
                ]
            ),
            tuple(
                [
                    HeldFact(what, item_id, codes[purpose], moment)
                    for _, what, item_id, purpose, moment in things.of(number)
                ]
            ),
            tuple([LapseFact(codes[purpose], *lapse) for _, purpose, *lapse in lapses.of(number)]),
            *map(bool, marks),
        )


def doubtful(db: Database, rules: Mapping[str, RetentionRules], until: str) -> list[int]:
    """Return the subjects that need the policy's decision, at any time up to `until`.

    For all others, only their own retention can make anything due by then.
    """
    ids = {code: number for number, code in purpose_revisions.codes(db).items()}
    found = set(fact_rows.ending(db, until))
    found.update(holdings.without(db, "consent"))
    for code, rule in rules.items():
        found.update(interactions.inactive(db, ids[code], rule, until)[0])
    return sorted(found)


def age_bounds(
    db: Database, rules: Mapping[str, RetentionRules], moments: Sequence[str]
) -> list[holdings.AgeBound]:
    """Return the bounds on age beyond which things are due, at each moment."""
    ids = {code: number for number, code in purpose_revisions.codes(db).items()}
    return [
        holdings.AgeBound(at, ids[code], what, *bound)
        for at, moment in enumerate(moments)
        for code, rule in rules.items()
        for what, spans in rule.retain.items()
        for bound in pasts(spans, moment)
    ]


def maybe_due(db: Database, rules: Mapping[str, RetentionRules], now: str) -> list[int]:
    """Return the subjects with anything that may be due at `now`: few, where little is due.

    Match events over their own retention do not count: they go without regard to their subjects.
    """
    asked = doubtful(db, rules, now)
    bounds = [bound for bound in age_bounds(db, rules, [now]) if bound.what != "match"]
    aged = holdings.count_aged(db, bounds, asked)
    return sorted({*asked, *(subject_id for _, subject_id, _, _ in aged)})


class _Grouped:
    """Rows that come sorted by their first column, handed out group by group."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def of(self, key: int) -> list[Any]:
        if self._next is None or self._next[0] > key:
            return []
        group: list[Any] = []
        while self._next is not None and self._next[0] <= key:
            if self._next[0] == key:
                group.append(self._next)
            self._next = next(self._rows, None)
        return group
