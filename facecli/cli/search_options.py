"""The option `--expiring` of the lists of subjects and consents."""

from __future__ import annotations

import click

from facecli.cli.session import Session
from facecli.consent import dates

EXPIRING = click.option(
    "--expiring",
    metavar="TIME",
    help="Only what ends within this time, such as 30d, or up to this date.",
)


def end_of_search(opened: Session, text: str) -> str:
    """Return the moment up to which consents are searched.

    Raises:
        BadText: the text is neither a length nor a date.
    """
    return dates.end(text, "The time of --expiring", dates.zone_of(opened.db), opened.now)
