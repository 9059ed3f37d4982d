"""The purposes in a filing: those of this database, and those of the reports that it merges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facecli.consent.purpose_terms import Purpose
from facecli.papers.languages import Language
from facecli.report.document import Column, Section, Table
from facecli.times import LENGTH

NAMES = (
    "purpose",
    "title",
    "method",
    "scope",
    "necessity",
    "retain_template",
    "impact_assessment",
)
MOST = 10_000  # purposes of one database
LONGEST = 100_000  # letters of a text
Rows = tuple[tuple[str, ...], ...]
"""A row for each purpose, with the values of `NAMES`."""


def own(used: Sequence[Purpose]) -> Rows:
    """Return the rows of this database's purposes."""
    found = [(one.code, one.terms) for one in used]
    return tuple(
        (code, terms.title, terms.method, terms.scope, terms.necessity, terms.retain_template,
         terms.impact_assessment)
        for code, terms in found
    )  # fmt: skip


def read(records: Any) -> Rows:
    """Read the rows of another database's report, which others wrote.

    Raises:
        KeyError, TypeError, ValueError: a value has no such form.
    """
    if not isinstance(records, list) or len(records) > MOST:
        raise ValueError("the purposes")
    rows = tuple(tuple(record[name] for name in NAMES) for record in records)
    at = NAMES.index("retain_template")
    for row in rows:
        if not all(isinstance(value, str) and len(value) <= LONGEST for value in row):
            raise ValueError("a text of a purpose")
        if not LENGTH.fullmatch(row[at]):
            raise ValueError("a retention of a purpose")
    return rows


def section(language: Language, here: Rows, others: Sequence[tuple[str, Rows]]) -> Section:
    """Return the section. others: the database's id of each merged report, with its rows."""
    say = language.say
    columns = (
        Column("purpose", say("Purpose")),
        Column("title", say("Title")),
        Column("method", say("Method")),
        Column("scope", say("Scope")),
        Column("necessity", say("Why it is necessary")),
        Column("retain_template", say("Template kept"), "length"),
        Column("impact_assessment", say("Impact assessment")),
    )
    tables = [Table("list", say("Purposes as they stand"), columns, here)]
    if others:
        named = (Column("database", say("Database")), *columns)
        rows = [(database, *row) for database, found in others for row in found]
        tables.append(Table("merged", say("Purposes of the other databases"), named, rows))
    return Section(
        "purposes",
        say("Purposes and methods"),
        sentences=(
            say(
                "The filing also asks for the rules and procedures of processing "
                "(facecli report policy) and for the reports of the impact assessments."
            ),
        ),
        tables=tuple(tables),
    )
