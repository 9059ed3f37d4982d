"""`facecli subject disclosed`: record disclosures of data, and breaches."""

from __future__ import annotations

import click

from facecli.cli.options import pass_settings
from facecli.cli.session import Settings, session
from facecli.consent import subjects
from facecli.consent.register import disclosures


@click.command(
    name="disclosed",
    epilog="Exit codes: 0 recorded; 1 the day is in the future, or before 1900; 2 a text is not "
    "usable; 21 no such subject; 10-12 database or key.",
)
@click.argument("ref", required=False)
@click.option("--all", "everybody", is_flag=True, help="A breach of the whole database.")
@click.option("--to", "recipient", required=True, metavar="NAME", help="Who received the data.")
@click.option("--what", required=True, metavar="W", help="What was disclosed.")
@click.option("--basis", required=True, metavar="B", help="Legal basis, or how it came about.")
@click.option("--on", metavar="DATE", help="Day of the disclosure.  [default: today]")
@pass_settings
def disclosed(
    settings: Settings,
    ref: str | None,
    everybody: bool,
    recipient: str,
    what: str,
    basis: str,
    on: str | None,
) -> None:
    """Record a disclosure of a subject's data, or with --all a breach of the whole database.

    It is in the subject's copy (`facecli subject export`), and erased with them. A breach of the
    whole database is in everybody's copy, and stays. Do not name a subject in it.

    \b
    Example:
      facecli subject disclosed A-1001 --to "City court" --what "two photos" --basis "order 118"
    """
    if (ref is None) is not everybody:
        raise click.UsageError("give a REF or --all")
    with session(settings, "disclosure.record") as opened, opened.act() as act:
        subject = None if ref is None else subjects.find(act.db, ref)
        made = disclosures.record(act, subject, recipient, what, basis, on)
    data = "the whole database" if ref is None else ref
    settings.note(f"Recorded {made.disclosure_id}: disclosure of {data} on {made.day}.")
