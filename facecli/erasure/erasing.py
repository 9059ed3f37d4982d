"""The act of erasing: delete what was decided, and check it before the commit."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from facecli.audit.canonical import canonical, joined, listed
from facecli.audit.entries import Act, NewEntry
from facecli.consent import subjects
from facecli.consent.register import elsewhere
from facecli.consent.register.elsewhere import Case
from facecli.consent.register.rows import new_id
from facecli.consent.retention import Decision, Reason, SubjectFact, What
from facecli.erasure import residue
from facecli.erasure.copies import known
from facecli.errors.erasure import ResidueLeft
from facecli.store import holdings
from facecli.store.connection import CHANGED_BYTES

Action = Literal["revoke", "purge", "faces"]
ENTRIES: Mapping[Action, str] = {
    "revoke": "revoke.erase",
    "purge": "purge.erase",
    "faces": "faces.remove",
}
"""The action of the log's entry about an erasure, by the command."""
ENTRIES_AT_ONCE = 1000  # in memory, where many subjects are erased in one act
_STATED = attrgetter("what", "purpose", "reason")  # of a decision, in an entry
MANY = 100
"""Subjects from which on a larger cache is worth its memory."""


class Erasable(NamedTuple):
    """A subject with the decisions to carry out: the due ones and no others.

    case: of an earlier erasure that is repeated, if data was still held elsewhere then.
    """

    subject: SubjectFact
    decisions: tuple[Decision, ...]
    case: Case | None = None


def erase(
    act: Act,
    people: Sequence[Erasable],
    *,
    action: Action,
    purpose: str | None = None,
) -> list[int]:
    """Erase, check that nothing is left, and log an entry for each subject.

    Templates that were removed by hand have an entry of their own, `faces.remove`.

    Args:
        action: the command, for the log.
        purpose: the one purpose concerned; None for all.

    Returns:
        The `seq` of each entry.

    Raises:
        ResidueLeft: something is left; the caller must not commit.
    """
    from facecli.consent import consents  # most nights nothing is due

    ids = _ids(people)
    named = {
        "template": holdings.template_ids(act.db, ids["template"]),
        "consent": consents.record_digests(act.db, ids["consent"]),
    }
    added = subjects.added_on(act.db, ids["subject"])
    held = elsewhere.open_of(act.db, [one.subject.item_id for one in people])
    people = [_with_case(act, one, held) for one in people]
    remove(act, people)
    parts = [part for one in people for part in _parts(one, action)]
    since = [added.get(one.subject.item_id) or _oldest_day(one) for _, one in parts]
    copies = known.holding(act.db, set(since))
    numbers: list[int] = []
    for start in range(0, len(parts), ENTRIES_AT_ONCE):
        part = slice(start, start + ENTRIES_AT_ONCE)
        entries = [
            _entry(one, command, purpose, named, copies[day], held)
            for (command, one), day in zip(parts[part], since[part], strict=True)
        ]
        numbers += record(act, entries, since[part])
    return numbers


def _with_case(act: Act, one: Erasable, held: Mapping[int, Mapping[str, int]]) -> Erasable:
    """Open a case for a subject who is erased while data is still held elsewhere."""
    if one.case is not None or one.subject.item_id not in held:
        return one
    if not any(decision.what == "subject" for decision in one.decisions):
        return one
    return one._replace(case=Case(new_id(), act.now))


def _parts(one: Erasable, action: Action) -> Iterator[tuple[Action, Erasable]]:
    """Yield what each entry about a subject states, with the command of the entry."""
    by_hand = tuple([d for d in one.decisions if d.reason == "removed"])
    if not by_hand:
        yield action, one
        return
    yield "faces", one._replace(decisions=by_hand)
    if others := tuple(d for d in one.decisions if d.reason != "removed"):
        yield action, one._replace(decisions=others)


def remove(act: Act, people: Sequence[Erasable]) -> None:
    """Erase and check that nothing is left, without an entry in the log.

    Raises:
        ResidueLeft: something is left; the caller must not commit.
    """
    from facecli.consent import consents, lapses  # most nights nothing is due
    from facecli.consent.register import leaving
    from facecli.recognition.enrolment import batch_start

    if len(people) >= MANY:
        act.db.enlarge_cache(CHANGED_BYTES)
    ids = _ids(people)
    whole = ids["subject"]
    slots = holdings.erase_templates(act.db, ids["template"])
    holdings.erase_photos(act.db, ids["photo"])
    holdings.erase_matches(act.db, ids["match"])
    cases = {one.subject.item_id: one.case for one in people if one.case is not None}
    leaving.leave(act.db, whole, {one: cases[one] for one in whole if one in cases})
    consents.erase(act, ids["consent"])
    for one in people:
        if one.subject.lapses:
            gone = [(decision.what, decision.item_id) for decision in one.decisions]
            lapses.drop_spent(act, one.subject, gone)
    subjects.erase(act, whole)
    if whole:
        batch_start.forget_names(act.db)
    _check(act, people, whole, slots)


