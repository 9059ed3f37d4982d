"""Calendar months in the controller's time zone."""

from __future__ import annotations

from datetime import date

from dateutil.relativedelta import relativedelta

from facecli.consent.dates import day_of, start_of_day


def around(now: str, zone: str, first: int, count: int) -> list[str]:
    """Return `count` months as `2026-11`, from `first` months after the present one on."""
    present = date.fromisoformat(day_of(now, zone)).replace(day=1)
    return [f"{present + relativedelta(months=first + at):%Y-%m}" for at in range(count)]


def start(month: str, zone: str) -> str:
    """Return the moment at which a month begins in a zone."""
    return start_of_day(f"{month}-01", zone)
