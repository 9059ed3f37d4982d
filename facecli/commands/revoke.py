"""`facecli revoke`: withdraw consent and erase, in one command."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.cli.certificate_file import certifying
from facecli.cli.erasure_rows import ERASURE, erasure_records
from facecli.cli.options import FILE, pass_settings, reports
from facecli.cli.output import opened_first
from facecli.cli.session import Session, Settings, session
from facecli.erasure import revocation
from facecli.erasure.revocation import Revocation
from facecli.errors.erasure import ErasureHeld, NotConfirmed
from facecli.printable import printable


@click.command(
    epilog="Exit codes: 0 withdrawn and erased; 1 not confirmed; 21 no such subject, purpose or "
    "consent; 22 withdrawn, and a legal hold keeps what rested on it; 74 the certificate, or "
    "the file of --output, cannot be written (then nothing is erased); 75 done, but the report "
    "could not be written; 10-12 database or key."
)
@click.argument("refs", nargs=-1, required=True, metavar="REF...")
@click.option("--purpose", metavar="CODE", help="Withdraw for this purpose only.")
@click.option("--reason", metavar="R", help="Why, for your own record; only that one was given "
              "is logged.")  # fmt: skip
@click.option("--certificate", type=FILE, metavar="FILE", help="Certify the erasure in FILE; "
              "for several REFs, a list. A dry run writes none.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would be erased, and erase nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@reports
@pass_settings
def command(
    settings: Settings,
    refs: tuple[str, ...],
    purpose: str | None,
    reason: str | None,
    certificate: Path | None,
    dry_run: bool,
    yes: bool,
    form: str,
    output: Path | None,
) -> None:
    """Withdraw people's consent and erase what rested on it: templates, photos, evidence,
    matches; with the last consent also name and REF. All of them, or none.

    Of a person under a legal hold the withdrawal is recorded at once, and nothing is matched by it
    again; what rested on it is `held` until the hold is over, when `purge` erases it.

    \b
    Example:
      facecli revoke A-1001 --yes
    """
    with session(settings, "revoke") as opened:
        planned = [revocation.plan(opened.db, ref, purpose, opened.now) for ref in refs]
        if not dry_run:
            _confirm(settings, planned, yes)
        with opened_first(output, ERASURE, form, dry_run=dry_run) as reporter:
            done = planned
            if not dry_run:
                done = _revoke(opened, refs, purpose, reason, certificate)
            with reporter() as report:
                for one in done:
                    outcome = "held" if one.held else "due" if dry_run else "erased"
                    for record in erasure_records(one.subject, one.decisions, outcome):
                        report.add(record)
    if not dry_run:
        _tell(settings, done)


def _tell(settings: Settings, done: list[Revocation]) -> None:
    """Say what became of it. Raises ErasureHeld where a legal hold keeps something."""
    held = [one for one in done if one.held]
    erased = [one for one in done if not one.held]
    if erased:
        whole = sum(any(d.what == "subject" for d in one.decisions) for one in erased)
        settings.note(f"Withdrawn and erased: {len(erased)}, of whom {whole} are held no more.")
    if held:
        whom = held[0].subject.ref if len(held) == 1 else f"{len(held)} people"
        until = max(one.subject.held_until or "" for one in held)
        raise ErasureHeld(whom=whom, until=until)


def _confirm(settings: Settings, planned: list[Revocation], yes: bool) -> None:
    if yes:
        return
    things = sum(len(one.decisions) for one in planned if not one.held)
    whom = planned[0].subject.ref if len(planned) == 1 else f"{len(planned)} people"
    question = f"Withdraw the consent of {printable(whom)} and erase {things} records for good?"
    if not settings.interactive or not click.confirm(question, err=True):
        raise NotConfirmed()


def _revoke(
    opened: Session,
    refs: tuple[str, ...],
    purpose: str | None,
    reason: str | None,
    certificate: Path | None,
) -> list[Revocation]:
    single = len(refs) == 1
    with certifying(certificate, opened.act, single=single) as begin, begin() as act:
        return [revocation.revoke(act, ref, purpose, reason) for ref in refs]
