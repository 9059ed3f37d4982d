"""The section on what is due in the next twelve months if nothing happens until then."""

from __future__ import annotations

from itertools import pairwise

from facecli.erasure.forecast import forecast
from facecli.report.custody import months
from facecli.report.custody.context import Context
from facecli.report.document import Bars, Column, Section, Table, Value

MONTHS = 13
"""The rest of the present month, and the twelve after it."""
WHAT = ("template", "photo", "match", "consent", "subject")


def section(context: Context) -> Section:
    """Return what becomes due, month by month, and its plot."""
    say = context.language.say
    shown = months.around(context.now, context.zone, 0, MONTHS)
    ends = [months.start(month, context.zone)
            for month in months.around(context.now, context.zone, 1, MONTHS)]  # fmt: skip
    found = forecast(context.db, [context.now, *ends])
    totals = [(one.people, *(one.things[what] for what in WHAT)) for one in found]
    grown = [[new - old for old, new in zip(before, after, strict=True)]
             for before, after in pairwise(totals)]  # fmt: skip
    columns = (
        Column("month", say("Month"), "code"),
        Column("subjects", say("Subjects"), "number"),
        Column("templates", say("Templates"), "number"),
        Column("photos", say("Photos"), "number"),
        Column("matches", say("Matches"), "number"),
        Column("consents", say("Consents"), "number"),
        Column("records", say("Records of subjects"), "number"),
    )
    rows: list[tuple[Value, ...]] = [("due-already", *totals[0])]
    rows += [(month, *counts) for month, counts in zip(shown, grown, strict=True)]
    caption = say("Due in the next twelve months")
    plotted = [(columns[at].heading, tuple(month[at - 1] for month in grown)) for at in (1, 2, 5)]
    return Section(
        "due",
        caption,
        sentences=(
            say("A subject counts in the month in which the first of their data becomes due."),
        ),
        plots=(Bars(caption, tuple(shown), tuple(plotted)),),
        tables=(Table("by_month", caption, columns, rows),),
    )
