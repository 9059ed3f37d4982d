"""What the commands that enrol share: the options of a consent, the record, the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from facecli.cli.options import FILE, Command
from facecli.cli.output import Kind
from facecli.cli.session import Session
from facecli.consent import consents
from facecli.consent.consents import Agreement, Evidence
from facecli.errors.base import FacecliError
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.enrolment import Enroller, Outcome

ENROLMENT = Kind(
    "enroll",
    (
        "ref", "purpose", "path", "outcome", "reason", "quality", "template_id", "bystanders",
        "message",
    ),
    ("ref", "purpose", "path", "outcome", "reason", "quality"),
)  # fmt: skip


def consenting(command: Command) -> Command:
    """The options that bring a new subject and a consent, and those of what is kept."""
    for option in reversed(
        (
            click.option("--name", metavar="N", help="The person's name, for a new subject."),
            click.option("--evidence", type=FILE, metavar="FILE", help="The signed consent form."),
            click.option(
                "--keep-evidence",
                is_flag=True,
                help="Keep the form itself, not only its SHA-256.",
            ),
            click.option("--given", metavar="DATE", help="When consent was given.  [default: now]"),
            click.option(
                "--expires",
                metavar="DATE",
                help="When consent ends: a date, or a length like 1y.",
            ),
            click.option("--guardian", metavar="N", help="Who consents for a minor."),
            click.option(
                "--keep-photo",
                is_flag=True,
                help="Keep the photo too, if the purpose allows it.",
            ),
            click.option(
                "--allow-duplicate",
                is_flag=True,
                help="Even if the face has another REF (twins).",
            ),
        )
    ):
        command = option(command)
    return command


def signed(
    evidence: Path | None, keep: bool, given: str | None, expires: str | None, guardian: str | None
) -> Evidence | None:
    """The signed form, read; checks that the options go together.

    Raises:
        BadInput: the form cannot be read.
    """
    if expires is None and (evidence or given or guardian):
        raise click.UsageError("--evidence, --given and --guardian need --expires")
    return consents.read_evidence(evidence, keep=keep) if evidence else None


def agreement(
    opened: Session,
    form: Evidence | None,
    given: str | None,
    expires: str | None,
    guardian: str | None,
) -> Agreement | None:
    """The consent that the options speak of, given now if they do not say when; None if none."""
    return Agreement(expires, given or opened.now, form, guardian) if expires else None


def enroller(opened: Session) -> Enroller:
    """Enrols into the open database, with its engine."""
    return Enroller(opened.db, engine_of(opened.db), opened.act, lambda: opened.now)


def record(outcome: Outcome) -> dict[str, Any]:
    """An outcome as the record that is reported."""
    return {
        "ref": outcome.ref,
        "purpose": outcome.purpose,
        "path": outcome.path,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "quality": outcome.quality,
        "template_id": outcome.template_id,
        "bystanders": outcome.bystanders,
        "message": str(outcome.error) if outcome.error else None,
    }


def sentence(ref: str, error: FacecliError) -> str:
    """Return an error's message with the REF in front, unless the message begins with it."""
    text = str(error)
    return text if text.startswith(f"{ref} ") else f"{ref}: {text}"


def worst(errors: Sequence[FacecliError]) -> int:
    """The exit code when nothing was enrolled: the most telling of the errors'."""
    return max(int(error.exit_code) for error in errors)
