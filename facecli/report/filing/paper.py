"""The filing as a report: who, how many, by when, and what the Measures of 2025 ask for.

Measures for the Security Management of the Application of Face Recognition Technology (CAC and
Ministry of Public Security, 2025), article 15: whoever stores facial data of 100,000 people files
with the provincial authority within 30 working days.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from facecli.consent import dates, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.errors.command_line import BadInput
from facecli.papers.languages import Language
from facecli.report import standing
from facecli.report.document import Column, Document, Fact, Section, Table, Value
from facecli.report.filing import people, refs, working_days
from facecli.report.filing import purposes as stated
from facecli.report.filing.counting import Count, count
from facecli.report.filing.others import SCHEMA, Reported
from facecli.report.filing.refs import Refs
from facecli.report.security import measures
from facecli.report.status import FILING_LIMIT
from facecli.store import holdings, meta, time_reached
from facecli.store.database import Database

NAME = SCHEMA.removeprefix("facecli.").removesuffix("/1")
LAW = "CAC Measures (2025) 15"


def own(db: Database, now: str, *, with_refs: bool, key: bytes | None) -> Reported:
    """Return the report of this database itself.

    Args:
        with_refs: the people for comparison are REFs as they are.
        key: they are tags under this key.
    """
    zone, now = dates.zone_of(db), time_reached.later(db, now)
    named = {subject_id: ref for subject_id, ref, _ in subjects.list_ids(db)}
    held = [named[subject_id] for subject_id, _ in holdings.first_held(db)]
    listed = refs.plain(held) if with_refs else refs.tagged(held, key) if key else Refs()
    return Reported(
        meta.find(db, "database_id") or "", now, len(held), people.by_day(db, zone, now), listed
    )


def check_once(reports: Sequence[tuple[str, Reported]]) -> None:
    """Refuse two reports of one database, which would count its people twice.

    Args:
        reports: each with the name of its file.

    Raises:
        BadInput: one of them is of a database that another, or the first, is of.
    """
    seen: dict[str, str] = {}
    for name, one in reports:
        if one.database in seen:
            why = f"it is a report of the same database as {seen[one.database]}"
            raise BadInput(what=name, why=why)
        seen[one.database] = name


def document(
    db: Database, language: Language, here: Reported, others: Sequence[Reported]
) -> Document:
    """Return the filing of this database, together with those of others."""
    say = language.say
    used = standing.in_language(db, language)
    zone = dates.zone_of(db)
    total = count([here, *others], zone)
    return Document(
        schema=NAME,
        language=language,
        title=say("Filing of face recognition"),
        at=here.at,
        zone=zone,
        opening=(
            say(
                "Whoever stores facial data of {limit} people files with the provincial authority "
                "within 30 working days (Measures on face recognition technology of 2025, article "
                "15). This report is no legal advice.",
                limit=language.number(FILING_LIMIT),
            ),
        ),
        facts=(Fact("database", say("Database"), here.database), *_handler(used, language)),
        sections=(
            _count(language, here, others, total, dates.day_of(here.at, zone)),
            stated.section(
                language,
                stated.own(used),
                [(one.database, one.purposes) for one in others],
            ),
            _security(used, language),
            _comparison(language, here.refs),
        ),
    )


def _handler(used: Sequence[Purpose], language: Language) -> tuple[Fact, ...]:
    say = language.say
    terms = [one.terms for one in used]
    return (
        _stated("controller", say("Controller"), [one.controller_name for one in terms]),
        _stated("contact", say("Contact"), [one.controller_contact for one in terms]),
        _stated("address", say("Address"), [one.controller_address for one in terms]),
    )


def _stated(name: str, heading: str, values: Collection[str | None]) -> Fact:
    found = dict.fromkeys(value for value in values if value is not None)
    return Fact(name, heading, "; ".join(found) or None, needed=LAW)


def _count(
    language: Language, here: Reported, others: Sequence[Reported], total: Count, today: str
) -> Section:
    say = language.say
    day, certain = total.deadline or (None, None)
    columns = (Column("day", say("Day")), Column("people", say("People"), "number"))
    listed = (
        Column("database", say("Database")),
        Column("at", say("As of"), "moment"),
        Column("people", say("People"), "number"),
        Column("comparison", say("For comparison"), "code"),
    )
    rows: list[tuple[Value, ...]] = [
        (one.database, one.at, one.people, one.refs.kind) for one in (here, *others)
    ]
    return Section(
        "count",
        say("People whose facial data is stored"),
        sentences=tuple(_explained(language, total, bool(others), today)),
        facts=(
            Fact("people", say("In this database, counted once over all purposes"), here.people,
                 "number", needed=LAW),
            Fact("databases", say("Databases"), 1 + len(others), "number"),
            Fact("at_most", say("In all databases, at most"), total.people, "number"),
            Fact("estimate", say("In all databases, equal references once (an estimate)"),
                 total.estimate, "number"),
            Fact("limit", say("Number to file at"), FILING_LIMIT, "number"),
            Fact("reached_on", say("Number reached on"), total.reached),
            Fact("file_by", say("File by"), day),
            Fact("file_by_is_certain", say("Every holiday up to then is known"),
                 None if certain is None else "yes" if certain else "no", "code"),
            Fact("holidays_known_to", say("Holidays are known to the end of"),
                 str(working_days.last_year())),
        ),
        tables=(
            Table("databases_listed", say("Databases counted"), listed, rows),
            Table("by_day", say("People by day"), columns, here.days, on_page=False),
        ),
    )  # fmt: skip


def _explained(language: Language, total: Count, merged: bool, today: str) -> list[str]:
    say = language.say
    found = [
        say(
            "A person counts once over all purposes, and on each day on which a template or a "
            "photo was held."
        )
    ]
    if merged:
        found.append(
            say(
                "The sum over databases is an upper bound: people in several of them count "
                "several times."
            )
        )
        found.append(
            say(
                "There is no estimate, because the reports do not name people in the same way: "
                "give --ref-key with one key file for all of them."
            )
            if total.estimate is None
            else say("The estimate takes equal references for one person.")
        )
    if total.deadline is not None and total.deadline.day < today:
        found.append(say("The day to file by, {day}, is over.", day=total.deadline.day))
    if total.deadline is not None and not total.deadline.certain:
        found.append(
            say(
                "The table of holidays ends with {year}. Days after it count as working days, so "
                "that this is the earliest possible deadline. A newer version of the Python "
                "package chinesecalendar knows more.",
                year=working_days.last_year(),
            )
        )
    return found


def _security(used: Sequence[Purpose], language: Language) -> Section:
    facts = tuple(
        Fact(one.code, one.terms.title, one.terms.security)
        for one in used
        if one.terms.security is not None
    )
    heading = language.say("Security measures")
    return Section("security", heading, sentences=measures(language), facts=facts)


def _comparison(language: Language, found: Refs) -> Section:
    say = language.say
    return Section(
        "people_for_comparison",
        say("People for comparison with other databases"),
        sentences=(
            say(
                "Reports of several databases are compared by the references (--with-refs), or by "
                "tags of them (--ref-key)."
            ),
        ),
        facts=(
            Fact("kind", say("Kind"), found.kind, "code"),
            Fact("key_id", say("Key of the tags"), found.key_id),
        ),
        tables=(
            Table("values", say("People"), (Column("value", say("Reference")),),
                  [(value,) for value in sorted(found.values)], on_page=False),
        ),
    )  # fmt: skip
