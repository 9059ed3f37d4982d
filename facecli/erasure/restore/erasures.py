"""Repeat erasures in a copy: erase again what was erased after it was made.

The log's entries state what to erase: those of the present database, if it exists, and those of
exports. An entry has the pseudonym, the ids of the erased templates and consents, and the number of
things of each kind for each purpose. Templates and consents go by their ids. Photos and matches
have no ids in the log; but they go in a fixed order:

- a withdrawal for a purpose takes everything for it;
- a purge takes the oldest first, since everything of a kind for a purpose is due after the same
  time. Everything made after the copy is younger than everything in it.

So the first N in that order go, where N is the number erased since. If things made after the copy
were erased too, this takes too much rather than too little. An entry must therefore be applied to a
copy once; the copy's mark says how far that was done.

No entry has a number of match events, which would tell of visits. They go with the consent; those
over their own retention go by cut-offs (`match_retention`).

A template that was removed by hand goes by its id alone. Its photo goes with it if it went then, or
if no template in the copy needs it any more.

Entries that an earlier version has written have no ids: of them everything goes by number. Consents
then go in this order: withdrawn, to earlier versions, first to end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facecli.audit.entries import Act, NewEntry
from facecli.consent import consents, retention_facts, subjects
from facecli.consent.register.elsewhere import Case
from facecli.consent.retention import Decision, Reason, SubjectFact, What
from facecli.erasure import removal
from facecli.erasure.erasing import ENTRIES, Action, Erasable, erase, record
from facecli.steps import counting
from facecli.store import holdings
from facecli.store.database import Database

ACTIONS: Mapping[str, Action] = {entry: action for action, entry in ENTRIES.items()}
KINDS: tuple[What, ...] = ("template", "photo", "match", "consent")
NAMED: Mapping[What, str] = {"template": "templates", "consent": "consents"}
"""The field with the ids of the erased things, by their kind."""
EVERYTHING = 2**63


@dataclass
class Erased:
    """Everything erased of one subject since the copy, over all entries.

    removed: ids of the templates that were removed by hand. with_photo: those whose photo went too.
    case: of what was still held elsewhere when the subject was erased.
    """

    action: Action = "purge"
    reason: Reason = "withdrawn"
    at: str = ""
    whole: bool = False
    counts: Counter[tuple[str, What]] = field(default_factory=Counter)
    named: dict[What, set[str]] = field(default_factory=lambda: {what: set() for what in NAMED})
    removed: set[str] = field(default_factory=set)
    with_photo: set[str] = field(default_factory=set)
    case: Case | None = None


def collect(entries: Iterable[Mapping[str, Any]]) -> dict[str, Erased]:
    """Return the erasures that log entries record, by pseudonym.

    Args:
        entries: entries of any kind, in any order, each once.
    """
    found: dict[str, Erased] = defaultdict(Erased)
    for entry in entries:
        action = ACTIONS.get(entry["action"])
        if action is None or entry["outcome"] != "done":
            continue
        one, details = found[entry["subject_id"]], entry["details"]
        one.at = max(one.at, entry["at"])
        if action == "faces":
            one.removed.update(details["templates"])
            one.with_photo.update(details["templates"] if details["erased"].get("photo") else ())
            continue
        one.action = action
        one.reason = details["reasons"][0] if details["reasons"] else one.reason
        one.whole |= details["whole"]
        if case_id := (details.get("elsewhere") or {}).get("case"):
            one.case = Case(case_id, entry["at"])
        for what, name in NAMED.items():
            one.named[what].update(details.get(name, ()))
        for code, counts in details["purposes"].items():
            for what, count in counts.items():
                if NAMED.get(what) not in details:
                    one.counts[code, what] += count
            if counts.get("consent"):
                one.counts[code, "match"] = EVERYTHING
        if action == "revoke" and entry["purpose"] is not None:
            for what in KINDS:
                one.counts[entry["purpose"], what] = EVERYTHING
    return dict(found)


def reapply(act: Act, erased: Mapping[str, Erased]) -> int:
    """Repeat the erasures, log each, and return the number of subjects concerned.

    Raises:
        ResidueLeft: something is left; the restored file must not be used.
    """
    people = 0
    with counting("subject", len(erased)) as step:
        for pseudonym in sorted(erased):
            for one, erasable in due(act.db, {pseudonym: erased[pseudonym]}):
                people += 1
                erase(act, [erasable], action=one.action)
            step(1)
    return people


def due(db: Database, erased: Mapping[str, Erased]) -> Iterator[tuple[Erased, Erasable]]:
    """Yield everything that is still there of what was erased, by subject."""
    for pseudonym, one in sorted(erased.items()):
        found = subjects.find_pseudonym(db, pseudonym)
        if found is None:
            continue  # added after the copy, or erased in it
        subject = retention_facts.of_one(db, found)
        decisions = tuple(_decisions(db, subject, one))
        if decisions:
            yield one, Erasable(subject, decisions, one.case)


def record_again(act: Act, entries: Iterable[Mapping[str, Any]]) -> None:
    """Log erasures that were applied to a backup before its restore.

    The log continues from the backup's end, and the next restore needs them.
    """
    again = [
        NewEntry(one["action"], "done", one["subject_id"], one["purpose"], one["details"])
        for one in entries
    ]
    if again:
        record(act, again, [None] * len(again))


def _decisions(db: Database, subject: SubjectFact, one: Erased) -> Iterator[Decision]:
    left = Counter(one.counts)
    removed = () if one.whole else tuple(_removed(db, subject, one))
    yield from removed
    by_hand = {(d.what, d.item_id) for d in removed}
    named = {
        "template": _named(one, "template", _items(subject, "template"), holdings.template_ids, db),
        "consent": _named(one, "consent", _items(subject, "consent"), consents.record_digests, db),
    }
    for what, item_id, purpose in _in_order(subject):
        if (what, item_id) in by_hand:
            continue
        is_named = one.whole or item_id in named.get(what, ())
        if is_named or left[purpose, what] > 0:
            left[purpose, what] -= not is_named
            yield Decision(what, item_id, purpose, "due", one.reason, one.at)
    if one.whole:
        yield Decision("subject", subject.item_id, None, "due", one.reason, one.at)


def _removed(db: Database, subject: SubjectFact, one: Erased) -> Iterable[Decision]:
    if not one.removed:
        return ()
    names = holdings.template_ids(db, _items(subject, "template"))
    ids = [item for item, name in names.items() if name in one.removed]
    with_photo = [item for item, name in names.items() if name in one.with_photo]
    return removal.decisions(db, subject, ids, one.at, with_photo)


def _items(subject: SubjectFact, kind: What) -> list[int]:
    return [item_id for what, item_id, _ in _in_order(subject) if what == kind]


def _named(
    one: Erased,
    what: What,
    items: Sequence[int],
    names: Callable[[Database, Sequence[int]], dict[int, str]],
    db: Database,
) -> set[int]:
    """Return the things of a subject that entries name by their ids."""
    if one.whole or not one.named[what]:
        return set()
    return {item for item, name in names(db, items).items() if name in one.named[what]}


def _in_order(subject: SubjectFact) -> Iterator[tuple[What, int, str]]:
    for thing in sorted(subject.things, key=lambda thing: (thing.created_at, thing.item_id)):
        yield thing.what, thing.item_id, thing.purpose
    for consent in sorted(
        subject.consents,
        key=lambda c: (c.withdrawn_at is None, c.version, c.expires_at, c.item_id),
    ):
        yield "consent", consent.item_id, consent.purpose
