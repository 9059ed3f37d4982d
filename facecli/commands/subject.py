"""`facecli subject`: add, show, correct, hold and export subjects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from facecli.cli.consent_rows import consent_record
from facecli.cli.files import atomic_file
from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import OUTPUT, pass_settings, reports
from facecli.cli.output import reporting
from facecli.cli.output import show as output_record
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings, session
from facecli.consent import consents, dates, subjects
from facecli.consent.subjects import NewSubject, Subject

SUBJECT = RecordKind(
    "subject",
    ("ref", "name", "state", "minor", "guardian", "created_at", "last_interaction", "subject_id"),
    ("ref", "name", "state", "minor", "last_interaction"),
    dispensable=("minor", "last_interaction"),
)


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Manage subjects. Each has a REF, your own id: a staff number, a card number.

    \b
    Example:
      facecli subject list
    """


@command.command(
    epilog="Exit codes: 0 added; 1 the REF is taken, or a minor has no guardian; 2 a text with a "
    "refused character; 10-12 database or key."
)
@click.argument("ref")
@click.option("--name", metavar="N", help="The subject's name.")
@click.option("--minor", is_flag=True, help="Under 14: a guardian must consent.")
@click.option("--guardian", metavar="N", help="Guardian who consents for a minor.")
@click.option("--alternative-only", is_flag=True, help="Uses the alternative; never enrolled.")
@pass_settings
def add(
    settings: Settings,
    ref: str,
    name: str | None,
    minor: bool,
    guardian: str | None,
    alternative_only: bool,
) -> None:
    """Add a subject.

    \b
    Example:
      facecli subject add A-1001 --name "Jo Doe"
    """
    new = NewSubject(ref, name, minor, guardian, alternative_only).checked()
    with session(settings, "subject.add") as opened, opened.act() as act:
        subjects.add(act, new)
    settings.note(f"Added {new.ref}.")


@command.command(name="list", epilog="Exit codes: 0 done; 10-12 database or key.")
@reports
@pass_settings
def list_(settings: Settings, form: str, output: Path | None) -> None:
    """List every subject.

    \b
    Example:
      facecli subject list --format csv
    """
    with session(settings, "subject.list") as opened:
        found = subjects.list_all(opened.db)
    with reporting(SUBJECT, form, output) as report:
        for subject in found:
            report.add(subject_record(subject))


@command.command(epilog="Exit codes: 0 done; 21 no such subject; 10-12 database or key.")
@click.argument("ref")
@reports
@pass_settings
def show(settings: Settings, ref: str, form: str, output: Path | None) -> None:
    """Show one subject with their consents.

    \b
    Example:
      facecli subject show A-1001
    """
    with session(settings, "subject.show") as opened:
        subject = subjects.find(opened.db, ref)
        given = consents.of_subject(opened.db, subject.subject_id)
    document = {
        **subject_record(subject),
        "consents": [consent_record(consent) for consent in given],
    }
    output_record("subject", document, form, output)


@command.command(
    epilog="Exit codes: 0 corrected; 1 the new REF is taken; 2 nothing to correct, or a text with "
    "a refused character; 21 no such subject; 10-12 database or key."
)
@click.argument("ref")
@click.option("--name", metavar="N", help="The right name.")
@click.option("--new-ref", metavar="REF", help="The right REF.")
@click.option("--guardian", metavar="N", help="The right guardian.")
@pass_settings
def correct(
    settings: Settings, ref: str, name: str | None, new_ref: str | None, guardian: str | None
) -> None:
    """Correct the record of a subject.

    \b
    Example:
      facecli subject correct A-1001 --name "Jo Dow"
    """
    fields = {"name": name, "ref": new_ref, "guardian": guardian}
    changes = {field: text for field, text in fields.items() if text is not None}
    if not changes:
        raise click.UsageError("give --name, --new-ref or --guardian")
    with session(settings, "subject.correct") as opened, opened.act() as act:
        subject = subjects.correct(act, ref, changes)
    settings.note(f"Corrected {', '.join(sorted(changes))} of {subject.ref}.")


@command.command(
    epilog="Exit codes: 0 held; 1 the date is over, or a hold exists already; 2 the date "
    "cannot be read; 21 no such subject; 10-12 database or key."
)
@click.argument("ref")
@click.option("--reason", required=True, metavar="R", help="The law or case that requires it.")
@click.option(
    "--until", required=True, metavar="DATE", help="Last day of the hold, or a length such as 6m."
)
@pass_settings
def hold(settings: Settings, ref: str, reason: str, until: str) -> None:
    """Put a subject under a legal hold: restricted, never matched, not erased until it ends.

    \b
    Example:
      facecli subject hold A-1001 --reason "case 2026-118" --until 2027-06-30
    """
    with session(settings, "subject.hold") as opened, opened.act() as act:
        zone = dates.zone_of(act.db)
        end = dates.end(until, "The end of the hold", zone, act.now)
        subjects.hold(act, ref, reason, end)
    settings.note(f"{ref} is under a hold until {dates.last_day(end, zone)}.")


@command.command(
    epilog="Exit codes: 0 released; 21 no such subject, or no hold; 10-12 database or key."
)
@click.argument("ref")
@pass_settings
def release(settings: Settings, ref: str) -> None:
    """End a legal hold. The next purge erases whatever became due meanwhile.

    \b
    Example:
      facecli subject release A-1001
    """
    with session(settings, "subject.release") as opened, opened.act() as act:
        subjects.release(act, ref)
    settings.note(f"{ref} is released.")


@command.command(
    epilog="Exit codes: 0 written; 21 no such subject; 74 the file could not be written; 10-12 "
    "database or key."
)
@click.argument("ref")
@click.option("--output", type=OUTPUT, required=True, metavar="FILE.zip",
              help="The file to write, whole or not at all, mode 0600.")  # fmt: skip
@pass_settings
def export(settings: Settings, ref: str, output: Path) -> None:
    """Write everything that is held on a subject to a zip file, for them.

    subject.json (schema.json beside it describes it) holds templates as numbers, matches and the
    log's entries. Photos, receipts of consents and kept evidence are files. The export is logged
    before the file appears. The file is not encrypted: hand it over safely.

    
    Example:
      facecli subject export A-1001 --output A-1001.zip
    """
    from facecli.report import disclosure

    with (
        session(settings, "subject.export") as opened,
        atomic_file(output, interrupted=False) as stream,
        opened.act() as act,
    ):
        subject = disclosure.write(act, ref, stream)
    settings.note(f"Wrote everything held on {subject.ref} to {output}.")


def subject_record(subject: Subject) -> dict[str, Any]:
    """Return the record of one subject."""
    return {
        "ref": subject.ref,
        "name": subject.name,
        "state": subject.state,
        "minor": subject.minor,
        "guardian": subject.guardian,
        "created_at": subject.created_at,
        "last_interaction": subject.last_interaction,
        "subject_id": subject.pseudonym,
    }
