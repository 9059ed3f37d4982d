"""The facts that `retention.decide` needs, read from the rooms' tables, one person at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from facecli.consent import consents, purposes, subjects
from facecli.consent.retention import ConsentFact, HeldFact, Rules, SubjectFact
from facecli.consent.subjects import Subject
from facecli.store import holdings
from facecli.store.database import Database, id_list


def rules(db: Database) -> dict[str, Rules]:
    """What every purpose says about keeping, by its code."""
    found = {}
    for purpose in purposes.list_all(db):
        terms = purpose.terms
        found[purpose.code] = Rules(
            purpose=purpose.code,
            version=purpose.version,
            version_since=purpose.version_since,
            retired_at=purpose.retired_at,
            retain={
                "template": terms.retain_template,
                "photo": terms.retain_photo,
                "match": terms.retain_match,
            },
            inactive_after=terms.inactive_after,
        )
    return found


def everybody(db: Database) -> Iterator[SubjectFact]:
    """The facts of every subject, in constant memory."""
    yield from _subjects(db, subjects.all_facts(db), consents.all_facts(db), holdings.all_held(db))


def among(db: Database, ids: Iterable[int]) -> Iterator[SubjectFact]:
    """The facts of these subjects, by their ids."""
    listed = id_list(ids)
    yield from _subjects(
        db,
        subjects.facts_among(db, listed),
        consents.facts_among(db, listed),
        holdings.held_among(db, listed),
    )


def _subjects(
    db: Database, rows: Iterable[Any], given: Iterable[Any], held: Iterable[Any]
) -> Iterator[SubjectFact]:
    codes = purposes.codes(db)
    consents_of, things_of = _Grouped(given), _Grouped(held)
    for row in rows:
        yield _subject(row, consents_of.of(row[0]), things_of.of(row[0]), codes)


def of_one(db: Database, subject: Subject) -> SubjectFact:
    """The facts of one subject."""
    codes = purposes.codes(db)
    row = next(iter(subjects.facts_of(db, subject.subject_id)))
    given = consents.facts_of(db, subject.subject_id)
    held = holdings.held_of(db, subject.subject_id)
    return _subject(row, given, held, codes)


def again(db: Database, subject: SubjectFact) -> SubjectFact | None:
    """The facts of the same subject now; None if it is gone."""
    found = subjects.find_any(db, subject.ref)
    if found is None or found.pseudonym != subject.pseudonym:
        return None
    return of_one(db, found)


def _subject(
    row: Any, given: Iterable[Any], held: Iterable[Any], codes: dict[int, str]
) -> SubjectFact:
    subject_id, ref, pseudonym, last_interaction, held_until = row
    return SubjectFact(
        subject_id,
        ref,
        pseudonym,
        last_interaction,
        held_until,
        tuple(
            [
                ConsentFact(item_id, codes[purpose], version, expires, withdrawn)
                for _, item_id, purpose, version, expires, withdrawn in given
            ]
        ),
        tuple(
            [
                HeldFact(what, item_id, codes[purpose], moment)
                for _, what, item_id, purpose, moment in held
            ]
        ),
    )


class _Grouped:
    """Rows that come sorted by their first column, handed out group by group."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def of(self, key: int) -> list[Any]:
        group = []
        while self._next is not None and self._next[0] <= key:
            if self._next[0] == key:
                group.append(self._next)
            self._next = next(self._rows, None)
        return group
