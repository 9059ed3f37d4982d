"""The log's entries of searches (identification and verification), which name no subject.

An entry carries a random event id. If there was a match, the match event carries it too: that row
is the only link from the entry to the subject, and goes with the match event.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from facecli.audit.entries import Act
from facecli.store import meta


@dataclass(frozen=True)
class SearchEvent:
    """One search: when it started, its case, and the id by which the log knows it."""

    started: str
    case: str | None = None
    event_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def details(self, act: Act, references: int) -> dict[str, Any]:
        """Return what the entry of every search states (EU AI Act 12(3)).

        Args:
            act: the act that ends the search.
            references: the number of templates that were searched; 1 for a verification, whose
                number of templates could tell whose they are.
        """
        return {
            "event_id": self.event_id,
            "started": self.started,
            "ended": act.now,
            "database": meta.database_id(act.db),
            "references": references,
            "case": self.case,
        }
