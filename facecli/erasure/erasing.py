"""The act of erasing: delete what was decided, and check it before the commit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from facecli.audit.entries import Act
from facecli.consent import subjects
from facecli.consent.retention import Decision, SubjectFact, What
from facecli.errors.erasure import ResidueLeft
from facecli.store import holdings

ORDER: tuple[What, ...] = ("template", "photo", "match", "consent", "subject")


class Erasable(NamedTuple):
    """A subject with the decisions to carry out: the due ones and no others."""

    subject: SubjectFact
    decisions: tuple[Decision, ...]


def erase(
    act: Act,
    people: Sequence[Erasable],
    *,
    action: Literal["revoke", "purge"],
    purpose: str | None = None,
) -> list[int]:
    """Erase, check that nothing is left, and log an entry for each subject.

    Args:
        action: the command, for the log.
        purpose: the one purpose concerned; None for all.

    Returns:
        The `seq` of each subject's entry.

    Raises:
        ResidueLeft: something is left; the caller must not commit.
    """
    from facecli.consent import consents, lapses  # most nights nothing is due

    ids: dict[What, list[int]] = {what: [] for what in ORDER}
    for one in people:
        for decision in one.decisions:
            ids[decision.what].append(decision.item_id)
    slots = holdings.slots_of(act.db, ids["template"])
    holdings.erase_templates(act.db, ids["template"])
    holdings.erase_photos(act.db, ids["photo"])
    holdings.erase_matches(act.db, ids["match"])
    consents.erase(act, ids["consent"])
    for one in people:
        lapses.drop_spent(act, one.subject, [(d.what, d.item_id) for d in one.decisions])
    subjects.erase(act, ids["subject"])
    _check(act, people, ids["subject"], slots)
    return [_record(act, one, action, purpose) for one in people]


def _check(
    act: Act, people: Sequence[Erasable], gone: Sequence[int], slots: holdings.ShardSlots
) -> None:
    from facecli.erasure import residue

    left = residue.of_subjects(act.db, gone)
    if left:
        subject_id, tables = min(left.items())
        ref = next(one.subject.ref for one in people if one.subject.item_id == subject_id)
        raise ResidueLeft(ref=ref, tables=", ".join(tables))
    if not holdings.are_erased(act.db, slots):
        raise ResidueLeft(ref=people[0].subject.ref, tables="shard_vectors")


def _record(
    act: Act, one: Erasable, action: Literal["revoke", "purge"], purpose: str | None
) -> int:
    subject, decisions = one
    stated = [d for d in decisions if d.what != "match"]  # a number of matches tells of visits
    counts = dict(sorted(Counter(decision.what for decision in stated).items()))
    reasons = sorted({decision.reason for decision in decisions})
    purposes = {
        code: dict(sorted(Counter(d.what for d in stated if d.purpose == code).items()))
        for code in sorted({d.purpose for d in stated if d.purpose is not None})
    }
    seq = act.record(
        f"{action}.erase",
        subject_id=subject.pseudonym,
        purpose=purpose,
        details={
            "erased": counts,
            "purposes": purposes,  # a restore erases by it; see `restore.erasures`
            "reasons": reasons,
            "whole": "subject" in counts,
        },
    )
    act.db.insert(
        "erasure",
        pseudonym=subject.pseudonym,
        purpose=purpose,
        at=act.now,
        action=action,
        reasons=json.dumps(reasons),
        counts=json.dumps(counts),
        seq=seq,
    )
    return seq
