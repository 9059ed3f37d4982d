"""Dates: a date is a day in the controller's time zone, and an end date includes its day.

One database has one zone: the machine's at `init`, or the one that a purpose file states. Moments
stay in UTC. Lengths counted from an act stay moments; a length counted from a date is added by that
zone's calendar. An interaction is kept as a day, and a length counted from it counts from its end,
so that nobody is inactive before the length is over.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path

from facecli.audit.entries import Act
from facecli.errors.command_line import BadInput, BadText
from facecli.store import meta, time_reached
from facecli.store.database import Database
from facecli.times import add, is_length, parse_moment, stamp

DEFAULT = "UTC"
NAME = "timezone"  # in `meta`
LOCALTIME = Path("/etc/localtime")
FOLDER = "/zoneinfo/"
FIRST = "1900-01-01"
"""The first day on which an act that is recorded can have been: nobody of before lives."""
LAST = "9999-12-31"
END_OF_TIME = f"{LAST}T23:59:59Z"


def zone_of(db: Database) -> str:
    """Return the name of the controller's time zone."""
    return meta.find(db, NAME) or DEFAULT


def today(db: Database, now: str) -> str:
    """Return the present day; that of the log, if the clock is behind it."""
    return day_of(time_reached.later(db, now), zone_of(db))


def set_zone(act: Act, name: str) -> None:
    """Store the controller's time zone, and log it."""
    before = zone_of(act.db)
    meta.put(act.db, NAME, name)
    act.record("controller.timezone", details={"from": before, "to": name})


def check_zone(name: str, what: str) -> str:
    """Return the name of a zone of the IANA database.

    Raises:
        BadInput: there is no such zone.
    """
    try:
        _zone(name)
    except (ValueError, OSError, LookupError) as error:
        raise BadInput(what=what, why="it is no zone such as Asia/Shanghai") from error
    return name


def machine_zone(environ: Mapping[str, str], localtime: Path = LOCALTIME) -> str:
    """Return the name of the machine's time zone; UTC where it cannot be found."""
    for name in (environ.get("TZ", "").lstrip(":"), _linked(localtime)):
        try:
            return check_zone(name, "The zone")
        except BadInput:
            continue
    return DEFAULT


def _linked(localtime: Path) -> str:
    """Return the zone that a link into the zone database names; empty if it is no such link."""
    target = os.path.realpath(localtime)
    return target.partition(FOLDER)[2].removeprefix("Etc/")


def day_of(moment: str, zone: str = DEFAULT) -> str:
    """Return the day of a moment in a zone, such as `2026-11-23`."""
    if zone == DEFAULT:
        return moment[:10]
    return datetime.fromisoformat(moment).astimezone(_zone(zone)).date().isoformat()


@lru_cache(maxsize=4096)
def start_of_day(day: str, zone: str = DEFAULT) -> str:
    """Return the first moment of a day in a zone.

    Where the clocks skip midnight it is the moment at which they do.
    """
    if zone == DEFAULT:
        return f"{day}T00:00:00Z"
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), _zone(zone))
    try:
        return stamp(midnight.astimezone(UTC))
    except OverflowError:
        return END_OF_TIME if day >= LAST else f"{day}T00:00:00Z"


@lru_cache(maxsize=4096)
def end_of_day(day: str, zone: str = DEFAULT) -> str:
    """Return the moment at which a day in a zone is over."""
    if day >= LAST:
        return END_OF_TIME
    return start_of_day((date.fromisoformat(day) + timedelta(days=1)).isoformat(), zone)


def last_day(moment: str, zone: str = DEFAULT) -> str:
    """Return an end as people read it: the last day before it, or the moment inside a day."""
    if moment == END_OF_TIME:
        return LAST
    day = day_of(moment, zone)
    if moment != start_of_day(day, zone):
        return moment
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def last_whole_day(moment: str, zone: str = DEFAULT) -> str:
    """Return the last day that is over before a moment, or at it."""
    return last_day(start_of_day(day_of(moment, zone), zone), zone)


def is_date(text: str) -> bool:
    """Return True if the text is a plain date, which names a day and no moment."""
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def start(text: str, what: str, zone: str) -> str:
    """Return the moment that a beginning means: of a date, the first moment of its day.

    Raises:
        BadText: the text is neither a date nor a moment.
    """
    if is_date(text):
        return start_of_day(_day(text), zone)
    return _moment(text, what, "")


def end(text: str, what: str, zone: str, counted_from: str, given: str | None = None) -> str:
    """Return the moment that an end means: of a date, the end of its day.

    Args:
        text: a date, a moment, or a length such as `1y` counted from the moment `counted_from`.
        given: the date that this moment was stated as, by whose calendar a length is then added.

    Raises:
        BadText: the text is none of them, or out of range.
    """
    if is_length(text):
        try:
            if given is not None and is_date(given) and not text.strip().endswith("h"):
                return start_of_day(add(f"{_day(given)}T00:00:00Z", text)[:10], zone)
            return add(counted_from, text)
        except ValueError as error:
            why = f"`{text}` from {counted_from} is {error}"
            raise BadText(what=what, why=why, reason=BadInput.code) from None
    if is_date(text):
        return end_of_day(_day(text), zone)
    return _moment(text, what, " and no length such as 6m")


def past_day(act: Act, text: str | None, what: str) -> str:
    """Return the day that the operator states; None is today.

    Raises:
        BadText: the text is neither a date nor a moment.
        BadInput: the day is in the future, or before `FIRST`.
    """
    now = today(act.db, act.now)
    zone = zone_of(act.db)
    day = now if text is None else day_of(start(text, what, zone), zone)
    if day > now:
        raise BadInput(what=what, why=f"{day} is in the future")
    if day < FIRST:
        raise BadInput(what=what, why=f"{day} is before {FIRST}; check the year")
    return day


def last_moment(text: str, what: str, zone: str, counted_from: str) -> str:
    """Return the last second of a date, or the moment that a moment or length means.

    Raises:
        BadText: as `end`.
    """
    moment = end(text, what, zone, counted_from)
    if not is_date(text):
        return moment
    return stamp(datetime.fromisoformat(moment) - timedelta(seconds=1))


def _day(text: str) -> str:
    return date.fromisoformat(text.strip()).isoformat()


def _moment(text: str, what: str, other: str) -> str:
    try:
        return parse_moment(text)
    except ValueError as error:
        why = f"`{text[:40]}` is no date such as 2027-01-31{other} ({error})"
        raise BadText(what=what, why=why, reason=BadInput.code) from None


@lru_cache(maxsize=16)
def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # 10 ms that a purge in UTC does not need

    return ZoneInfo(name)
