"""`facecli subject`: the people held here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from facecli.cli.options import pass_settings, reports
from facecli.cli.output import Kind, reporting
from facecli.cli.output import show as output_record
from facecli.cli.session import Settings, session
from facecli.commands.consent import consent_record
from facecli.consent import consents, subjects
from facecli.consent.subjects import NewSubject, Subject

SUBJECT = Kind(
    "subject",
    ("ref", "name", "state", "minor", "guardian", "created_at", "last_interaction", "subject_id"),
    ("ref", "name", "state", "minor", "last_interaction"),
)


@click.group()
def command() -> None:
    """The people held here, each addressed by your own REF (staff number, card number)."""


@command.command(
    epilog="Exit codes: 0 added; 1 the REF is taken, or a minor has no guardian; 2 a text that "
    "may not be kept; 10-12 database or key."
)
@click.argument("ref")
@click.option("--name", metavar="N", help="The person's name.")
@click.option("--minor", is_flag=True, help="Under the age at which one consents oneself (14).")
@click.option("--guardian", metavar="N", help="Who consents for a minor.")
@click.option("--alternative-only", is_flag=True, help="Uses the alternative; never templated.")
@pass_settings
def add(
    settings: Settings,
    ref: str,
    name: str | None,
    minor: bool,
    guardian: str | None,
    alternative_only: bool,
) -> None:
    """Add a person.

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
    """List every person.

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
    """Show one person with their consents.

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


def subject_record(subject: Subject) -> dict[str, Any]:
    """The record of one subject."""
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
