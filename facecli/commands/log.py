"""`facecli log`: what was done, by whom."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.audit.entries import latest
from facecli.cli.options import pass_settings, reports
from facecli.cli.output import Kind, reporting
from facecli.cli.session import Settings, session

ENTRY = Kind(
    "log-entry",
    ("seq", "at", "actor", "action", "outcome", "subject_id", "purpose", "details", "leaf_hash"),
    ("seq", "at", "user", "action", "outcome", "subject_id", "purpose", "details"),
)


@click.group(epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """What was done, by whom, when, and for which purpose; never a name, a ref or a face.

    \b
    Example:
      facecli log show -n 5
    """


@command.command(epilog="Exit codes: 0 done; 10-12 database or key.")
@click.option("-n", "count", type=click.IntRange(1), default=20, show_default=True,
              metavar="N", help="How many entries, the latest ones.")  # fmt: skip
@reports
@pass_settings
def show(settings: Settings, count: int, form: str, output: Path | None) -> None:
    """Show the latest entries, oldest first.

    \b
    Example:
      facecli log show -n 5
    """
    with session(settings, "log.show") as opened:
        entries = latest(opened.db, count)
    with reporting(ENTRY, form, output) as report:
        for entry in entries:
            user = {"user": entry["actor"]["user"]} if form == "table" else {}
            report.add({**entry, **user})
