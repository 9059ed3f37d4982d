"""Repeat erasures in a restored backup: erase again what was erased after it was made.

The log's entries state what to erase: those of the present database, if it exists, and those of
exports. An entry has the pseudonym and the number of things of each kind for each purpose. It does
not identify the things; but they go in a fixed order:

- a withdrawal for a purpose takes everything for it;
- a purge takes the oldest first, since everything of a kind for a purpose is due after the same
  time. Consents go in this order: withdrawn, to earlier versions, first to end. Everything made
  after the backup is younger than everything in it.

So the first N in that order go, where N is the number erased since. If things made after the backup
were erased too, this takes too much rather than too little.

No entry has a number of match events, which would tell of visits. They go with the consent; those
over their own retention go by cut-offs (`match_retention`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from facecli.audit.entries import Act
from facecli.consent import retention_facts, subjects
from facecli.consent.retention import Decision, Reason, SubjectFact, What
from facecli.erasure.erasing import Erasable, erase

ACTIONS: Mapping[str, Literal["revoke", "purge"]] = {
    "revoke.erase": "revoke",
    "purge.erase": "purge",
}
KINDS: tuple[What, ...] = ("template", "photo", "match", "consent")
EVERYTHING = 2**63


@dataclass
class Erased:
    """Everything erased of one subject since the backup, over all entries."""

    action: Literal["revoke", "purge"] = "purge"
    reason: Reason = "withdrawn"
    at: str = ""
    whole: bool = False
    counts: Counter[tuple[str, What]] = field(default_factory=Counter)


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
        one.action, one.at = action, max(one.at, entry["at"])
        one.reason = details["reasons"][0] if details["reasons"] else one.reason
        one.whole |= details["whole"]
        for code, counts in details["purposes"].items():
            for what, count in counts.items():
                one.counts[code, what] += count
            if counts.get("consent"):
                one.counts[code, "match"] = EVERYTHING
        if action == "revoke" and entry["purpose"] is not None:
            for what in KINDS:
                one.counts[entry["purpose"], what] = EVERYTHING
    return dict(found)


def reapply(act: Act, erased: Mapping[str, Erased]) -> int:
    """Repeat the erasures, and return the number of subjects concerned.

    Raises:
        ResidueLeft: something is left; the restored file must not be used.
    """
    people = 0
    for pseudonym, one in sorted(erased.items()):
        found = subjects.find_pseudonym(act.db, pseudonym)
        if found is None:
            continue  # added after the backup, and erased
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
