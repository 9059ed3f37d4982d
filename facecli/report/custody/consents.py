"""The section on consents: their numbers by state."""

from __future__ import annotations

from facecli.consent import tallies
from facecli.report.custody.context import Context
from facecli.report.document import Column, Section, Table


def section(context: Context) -> Section:
    """Return the numbers of consents by purpose, version and state."""
    say = context.language.say
    columns = (
        Column("purpose", say("Purpose")),
        Column("version", say("Version"), "number"),
        Column("state", say("State"), "code"),
        Column("consents", say("Consents"), "number"),
        Column("subjects", say("Subjects"), "number"),
        Column("without_evidence", say("Without a signed form"), "number"),
    )
    rows = tallies.by_state(context.db, context.now)
    return Section(
        "consents",
        say("Consents by state"),
        sentences=(
            say(
                "Consents to an earlier version do not count: their data is not used, and is due "
                "unless the subject agrees again."
            ),
        ),
        tables=(Table("by_state", say("Consents by purpose, version and state"), columns, rows),),
    )
