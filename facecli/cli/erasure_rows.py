"""The rows that `purge` and `revoke` print for erased things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from facecli.cli.records import RecordKind
from facecli.consent.retention import Decision, SubjectFact

ERASURE = RecordKind(
    "purge",
    ("ref", "subject_id", "purpose", "what", "reason", "due_at", "outcome"),
    ("ref", "purpose", "what", "reason", "due_at", "outcome"),
    dispensable=("due_at", "purpose"),
)


def erasure_records(
    subject: SubjectFact, decisions: Iterable[Decision], outcome: str
) -> Iterator[dict[str, Any]]:
    """Yield a record for each thing of a subject that was, or would be, erased."""
    for decision in decisions:
        yield {
            "ref": subject.ref,
            "subject_id": subject.pseudonym,
            "purpose": decision.purpose,
            "what": decision.what,
            "reason": decision.reason,
            "due_at": decision.due_at,
            "outcome": outcome,
        }
