"""`facecli status`: counts and dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from facecli.cli import copies, tables
from facecli.cli.options import pass_settings, reports_as
from facecli.cli.output import FORMATS, print_text, show
from facecli.cli.session import Settings, session
from facecli.errors.base import FacecliError
from facecli.report import status


@click.command(
    epilog="Exit codes: 0 printed; 10-12, 33 the database could not be read, and only its path, "
    "size and slots are printed; 74 the output could not be written."
)
@reports_as(*FORMATS, "prometheus")
@pass_settings
def command(settings: Settings, form: str, output: Path | None) -> None:
    """Print counts and dates: subjects, data that is due, latest acts.

    Counts subjects, templates, photos and matches, in total and for each purpose. Counts what
    is due now, in 7 days and in 30 days if nothing changes until then. Shows legal holds, the
    last checkpoint, and the last purge, export and backup among the latest 200,000 entries of
    the log. Names the copies that may still hold erased data. Compares the number of people
    with stored faces to 100,000. Leaves no entry in the log.

    Shows what becomes due in each of the next 13 weeks if purge runs every night. Names the
    night with the most people, and the first night whose purge the default limit will refuse.
    The people of a week are those who count for that limit; matches over their retention do not.

    With --format prometheus, prints metrics for the textfile collector of node_exporter. A
    database that cannot be read then has `facecli_up 0`.

    \b
    Example:
      facecli status --format json
    """
    shown: dict[str, Any] = {"database": status.outside(settings.db)}
    failure = None
    try:
        with session(settings, "status") as opened:
            copies.note_behind(opened)
            shown = {"at": opened.now, **shown, **status.inside(opened.db, opened.now)}
    except FacecliError as error:
        failure = error
        shown["error"] = {"code": error.reason, "message": str(error)}
    if form == "prometheus":
        from facecli.report import metrics  # its library costs 50 ms

        print_text(metrics.exposition(shown), output)
    else:
        show("status", shown, form, output, layout=tables.grouped)
    if failure is not None:
        raise failure
    for warning in (status.refusal(shown["weeks"]), shown["filing"]["warning"]):
        if warning is not None:
            settings.note(f"warning: {warning}")
