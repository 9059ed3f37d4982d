"""`facecli revoke`: withdraw consent and erase, in one command."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from facecli.audit.entries import Act
from facecli.cli import addressee, copies, erasure_letter
from facecli.cli.addressee import Addressee
from facecli.cli.certificate_file import certifying
from facecli.cli.confirmation import confirm, listed, person
from facecli.cli.copies import backups_option
from facecli.cli.erasure_rows import ERASURE, erasure_records
from facecli.cli.letter_files import handing_over
from facecli.cli.letters import language_of, letter_language
from facecli.cli.options import OUTPUT, pass_settings, reports
from facecli.cli.output import opened_first
from facecli.cli.register_rows import ELSEWHERE, note_open
from facecli.cli.session import Session, Settings, session
from facecli.consent import dates
from facecli.consent.register.document import item_record
from facecli.erasure import revocation
from facecli.erasure.revocation import Revocation
from facecli.errors.erasure import ErasureHeld
from facecli.printable import counted

if TYPE_CHECKING:
    from facecli.erasure.copies.applying import Unreached

MANY = {"match": "matches"}


class Papers(NamedTuple):
    """The files that a withdrawal hands over, and the language of the letter."""

    certificate: Path | None
    letter: Path | None
    lang: str


@click.command(
    epilog="Exit codes: 0 withdrawn and erased; 1 not confirmed; 3 a copy in the folder of "
    "--backups could not be reached; 21 no such subject, purpose or "
    "consent; 22 withdrawn, and a legal hold postpones the erasure; 74 the certificate, the "
    "letter, or the file of --output, cannot be written (then nothing is erased); 75 done, but "
    "one of them could not be finished; 10-12 database or key."
)
@click.argument("refs", nargs=-1, required=True, metavar="REF...")
@click.option("--purpose", metavar="CODE", help="Withdraw only for this purpose.")
@click.option("--reason", metavar="R", help="Reason, for your own records. The log stores "
              "that a reason was given, not its text.")  # fmt: skip
@click.option("--certificate", type=OUTPUT, metavar="FILE", help="Certify the erasure in FILE: a "
              "list for several REFs. A dry run writes none.")  # fmt: skip
@click.option("--letter", type=OUTPUT, metavar="FILE", help="Write a letter for the person: a "
              "page if the name of FILE ends in .html, else text. For one REF.")  # fmt: skip
@letter_language
@backups_option
@click.option("--dry-run", is_flag=True, help="Show the rows, and erase nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation; needed in scripts.")
@reports
@pass_settings
def command(
    settings: Settings,
    refs: tuple[str, ...],
    purpose: str | None,
    reason: str | None,
    certificate: Path | None,
    letter: Path | None,
    lang: str,
    backups: tuple[Path, ...],
    dry_run: bool,
    yes: bool,
    form: str,
    output: Path | None,
) -> None:
    """Withdraw consent and erase the data under it: templates, photos, evidence and matches.

    With the last consent, name and REF are erased too. All REFs are processed, or none.

    For a subject under a legal hold, the withdrawal is recorded at once and nothing is matched
    again. The data is `held` until the hold is over, when `purge` erases it. No certificate is
    written of it before that.

    --letter states in the person's language what is erased, and where it may still be. It names
    the person, so nothing of it stays in the database: hand it over.

    Backups still hold the data: --backups erases in those of a folder, in place. Copies that were
    not reached are named.

    What others hold of the subject (`facecli subject elsewhere`) is listed as long as its deletion
    is not confirmed, and the certificate states it.

    \b
    Example:
      facecli revoke A-1001 --yes
    """
    if letter is not None and len(refs) > 1:
        raise click.UsageError("--letter is for one person; revoke each REF by itself")
    papers = Papers(certificate, letter, lang)
    with session(settings, "revoke") as opened:
        zone = dates.zone_of(opened.db)
        planned = [revocation.plan(opened.db, ref, purpose, opened.now) for ref in refs]
        if not dry_run:
            _confirm(opened, planned, yes)
        unreached: list[Unreached] = []
        with opened_first(output, ERASURE, form, dry_run=dry_run) as reporter:
            done = planned
            if not dry_run:
                done = _revoke(opened, refs, purpose, reason, papers)
                unreached = copies.erased_in(opened, backups)
            with reporter() as report:
                for one in done:
                    outcome = "held" if one.held else "due" if dry_run else "erased"
                    for record in erasure_records(one.subject, one.decisions, outcome):
                        report.add(record)
                    for item in one.elsewhere:
                        report.summary(
                            ELSEWHERE.schema, {**item_record(item), "ref": one.subject.ref}
                        )
        if not dry_run:
            copies.note_behind(opened)
            _note_held(opened, done, certificate)
    note_open(settings, [(one.subject.ref, item) for one in done for item in one.elsewhere])
    for request in (request for one in done for request in one.unanswered):
        settings.note(
            f"Without an answer: request {request.request_id} ({request.kind}, received on "
            f"{request.received_on}) goes with the record."
        )
    if not dry_run:
        _conclude(settings, done, zone)
    copies.refuse_unreached(unreached)


def _note_held(opened: Session, done: list[Revocation], certificate: Path | None) -> None:
    """Note what each legal hold keeps and for which reason, and that no certificate says more."""
    for one in done:
        hold = addressee.find(opened.db, one.subject.ref).hold if one.held else None
        if hold is None:
            continue
        kinds = Counter(decision.what for decision in one.decisions)
        kept = ", ".join(counted(kinds[what], what, MANY.get(what)) for what in kinds)
        opened.settings.note(f"Held for {one.subject.ref}: {kept}. Reason: {hold['reason']}")
        if certificate is not None:
            opened.settings.note(
                f"No certificate for {one.subject.ref}, as nothing is erased. `facecli purge "
                "--certificate` writes it when the hold is over."
            )


def _conclude(settings: Settings, done: list[Revocation], zone: str) -> None:
    """Note the result. Raises ErasureHeld if a legal hold postpones an erasure."""
    held = [one for one in done if one.held]
    erased = [one for one in done if not one.held]
    if erased:
        whole = sum(any(d.what == "subject" for d in one.decisions) for one in erased)
        settings.note(
            f"Consent withdrawn for {counted(len(erased), 'subject')}; {whole} erased completely."
        )
    if held:
        names = _named([one.subject.ref for one in held])
        until = max(one.subject.held_until or "" for one in held)
        raise ErasureHeld(subjects=names, until=dates.last_day(until, zone))


def _named(refs: list[str]) -> str:
    return refs[0] if len(refs) == 1 else counted(len(refs), "subject")


def _confirm(opened: Session, planned: list[Revocation], yes: bool) -> None:
    records = counted(sum(len(one.decisions) for one in planned if not one.held), "record")
    people = [person(opened.db, one.subject.item_id) for one in planned]
    question = f"Withdraw the consent of {_named(people)} and erase {records} for good?"
    confirm(opened.settings, listed(people) + question, yes=yes)


def _revoke(
    opened: Session,
    refs: tuple[str, ...],
    purpose: str | None,
    reason: str | None,
    papers: Papers,
) -> list[Revocation]:
    single = len(refs) == 1
    with (
        certifying(papers.certificate, opened.act, single=single) as begin,
        handing_over(papers.letter) as write,
        begin() as act,
    ):
        person = None if papers.letter is None else _addressee(act, refs[0], purpose)
        done = [revocation.revoke(act, ref, purpose, reason) for ref in refs]
        if person is not None:
            language = language_of(opened.settings, papers.lang)
            certified = papers.certificate is not None
            write(erasure_letter.letter(act, person, done[0], language, certified=certified))
        return done


def _addressee(act: Act, ref: str, purpose: str | None) -> Addressee:
    planned = revocation.plan(act.db, ref, purpose, act.now)
    return addressee.find(act.db, ref, planned.purposes)
