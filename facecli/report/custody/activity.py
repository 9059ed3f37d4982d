"""The section on what was done: enrolments, searches, refusals and erasures by month."""

from __future__ import annotations

from bisect import bisect_right

from facecli.audit import history
from facecli.consent.dates import day_of
from facecli.erasure import erasing
from facecli.report.custody import months
from facecli.report.custody.context import Context
from facecli.report.document import Bars, Column, Section, Table
from facecli.store import meta

MONTHS = 24
KINDS = {
    "enroll": "enrolments",
    "reenroll": "enrolments",
    "match": "searches",
    "watch.match": "searches",
    "verify": "verifications",
    **dict.fromkeys(erasing.ENTRIES.values(), "erasures"),
}
NAMES = ("enrolments", "searches", "verifications", "refusals", "erasures")


def section(context: Context) -> Section:
    """Return the acts of the last 24 months by month, from the log. No month is older than it."""
    say = context.language.say
    shown = _months(context)
    starts = [months.start(month, context.zone) for month in shown]
    counts = {name: [0] * len(shown) for name in NAMES}
    for minute, action, outcome, count in history.tally(context.db, starts[0]):
        name = "refusals" if outcome == "refused" else KINDS.get(action)
        if name is not None and outcome in ("done", "refused"):
            at = bisect_right(starts, f"{minute}:59Z") - 1
            counts[name][at] += count
    headings = {
        "enrolments": say("Enrolments"),
        "searches": say("Searches"),
        "verifications": say("Verifications"),
        "refusals": say("Refusals"),
        "erasures": say("Erasures"),
    }
    columns = (
        Column("month", say("Month")),
        *(Column(name, headings[name], "number") for name in NAMES),
    )
    rows = list(zip(shown, *(counts[name] for name in NAMES), strict=True))

    def plot(caption: str, *names: str) -> Bars:
        chosen = tuple((headings[name], tuple(counts[name])) for name in names)
        return Bars(caption, tuple(shown), chosen)

    return Section(
        "activity",
        say("What was done"),
        sentences=(say("Entries of the log, by month. A refusal counts whatever was refused."),),
        plots=(
            plot(say("Enrolments, refusals and erasures"), "enrolments", "refusals", "erasures"),
            plot(say("Searches and verifications"), "searches", "verifications"),
        ),
        tables=(Table("by_month", say("Acts by month"), columns, rows),),
    )


def _months(context: Context) -> list[str]:
    found = months.around(context.now, context.zone, 1 - MONTHS, MONTHS)
    made = meta.find(context.db, "created_at")
    first = found[0] if made is None else day_of(made, context.zone)[:7]
    return [month for month in found if month >= first] or found[-1:]
