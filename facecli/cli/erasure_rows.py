"""The rows that `purge` and `revoke` print for erased things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from facecli.cli.records import RecordKind
from facecli.consent.retention import Decision, SubjectFact
from facecli.erasure.match_retention import MatchesOver

ERASURE = RecordKind(
    "purge",
    ("ref", "subject_id", "purpose", "what", "reason", "due_at", "outcome", "count"),
    ("ref", "purpose", "what", "reason", "due_at", "outcome", "count"),
    dispensable=("due_at", "purpose"),
)
RETENTION_OVER = "retention-over"


def erasure_records(
    subject: SubjectFact, decisions: Iterable[Decision], outcome: str
) -> Iterator[dict[str, Any]]:
    """Yield a record for each thing of a subject that was, or would be, erased.

    Without `due_at` for a match event over its retention: it would tell of the visit.
    """
    for decision in decisions:
        visit = decision.what == "match" and decision.reason == RETENTION_OVER
        yield {
            "ref": subject.ref,
            "subject_id": subject.pseudonym,
            "purpose": decision.purpose,
            "what": decision.what,
            "reason": decision.reason,
            "due_at": None if visit else decision.due_at,
            "outcome": outcome,
        }


def match_records(over: Iterable[MatchesOver], outcome: str) -> Iterator[dict[str, Any]]:
    """Yield a record a purpose for the match events over their retention, and for the held ones.

    They name no subject and no moment, since mails and journals keep them.
    """
    for one in over:
        for count, how in ((len(one.due), outcome), (len(one.held), "held")):
            if count:
                yield {
                    "purpose": one.purpose,
                    "what": "match",
                    "reason": RETENTION_OVER,
                    "outcome": how,
                    "count": count,
                }
