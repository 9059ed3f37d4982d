"""Erasing again, in a backup that is restored, what was erased since it was made.

What is to be erased comes from the log's entries: of the present database, if it is there, and
of exports of it. An entry says whose (by pseudonym), and how many things of each kind for each
purpose. Which ones those were is not logged; but everything goes in an order:

- withdrawing for a purpose takes all that was there for it: here too;
- a purge takes the oldest first, since everything of a kind for a purpose is due after the same
  length of time; of consents, those withdrawn, then those to earlier versions, then those that
  end first. What was made after the backup is younger than all that is in it.

So the first N in that order go, N being the number that was erased since. Where things were
erased that came after the backup, this takes too much rather than too little.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from facecli.audit.entries import Act
from facecli.consent import retention_facts, subjects
from facecli.consent.retention import Decision, Reason, SubjectFact, What
from facecli.erasure.erasing import Erasable, erase
from facecli.store.database import Database

ACTIONS: Mapping[str, Literal["revoke", "purge"]] = {
    "revoke.erase": "revoke",
    "purge.erase": "purge",
}
KINDS: tuple[What, ...] = ("template", "photo", "match", "consent")
EVERYTHING = 2**63


@dataclass
class Erased:
    """What was erased of one person since the backup, all entries together."""

    action: Literal["revoke", "purge"] = "purge"
    reason: Reason = "withdrawn"
    at: str = ""
    whole: bool = False
    counts: Counter[tuple[str, What]] = field(default_factory=Counter)


def collect(entries: Iterable[Mapping[str, Any]]) -> dict[str, Erased]:
    """What log entries say was erased, by pseudonym.

    Args:
        entries: entries of any kind, in any order; each of them once.
    """
    found: dict[str, Erased] = defaultdict(Erased)
    for entry in entries:
        action = ACTIONS.get(entry["action"])
        if action is None or entry["outcome"] != "done":
            continue
        one, details = found[entry["subject_id"]], entry["details"]
        one.action, one.at = action, max(one.at, entry["at"])
        one.reason = details["reasons"][0] if details["reasons"] else one.reason
        one.whole |= details["whole"]
        for code, counts in details["purposes"].items():
            for what, count in counts.items():
                one.counts[code, what] += count
        if action == "revoke" and entry["purpose"] is not None:
            for what in KINDS:
                one.counts[entry["purpose"], what] = EVERYTHING
    return dict(found)


def entries_since(db: Database, size: int) -> Iterator[dict[str, Any]]:
    """The entries of a database's log after the first `size`."""
    for row in db.execute("SELECT record FROM audit_entry WHERE seq > ? ORDER BY seq", (size,)):
        yield json.loads(row["record"])


def reapply(act: Act, erased: Mapping[str, Erased]) -> int:
    """Erase it again. How many people it was of.

    Raises:
        ResidueLeft: something is left; the restored file must not be used.
    """
    people = 0
    for pseudonym, one in sorted(erased.items()):
        found = subjects.find_pseudonym(act.db, pseudonym)
        if found is None:
            continue  # came after the backup, and went
        subject = retention_facts.of_one(act.db, found)
        decisions = list(_decisions(subject, one))
        if decisions:
            people += 1
            erase(act, [Erasable(subject, tuple(decisions))], action=one.action)
    return people


def _decisions(subject: SubjectFact, one: Erased) -> Iterator[Decision]:
    left = Counter(one.counts)
    for what, item_id, purpose in _in_order(subject):
        if one.whole or left[purpose, what] > 0:
            left[purpose, what] -= 1
            yield Decision(what, item_id, purpose, "due", one.reason, one.at)
    if one.whole:
        yield Decision("subject", subject.item_id, None, "due", one.reason, one.at)


def _in_order(subject: SubjectFact) -> Iterator[tuple[What, int, str]]:
    for thing in sorted(subject.things, key=lambda thing: (thing.created_at, thing.item_id)):
        yield thing.what, thing.item_id, thing.purpose
    for consent in sorted(
        subject.consents,
        key=lambda c: (c.withdrawn_at is None, c.version, c.expires_at, c.item_id),
    ):
        yield "consent", consent.item_id, consent.purpose
