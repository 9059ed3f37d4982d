"""The act of erasing: everything that was decided for one person, checked before it commits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from facecli.audit.entries import Act
from facecli.consent import consents, subjects
from facecli.erasure import residue
from facecli.erasure.retention import Decision, SubjectFact, What
from facecli.errors import ResidueLeft
from facecli.recognition import holdings

ORDER: tuple[What, ...] = ("template", "photo", "match", "consent", "subject")


def erase(
    act: Act,
    subject: SubjectFact,
    decisions: Sequence[Decision],
    *,
    action: Literal["revoke", "purge"],
    purpose: str | None = None,
) -> int:
    """Erase what `decisions` name, log it, and make sure that it is gone.

    Args:
        decisions: the due ones of this subject, and no others.
        action: what the log calls it.
        purpose: the one purpose that this is about; None where it is about the person.

    Returns:
        The `seq` of the log's entry.

    Raises:
        ResidueLeft: something is left; the transaction must not commit.
    """
    ids = {what: [d.item_id for d in decisions if d.what == what] for what in ORDER}
    places = holdings.places(act.db, ids["template"])
    holdings.erase_templates(act, ids["template"])
    holdings.erase_photos(act, ids["photo"])
    holdings.erase_matches(act, ids["match"])
    consents.erase(act, ids["consent"])
    for subject_id in ids["subject"]:
        subjects.erase(act, subject_id)
    _check(act, subject, bool(ids["subject"]), places)
    return _record(act, subject, decisions, action, purpose)


def _check(
    act: Act, subject: SubjectFact, whole: bool, places: Sequence[holdings.TemplatePlace]
) -> None:
    left = residue.of_subject(act.db, subject.item_id) if whole else []
    if not holdings.are_erased(act.db, places):
        left.append("template_shard")
    if left:
        raise ResidueLeft(ref=subject.ref, tables=", ".join(left))


def _record(
    act: Act,
    subject: SubjectFact,
    decisions: Sequence[Decision],
    action: Literal["revoke", "purge"],
    purpose: str | None,
) -> int:
    counts = dict(sorted(Counter(decision.what for decision in decisions).items()))
    reasons = sorted({decision.reason for decision in decisions})
    seq = act.record(
        f"{action}.erase",
        subject_id=subject.pseudonym,
        purpose=purpose,
        details={"erased": counts, "reasons": reasons, "whole": "subject" in counts},
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
