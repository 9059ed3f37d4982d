"""`facecli subject request`, `answer` and `requests`: what subjects ask for, and the answers."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.cli.letter_files import handing_over
from facecli.cli.letters import language_of, letter_language
from facecli.cli.options import OUTPUT, pass_settings, reports
from facecli.cli.output import reporting
from facecli.cli.refusal_letter import request_letter
from facecli.cli.register_rows import REQUEST
from facecli.cli.session import Settings, session
from facecli.consent import dates, subjects
from facecli.consent.register import requests
from facecli.consent.register.document import request_record
from facecli.consent.register.requests import KINDS, Kind


@click.command(
    epilog="Exit codes: 0 recorded; 1 the day is in the future, or before 1900; 2 it cannot be "
    "read; 21 no such subject; 10-12 database or key."
)
@click.argument("ref")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the subject asks for.")
@click.option("--on", metavar="DATE", help="Day on which it was received.  [default: today]")
@pass_settings
def request(settings: Settings, ref: str, kind: Kind, on: str | None) -> None:
    """Record a request or complaint of a subject, with its deadline.

    The deadline is `answer_within` of the purposes to which they agreed, the shortest of them.
    Somebody without a consent is added first (`facecli subject add`), and stays on record until the
    request is answered, and 30 days more.

    \b
    Example:
      facecli subject request A-1001 --kind complain --on 2026-11-20
    """
    with session(settings, "request.record") as opened, opened.act() as act:
        made = requests.record(act, subjects.find(act.db, ref), kind, on)
        last = dates.last_day(made.due_at, dates.zone_of(act.db))
    settings.note(f"Recorded {made.request_id}: answer {ref} until {last}.")


@click.command(
    epilog="Exit codes: 0 recorded; 1 it is answered already; 2 a text is not usable; 21 no such "
    "request; 74 the letter cannot be written (then nothing is recorded); 10-12 database or key."
)
@click.argument("request_id", metavar="ID")
@click.option("--answer", "text", required=True, metavar="A", help="What was answered or done.")
@click.option("--refused", metavar="REASON", help="The request is refused, for this reason.")
@click.option("--letter", type=OUTPUT, metavar="FILE", help="With --refused: write a letter with "
              "the reason, a page if the name of FILE ends in .html, else text.")  # fmt: skip
@letter_language
@pass_settings
def answer(
    settings: Settings,
    request_id: str,
    text: str,
    refused: str | None,
    letter: Path | None,
    lang: str,
) -> None:
    """Record the answer to a request or complaint.

    The text is in the subject's copy, and erased with them. The log has the kind, and whether it
    was refused.

    \b
    Example:
      facecli subject answer 3f0c9a5d7e21b846 --answer "copy handed over at the desk"
    """
    if letter is not None and refused is None:
        raise click.UsageError("--letter needs --refused")
    with (
        session(settings, "request.answer") as opened,
        handing_over(letter) as write,
        opened.act() as act,
    ):
        done = requests.answer(act, request_id, text, refused)
        if letter is not None:
            write(request_letter(act, done, language_of(settings, lang)))
    outcome = "Answered" if refused is None else "Refused"
    settings.note(f"{outcome} {done.request_id} of {done.ref}.")


@click.command(
    name="requests", epilog="Exit codes: 0 done; 21 no such subject; 10-12 database or key."
)
@click.argument("ref", required=False)
@reports
@pass_settings
def requests_(settings: Settings, ref: str | None, form: str, output: Path | None) -> None:
    """List the requests and complaints of a subject, or all that are open.

    The next deadline comes first.

    \b
    Example:
      facecli subject requests
    """
    with session(settings, "request.list") as opened:
        if ref is None:
            found = requests.list_open(opened.db)
        else:
            found = requests.of_subject(opened.db, subjects.find(opened.db, ref).subject_id)
    with reporting(REQUEST, form, output) as report:
        for one in found:
            report.add(request_record(one, opened.now))