def _ids(people: Sequence[Erasable]) -> defaultdict[What, list[int]]:
    """Return the ids of what is decided, by its kind."""
    found = defaultdict[What, list[int]](list)
    for one in people:
        for decision in one.decisions:
            found[decision.what].append(decision.item_id)
    return found


def _oldest_day(one: Erasable) -> str:
    """Return the day since which the oldest of the erased things was held."""
    erased = {(d.what, d.item_id) for d in one.decisions}
    things = [t.created_at for t in one.subject.things if (t.what, t.item_id) in erased]
    given = [c.recorded_at for c in one.subject.consents if ("consent", c.item_id) in erased]
    return min([*things, *given])[:10]


def _check(
    act: Act, people: Sequence[Erasable], gone: Sequence[int], slots: holdings.ShardSlots
) -> None:

    left = residue.of_subjects(act.db, gone)
    if left:
        subject_id, tables = min(left.items())
        ref = next(one.subject.ref for one in people if one.subject.item_id == subject_id)
        raise ResidueLeft(ref=ref, tables=", ".join(tables))
    if not holdings.are_erased(act.db, slots):
        raise ResidueLeft(ref=people[0].subject.ref, tables="shard_vectors")


def _entry(
    one: Erasable,
    action: Action,
    purpose: str | None,
    named: Mapping[str, Mapping[int, str]],
    copies: Sequence[str],
    held: Mapping[int, Mapping[str, int]],
) -> NewEntry:
    subject, decisions, case = one
    counted, forms = _counted(tuple(map(_STATED, decisions)))
    templates = _named(named["template"], decisions, "template")
    consented = _named(named["consent"], decisions, "consent")
    details = {**counted, "templates": templates, "consents": consented, "copies": list(copies)}
    if still_open := held.get(subject.item_id):
        details["elsewhere"] = {"case": case.case_id if case else None, "open": dict(still_open)}
        written = None
    else:
        ids = {"templates": listed(templates), "consents": listed(consented)}
        written = joined({**forms, **ids, "copies": listed(copies)})
    return NewEntry(ENTRIES[action], "done", subject.pseudonym, purpose, details, written)


@lru_cache(maxsize=1024)
def _counted(
    kinds: tuple[tuple[What, str | None, Reason], ...],
) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Return what an entry states of numbers, from the kind, purpose and reason of each thing.

    The same follows in canonical form: of many people who are due together, the same was decided.
    """
    stated = [one for one in kinds if one[0] != "match"]  # a number of matches tells of visits
    counts = dict(sorted(Counter(what for what, _, _ in stated).items()))
    purposes = {
        code: dict(sorted(Counter(what for what, own, _ in stated if own == code).items()))
        for code in sorted({own for _, own, _ in stated if own is not None})
    }
    stated_so = {
        "erased": counts,
        "purposes": purposes,  # a restore erases by it, and by the ids; see `restore.erasures`
        "reasons": sorted({reason for _, _, reason in kinds}),
        "whole": "subject" in counts,
    }
    return stated_so, {name: canonical(value).decode() for name, value in stated_so.items()}


def _named(names: Mapping[int, str], decisions: Sequence[Decision], what: What) -> list[str]:
    return sorted([names[d.item_id] for d in decisions if d.what == what])


def record(act: Act, entries: Sequence[NewEntry], since: Sequence[str | None]) -> list[int]:
    """Log erasures, one entry for each subject, and return the `seq` of each.

    Args:
        entries: with an action of ENTRIES.
        since: for each, the day since which the oldest of the erased things was held, if known.
    """
    numbered = list(zip(act.record_all(entries), entries, since, strict=True))
    act.db.many(
        "INSERT INTO erasure (pseudonym, purpose, at, action, reasons, counts, seq, held_since)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                *(one.subject_id, one.purpose, act.now, one.action.partition(".")[0]),
                _listed(tuple(one.details["reasons"])),
                _numbers(tuple(one.details["erased"].items())),
                *(seq, held_since),
            )
            for seq, one, held_since in numbered
        ),
    )
    return [seq for seq, _, _ in numbered]


@lru_cache(maxsize=1024)
def _listed(reasons: tuple[str, ...]) -> str:
    return json.dumps(reasons)


@lru_cache(maxsize=1024)
def _numbers(counts: tuple[tuple[str, int], ...]) -> str:
    return json.dumps(dict(counts))
