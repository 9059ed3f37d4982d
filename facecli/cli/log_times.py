"""The times of `--since` and `--until`: a date is a day in the controller's time zone."""

from __future__ import annotations

from typing import NamedTuple

from facecli.errors.command_line import BadText
from facecli.store.database import Database
from facecli.times import parse_moment


class Period(NamedTuple):
    """The moments from which on and before which entries are wanted, as text, or None."""

    since: str | None
    until: str | None


def check(since: str | None, until: str | None) -> None:
    """Check that both options name a date or a moment, before the database is opened.

    Raises:
        BadText: one names none.
    """
    for option, text in (("--since", since), ("--until", until)):
        try:
            if text is not None:
                parse_moment(text)
        except ValueError as error:
            why = f"`{text}` is no date such as 2027-01-31 ({error})"
            raise BadText(what=option, why=why) from None


def period_of(db: Database, since: str | None, until: str | None) -> Period:
    """Return the period that both options mean, which `check` passed.

    A date names its whole day: `since` begins with it, and `until` takes it in.

    Raises:
        BadText: the period ends before it begins.
    """
    if since is None and until is None:
        return Period(None, None)
    from facecli.consent import dates  # a nightly export starts quicker without

    zone = dates.zone_of(db)
    period = Period(
        None if since is None else dates.start(since, "--since", zone),
        None if until is None else dates.end(until, "--until", zone, counted_from=""),
    )
    if period.since is not None and period.until is not None and period.since > period.until:
        raise BadText(what="--since", why=f"{since} is after the end of --until, {until}")
    return period
