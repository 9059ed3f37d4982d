"""On whose authority a face may be searched: the operators of a purpose, and the case.

A purpose may name its operators, and require a case. Whoever logged in, or called sudo, is the
operator. A timer has no login: the user of its process is. A login that is only claimed is nobody
(see `facecli.audit.login`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TypeAlias

from facecli.audit.entries import Actor
from facecli.consent import subjects
from facecli.consent.naming import as_names, as_refs
from facecli.consent.purpose_terms import Purpose
from facecli.consent.text import check_case
from facecli.errors.command_line import BadText
from facecli.errors.consent import CaseRequired, OtherOperator
from facecli.store.database import Database

Identity: TypeAlias = tuple[int | None, str | None]  # user id and login name


def operator(actor: Actor) -> Identity | None:
    """Return the user id and the name that a rule may count on; None where they are claimed."""
    login = actor.login
    if login is None or login.source == "none":
        return actor.uid, actor.user
    return None if login.source == "claimed" else (login.uid, login.user)


def require(purpose: Purpose, actor: Actor, case: str | None) -> None:
    """Pass if this actor may search faces for the purpose, with this case or without one.

    Raises:
        OtherOperator: the purpose names its operators, and this is none of them.
        CaseRequired: the purpose requires a case.
    """
    operators = purpose.terms.operators
    who = operator(actor)
    if operators and (who is None or not {*who} & {*operators}):
        raise OtherOperator(purpose=purpose.code, who=actor.in_words)
    if purpose.terms.case_required and case is None:
        raise CaseRequired(purpose=purpose.code)


def case_of(db: Database, text: str | None) -> str | None:
    """Return a case's id in normal form, or None where none is given.

    Raises:
        BadText: it is no id of a case, or is the REF or the name of a person in the database, or
            looks like their REF. The log would keep it when the person is erased.
    """
    if text is None:
        return None
    case = check_case(text)
    if _names_somebody(db, case):
        raise BadText(
            what="The case",
            why="it is, or looks like, the REF or the name of a person in the database; put "
            "`case-` before the number of a case",
        )
    return case


def _names_somebody(db: Database, case: str) -> bool:
    """Return True if a text is a REF or spells a name in any letters, or looks like a REF."""
    plain = unicodedata.normalize("NFKC", case)
    refs = _in_other_letters({case, plain} | as_refs(plain))
    names = _in_other_letters({case, plain} | as_names(plain))
    columns = (
        ("ref IN", refs),
        ("name COLLATE NOCASE IN", names),
        # by subject_apart
        ("(state <> 'active' OR minor <> 0) AND guardian COLLATE NOCASE IN", names),
    )
    return subjects.looks_like(db, case) is not None or any(
        db.value(
            f"SELECT 1 FROM subject WHERE {column} ({', '.join('?' * len(texts))}) LIMIT 1",
            tuple(texts),
        )
        for column, texts in columns
    )


def _in_other_letters(texts: Iterable[str]) -> set[str]:
    return {
        form
        for text in texts
        for form in (
            text, text.lower(), text.upper(), text.title(), text.capitalize(), text.casefold(),
        )
    }  # fmt: skip
