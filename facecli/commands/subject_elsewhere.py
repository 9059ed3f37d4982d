"""`facecli subject elsewhere`: what others hold of a subject, until they confirm its deletion."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import FILE, pass_settings, reports
from facecli.cli.output import reporting
from facecli.cli.register_rows import ELSEWHERE
from facecli.cli.session import Settings, session
from facecli.consent import subjects
from facecli.consent.agreements import read_evidence
from facecli.consent.register import elsewhere
from facecli.consent.register.document import item_record
from facecli.consent.register.elsewhere import KINDS


@click.group(
    name="elsewhere",
    cls=CommandGroup,
    epilog="Exit codes: each command's own; see its --help.",
)
def command() -> None:
    """Record what others hold of a subject: photos, fingerprints, paper forms, other systems.

    `facecli revoke` lists what is open, and its certificate states it. Open items outlive the
    erasure under the id of a case, without name and REF, until their deletion is confirmed.

    \b
    Example:
      facecli subject elsewhere list
    """


@command.command(
    epilog="Exit codes: 0 recorded; 1 the day is in the future, or before 1900; 2 a text is not "
    "usable, or names the subject; 21 no such subject; 10-12 database or key."
)
@click.argument("ref")
@click.option("--what", required=True, metavar="W", help=f"Kind of data: {', '.join(KINDS)}.")
@click.option("--where", "place", required=True, metavar="X",
              help="Who holds it. It may outlive the subject, and must not name them.")  # fmt: skip
@click.option("--since", metavar="DATE", help="Day since which it is held, if it is known.")
@pass_settings
def add(settings: Settings, ref: str, what: str, place: str, since: str | None) -> None:
    """Record that somebody else holds data on a subject.

    \b
    Example:
      facecli subject elsewhere add A-1001 --what fingerprint --where "Gate Vendor Ltd"
    """
    with session(settings, "elsewhere.add") as opened, opened.act() as act:
        item = elsewhere.add(act, subjects.find(act.db, ref), what, place, since)
    settings.note(f"Recorded {item.item_id}: {item.what} of {ref} at {item.place}.")


@command.command(
    name="list", epilog="Exit codes: 0 done; 21 no such subject; 10-12 database or key."
)
@click.argument("ref", required=False)
@reports
@pass_settings
def list_(settings: Settings, ref: str | None, form: str, output: Path | None) -> None:
    """List what is held elsewhere: of one subject, or of all.

    Items without a REF are of erased subjects; their case is on the certificate of the erasure.

    \b
    Example:
      facecli subject elsewhere list A-1001
    """
    with session(settings, "elsewhere.list") as opened:
        if ref is None:
            found = elsewhere.list_all(opened.db)
        else:
            found = elsewhere.of_subject(opened.db, subjects.find(opened.db, ref).subject_id)
    with reporting(ELSEWHERE, form, output) as report:
        for item in found:
            report.add(item_record(item))


@command.command(
    epilog="Exit codes: 0 confirmed; 1 it is confirmed already, or the evidence is not usable; 21 "
    "no such item or subject; 10-12 database or key."
)
@click.argument("item", metavar="ITEM")
@click.option("--evidence", type=FILE, required=True, metavar="FILE",
              help="Proof of the deletion, such as the holder's letter. Its SHA-256 is "
              "stored.")  # fmt: skip
@click.option("--ref", metavar="REF", help="Refuse the item unless it is this subject's.")
@pass_settings
def confirm(settings: Settings, item: str, evidence: Path, ref: str | None) -> None:
    """Record the proof that something held elsewhere is deleted.

    ITEM is the id that `list` and `facecli revoke` print. The item of an erased subject is erased;
    the log keeps its case, its kind and the SHA-256 of the proof.

    \b
    Example:
      facecli subject elsewhere confirm 3f0c9a5d7e21b846 --evidence letter.pdf
    """
    proof = read_evidence(evidence, keep=False).sha256
    with session(settings, "elsewhere.confirm") as opened, opened.act() as act:
        of = None if ref is None else subjects.find(act.db, ref)
        done = elsewhere.confirm(act, item, proof, of)
    settings.note(f"Confirmed {done.item_id}: {done.what} at {done.place} is deleted.")
