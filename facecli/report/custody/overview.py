"""The first sections: numbers of subjects and their data, and the purposes as they stand."""

from __future__ import annotations

from collections.abc import Sequence

from facecli.consent import holds, purposes, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.recognition.engines import of_database
from facecli.report.custody.context import Context
from facecli.report.document import Column, Fact, Section, Table
from facecli.store import holdings


def held(context: Context) -> Section:
    """Return the numbers of everything held."""
    say, db = context.language.say, context.db
    states, counts = subjects.count_by_state(db), holdings.counts(db)
    people, next_end = holds.in_force(db, context.now)
    numbers = (
        ("subjects", say("Subjects"), states["subjects"]),
        ("active", say("Subjects in use"), states["active"]),
        ("restricted", say("Subjects stored, and not used"), states["restricted"]),
        ("alternative_only", say("Subjects who use the alternative"), states["alternative_only"]),
        ("faces", say("Subjects with a template or a photo"), holdings.count_people(db)),
        ("templates", say("Templates"), counts["template"]),
        ("photos", say("Kept photos"), counts["photo"]),
        ("matches", say("Match events"), counts["match"]),
        ("holds", say("Subjects under a legal hold"), people),
    )
    return Section(
        "held",
        say("What is held"),
        facts=(
            *(Fact(name, heading, value, "number") for name, heading, value in numbers),
            Fact("next_hold_end", say("Next end of a legal hold"), next_end, "end"),
            Fact("engine", say("Engine"), of_database.engine_id_of(db)),
        ),
    )


def as_they_stand(context: Context) -> Section:
    """Return the purposes with their retention and the data held for each."""
    say, db = context.language.say, context.db
    consented = purposes.people_in_force(db, context.now)
    counts = holdings.counts_by_purpose(db)
    known = purposes.list_all(db)
    columns = (
        Column("purpose", say("Purpose")),
        Column("title", say("Title")),
        Column("version", say("Version"), "number"),
        Column("version_since", say("In force since"), "moment"),
        Column("retired_at", say("Retired"), "moment"),
        Column("subjects", say("Subjects who agree"), "number"),
        Column("templates", say("Templates"), "number"),
        Column("photos", say("Photos"), "number"),
        Column("matches", say("Matches"), "number"),
    )
    rows = [
        (
            one.code, one.terms.in_language(context.language.tag).title, one.version,
            one.version_since, one.retired_at,
            consented.get(one.purpose_id, 0), counts[one.purpose_id]["template"],
            counts[one.purpose_id]["photo"], counts[one.purpose_id]["match"],
        )
        for one in known
    ]  # fmt: skip
    return Section(
        "purposes",
        say("Purposes"),
        tables=(
            Table("list", say("Purposes as they stand"), columns, rows),
            _retention(context, known),
        ),
    )


def _retention(context: Context, known: Sequence[Purpose]) -> Table:
    say = context.language.say
    columns = (
        Column("purpose", say("Purpose")),
        Column("retain_template", say("Template kept"), "length"),
        Column("retain_photo", say("Photo kept"), "length"),
        Column("retain_match", say("Match kept"), "length"),
        Column("inactive_after", say("Inactive after"), "length"),
    )
    rows = [
        (one.code, one.terms.retain_template, one.terms.retain_photo, one.terms.retain_match,
         one.terms.inactive_after)
        for one in known
    ]  # fmt: skip
    return Table("retention", say("How long the purposes keep data"), columns, rows)
