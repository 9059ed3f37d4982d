"""`facecli faces`: the templates of a subject, listed and removed one by one."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.cli import copies
from facecli.cli.confirmation import confirm, person
from facecli.cli.erasure_rows import ERASURE, erasure_records
from facecli.cli.face_rows import FACE, face_records
from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import pass_settings, reports
from facecli.cli.output import opened_first, reporting
from facecli.cli.session import Session, Settings, session
from facecli.consent import subjects
from facecli.erasure import removal
from facecli.erasure.erasing import Erasable
from facecli.printable import printable


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """List the templates of a subject, and remove one that is wrong.

    \b
    Example:
      facecli faces list A-1001
    """


@command.command(
    name="list",
    epilog="Exit codes: 0 listed; 21 no such subject; 74 output; 10-12 database or key.",
)
@click.argument("ref")
@reports
@pass_settings
def list_(settings: Settings, ref: str, form: str, output: Path | None) -> None:
    """List the templates of a subject, for every purpose and engine, oldest first.

    \b
    Example:
      facecli faces list A-1001
    """
    with session(settings, "faces.list") as opened:
        found = face_records(opened.db, subjects.find(opened.db, ref))
    with reporting(FACE, form, output) as report:
        for one in found:
            report.add(one)


@command.command(
    epilog="Exit codes: 0 removed; 1 not confirmed; 21 no such subject or template; 22 a legal "
    "hold keeps it; 74 the file of --output cannot be written (then nothing is erased); 75 done, "
    "but the report could not be written; 10-12 database or key."
)
@click.argument("ref")
@click.argument("template_id", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Show the rows, and erase nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation; needed in scripts.")
@reports
@pass_settings
def remove(
    settings: Settings,
    ref: str,
    template_id: str,
    dry_run: bool,
    yes: bool,
    form: str,
    output: Path | None,
) -> None:
    """Erase one template of a subject for good, such as that of a wrong picture.

    ID is as `facecli faces list REF` prints it. The kept photo goes too, unless another template
    was made from it. The consent stays. Backups still hold both: see `facecli backup erase`.

    \b
    Example:
      facecli faces remove A-1001 0f9d3f3e-5a0c-4c9b-8f57-3c1d5c1f7a11 --yes
    """
    with session(settings, "faces.remove") as opened:
        done = removal.plan(opened.db, ref, template_id, opened.now)
        if not dry_run:
            whose = person(opened.db, done.subject.item_id)
            question = f"Erase the template {template_id} of {whose} for good?"
            confirm(settings, question, yes=yes)
        with opened_first(output, ERASURE, form, dry_run=dry_run) as reporter:
            if not dry_run:
                with opened.act() as act:
                    done = removal.remove(act, ref, template_id)
            with reporter() as report:
                for record in erasure_records(
                    done.subject, done.decisions, "due" if dry_run else "erased"
                ):
                    report.add(record)
        if not dry_run:
            _conclude(opened, done)


def _conclude(opened: Session, done: Erasable) -> None:
    """Note the result, and a subject who has no template left for the purpose."""
    ref, purpose = done.subject.ref, done.decisions[0].purpose
    faces = face_records(opened.db, subjects.find(opened.db, ref))
    left = sum(one["purpose"] == purpose for one in faces)
    more = "" if left else f" No template is left for purpose {purpose}: enrol a new picture."
    opened.settings.note(f"Removed 1 template of {printable(ref)}.{more}")
    copies.note_behind(opened)
