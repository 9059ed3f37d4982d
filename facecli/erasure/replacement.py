"""Replacement: when a subject is enrolled again, their earlier templates go in the same act."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from facecli.audit.entries import Act
from facecli.consent import retention_facts
from facecli.consent.purpose_terms import Purpose
from facecli.consent.retention import NEVER
from facecli.consent.subjects import Subject
from facecli.erasure import removal
from facecli.erasure.erasing import Erasable, erase
from facecli.store import templates
from facecli.store.database import Database


class Replacement:
    """The erasures of one run, which replaces no template that it has stored itself.

    Args:
        before: the moment before which templates are replaced. A resumed batch gives its first
            start, and so keeps what its earlier runs have stored.
    """

    def __init__(self, before: str = NEVER) -> None:
        self._before = before
        self._kept: set[str] = set()

    def earlier(self, db: Database, subject: Subject, purpose: Purpose) -> list[int]:
        """Return the row ids of the templates of every engine that a new capture replaces."""
        found = templates.made_before(db, subject.subject_id, purpose.purpose_id, self._before)
        return [row_id for row_id, template_id in found if template_id not in self._kept]

    def erase(self, act: Act, subject: Subject, purpose: Purpose, earlier: Sequence[int]) -> None:
        """Erase these templates, with the photos that nothing needs then.

        Raises:
            ResidueLeft: something is left after the erasure.
        """
        fact = retention_facts.of_one(act.db, subject)
        gone = Erasable(fact, removal.decisions(act.db, fact, earlier, act.now))
        erase(act, [gone], action="faces", purpose=purpose.code)

    def keep(self, template_ids: Collection[str]) -> None:
        """Replace none of these templates, which were stored just now."""
        self._kept.update(template_ids)
