"""Values of a report as people read them, in its language and time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from facecli.consent.dates import is_date, last_day
from facecli.consent.retention import NEVER
from facecli.papers.languages import Language
from facecli.printable import printable
from facecli.report.codes import in_words
from facecli.report.document import Fact, Kind, Value

ABSENT = "\u2013"


def shown(value: Value, kind: Kind, language: Language, zone: str) -> str:
    """Return a value as text without hidden characters. Days are ISO 8601, so that they sort.

    Args:
        zone: the time zone of days and times.
    """
    if value is None:
        return ABSENT
    if isinstance(value, str):
        return _text(value, kind, language, zone)
    if kind == "seen" and value == 0:
        return language.say("none seen")
    if kind in ("rate", "seen"):
        return language.percent(value)
    return f"{value:g}" if kind == "distance" else language.number(int(value))


def _text(value: str, kind: Kind, language: Language, zone: str) -> str:
    if kind == "code":
        return printable(in_words(value, language))
    if kind == "codes":
        return printable(", ".join(in_words(code, language) for code in value.split()))
    if kind == "length":
        return language.length(value) if int(value[:-1]) else language.say("not kept")
    if kind == "end":
        if value >= NEVER:
            return language.say("no end")
        last = last_day(value, zone)
        return last if is_date(last) else _local(last, zone)
    if kind == "moment":
        return _local(value, zone)
    return printable(value)


def _local(moment: str, zone: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def missing(fact: Fact, language: Language) -> str:
    """Return the words for a value that a law demands and nobody stated."""
    return language.say("MISSING: needed by {law}", law=in_words(fact.needed, language))
