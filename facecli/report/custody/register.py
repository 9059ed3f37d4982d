"""The sections on the register: held elsewhere, disclosures, requests, the alternative.

Numbers include those of subjects who were erased. Answers and reasons stay in the database: they
are free text about a person.
"""

from __future__ import annotations

from facecli.consent import subjects
from facecli.consent.register import alternatives, disclosures, elsewhere, requests
from facecli.report.custody.context import Context
from facecli.report.document import Column, Fact, Section, Table, Value


def _named(context: Context) -> tuple[Column, ...]:
    """Return the columns that name a subject."""
    say = context.language.say
    refs = (Column("ref", say("Reference")),) if context.with_refs else ()
    return (Column("subject_id", say("Subject")), *refs)


def _name(context: Context, ref: str | None) -> tuple[Value, ...]:
    """Return the values of these columns for a subject; None is an erased one, or everybody."""
    pseudonym = None if ref is None else subjects.pseudonym_of(context.db, ref)
    return (pseudonym, ref) if context.with_refs else (pseudonym,)


def held_elsewhere(context: Context) -> Section:
    """Return what others hold, and whether its deletion is confirmed."""
    say = context.language.say
    found = elsewhere.open_at(context.db, context.now)
    columns = (
        *_named(context),
        Column("what", say("Data"), "code"),
        Column("place", say("Held by")),
        Column("since", say("Since")),
        Column("state", say("State"), "code"),
        Column("asked_at", say("Deletion asked for"), "moment"),
        Column("confirmed_at", say("Deletion confirmed"), "moment"),
    )
    rows = [
        (*_name(context, one.ref), one.what, one.place, one.since, one.state, one.asked_at,
         one.confirmed_at)
        for one in elsewhere.list_all(context.db)
    ]  # fmt: skip
    return Section(
        "elsewhere",
        say("Held outside this database"),
        sentences=(say("Items without a subject are those of subjects who were erased since."),),
        facts=(
            Fact("open", say("Not confirmed as deleted"), found.items, "number"),
            Fact("asked", say("Deletion asked for, not confirmed"), found.asked, "number"),
            Fact("late", say("Of these, asked for more than 30 days ago"), found.late, "number"),
        ),
        tables=(Table("list", say("Held elsewhere"), columns, rows),),
    )


def disclosed(context: Context) -> Section:
    """Return the disclosures and the breaches of the whole database."""
    say = context.language.say
    counts = disclosures.count(context.db)
    columns = (
        *_named(context),
        Column("day", say("Day")),
        Column("recipient", say("Recipient")),
        Column("what", say("Data")),
        Column("basis", say("Basis")),
    )
    rows = [
        (*_name(context, ref), one.day, one.recipient, one.what, one.basis)
        for ref, one in disclosures.list_all(context.db)
    ]
    return Section(
        "disclosures",
        say("Disclosures"),
        sentences=(say("A row without a subject concerns everybody in the database."),),
        facts=(
            Fact("recorded", say("Disclosures recorded, erased subjects included"),
                 counts["recorded"], "number"),
            Fact("whole_database", say("Disclosures or breaches of everything"),
                 counts["whole_database"], "number"),
        ),
        tables=(Table("list", say("Disclosures"), columns, rows),),
    )  # fmt: skip


def requested(context: Context) -> Section:
    """Return the requests and complaints with their deadlines."""
    say = context.language.say
    found = requests.count(context.db, context.now)
    columns = (
        *_named(context),
        Column("kind", say("Kind"), "code"),
        Column("received_on", say("Received")),
        Column("due_at", say("Answer by"), "end"),
        Column("state", say("State"), "code"),
        Column("answered_at", say("Answered"), "moment"),
    )
    rows = [
        (*_name(context, one.ref), one.kind, one.received_on, one.due_at, one.state(context.now),
         one.answered_at)
        for one in requests.list_all(context.db)
    ]  # fmt: skip
    numbers = (
        ("open", say("Open")),
        ("overdue", say("Of these, overdue")),
        ("answered", say("Answered")),
        ("refused", say("Refused")),
        ("erased", say("Open when their subject was erased")),
    )
    return Section(
        "requests",
        say("Requests and complaints"),
        facts=(
            *(Fact(name, heading, getattr(found, name), "number") for name, heading in numbers),
            Fact("next_due", say("Next deadline"), found.next_due, "end"),
        ),
        tables=(Table("list", say("Requests and complaints"), columns, rows),),
    )


def offered(context: Context) -> Section:
    """Return how often the way without the face was offered, and taken."""
    say = context.language.say
    columns = (
        Column("purpose", say("Purpose")),
        Column("offered", say("Offered"), "number"),
        Column("taken", say("Taken"), "number"),
        Column("changed", say("Chose otherwise later"), "number"),
    )
    counts = alternatives.count(context.db)
    rows = [
        (code or None, one["offered"], one["taken"], one["changed"])
        for code, one in sorted(counts.items())
    ]
    return Section(
        "alternatives",
        say("Offers of the alternative without the face"),
        sentences=(say("A row without a purpose counts offers for any purpose."),),
        tables=(Table("by_purpose", say("Offers by purpose"), columns, rows),),
    )
