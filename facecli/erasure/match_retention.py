"""Match events over their own retention: erased for a whole purpose at once, naming nobody.

Match events are visits. An entry for each subject, a certificate, or a row that names one would
tell of a visit for as long as the log, a mail or a journal is kept. So one entry a purpose states
the number of events and a cut-off, which a restore applies again. Under a legal hold they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from facecli.audit.entries import Act
from facecli.consent import holds, purpose_revisions
from facecli.consent.retention import RetentionRules, first_over
from facecli.consent.sql_age_bounds import cut_off, latest_edge
from facecli.store import holdings
from facecli.store.database import Database

ACTION = "purge.matches"


class MatchesOver(NamedTuple):
    """The match events of one purpose that are over their retention, by row ids.

    held: those under a legal hold. until: no event after this moment is over.
    """

    purpose: str
    due: tuple[int, ...]
    held: tuple[int, ...]
    until: str


class CutOff(NamedTuple):
    """An erasure of match events that an entry of the log records: made `at`, up to `until`."""

    purpose: str
    until: str
    at: str


def survey(db: Database, rules: Mapping[str, RetentionRules], now: str) -> list[MatchesOver]:
    """Return the match events over their retention at `now`, of each purpose that has some."""
    held = holds.held_at(db, now)
    found = []
    for purpose_id, code in purpose_revisions.codes(db).items():
        spans = rules[code].retain["match"]
        events = [
            (event, subject_id in held)
            for event, subject_id, at in holdings.matches_before(
                db, purpose_id, latest_edge(spans, now)
            )
            if first_over(at, spans) <= now
        ]
        if events:
            due = tuple(event for event, kept in events if not kept)
            kept = tuple(event for event, kept in events if kept)
            found.append(MatchesOver(code, due, kept, cut_off(spans, now)))
    return found


def erase(act: Act, found: Iterable[MatchesOver]) -> None:
    """Erase the events that are due, with one log entry a purpose."""
    for one in found:
        if one.due:
            _erase(act, one.purpose, one.due, one.until)


def cut_offs(entries: Iterable[Mapping[str, Any]]) -> list[CutOff]:
    """Return the erasures of match events that log entries record."""
    return [
        CutOff(entry["purpose"], entry["details"]["until"], entry["at"])
        for entry in entries
        if entry["action"] == ACTION and entry["outcome"] == "done"
    ]


def reapply(act: Act, found: Iterable[CutOff]) -> None:
    """Repeat erasures in a restored backup, except for subjects who were under a hold then.

    Each is logged again, since the next restore of the same backup needs it.
    """
    for one, events in over(act.db, found, lambda moment: holds.held_at(act.db, moment)):
        _erase(act, one.purpose, events, one.until)


def over(
    db: Database, found: Iterable[CutOff], held_at: Callable[[str], Collection[int]]
) -> Iterator[tuple[CutOff, list[int]]]:
    """Yield the erasures of which a copy still holds events, with the ids of these events.

    Args:
        held_at: returns the subjects who were under a hold at a moment.
    """
    ids = {code: purpose_id for purpose_id, code in purpose_revisions.codes(db).items()}
    for one in found:
        if one.purpose not in ids:
            continue  # made after the copy
        held = held_at(one.at)
        events = holdings.matches_before(db, ids[one.purpose], f"{one.until}~")  # `~` is after Z
        due = [event for event, subject_id, _ in events if subject_id not in held]
        if due:
            yield one, due


def _erase(act: Act, purpose: str, events: Iterable[int], until: str) -> None:
    erased = list(events)
    holdings.erase_matches(act.db, erased)
    act.record(ACTION, purpose=purpose, details={"count": len(erased), "until": until})
