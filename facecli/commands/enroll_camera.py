"""`facecli enroll camera`: consent first, then guidance, then all templates in one act."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from facecli.capture.sources import Source
from facecli.cli.camera.guide import guide
from facecli.cli.camera.guided_capture import Manner, checked_by, look, looked_at
from facecli.cli.camera.sources import from_environment, sources_of_frames
from facecli.cli.enrolment import (
    ENROLMENT,
    agreement,
    consenting,
    enroller,
    record,
    sentence,
    signed,
    worst,
)
from facecli.cli.options import for_purpose, pass_settings, reports
from facecli.cli.output import Reporter, reporting
from facecli.cli.session import Session, Settings, session
from facecli.consent import purposes
from facecli.errors.base import Exit
from facecli.errors.capture import CaptureFailed, NoCamera
from facecli.errors.consent import NoConsent, NoticeDeclined, NoticeNotShown
from facecli.errors.recognition import EnrolmentRefused, PadModelFailed
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.enrolment import Outcome, Request


@dataclass(frozen=True)
class Wish:
    """What is to be enrolled: from where, how many templates, looked at how."""

    source: Source
    templates: int
    notice_shown: bool
    manner: Manner


@click.command(
    epilog="Exit codes: 0 enrolled; 1 no good frame, or no camera; 20 no valid consent, or the "
    "notice was not confirmed; 21 no such subject or purpose; 10-12 database or key; 130 "
    "interrupted, and nothing is stored."
)
@click.argument("ref")
@for_purpose
@sources_of_frames
@click.option("--templates", type=click.IntRange(1, 10), default=3, show_default=True,
              metavar="N", help="How many templates, at most, of frames that differ.")  # fmt: skip
@click.option("--notice-shown", is_flag=True,
              help="Confirm that they have read the notice and agreed, instead of being asked "
              "on the terminal.")  # fmt: skip
@looked_at
@consenting
@reports
@pass_settings
def camera(
    settings: Settings,
    ref: str,
    purpose: str,
    source: Source | None,
    templates: int,
    notice_shown: bool,
    manner: Manner,
    name: str | None,
    evidence: Path | None,
    keep_evidence: bool,
    given: str | None,
    expires: str | None,
    guardian: str | None,
    keep_photo: bool,
    allow_duplicate: bool,
    form: str,
    output: Path | None,
) -> int:
    """Enrol a person before a camera, or from a video file as from a camera.

    The consent is asked for before the camera is opened. The notice is shown, and whether they
    have read it and agreed is asked on the terminal; elsewhere --notice-shown says so. Then they
    are told what to do until there are good frames: on a terminal in one line on stderr, else as
    events, one JSON object a line (schema facecli.guidance/1), on stderr, or among the results
    with --format jsonl. The best and most different frames become templates, all at once: whoever
    interrupts leaves nothing.

    \b
    Example:
      facecli enroll camera A-1001 --purpose gate --device 0 --evidence form.pdf --expires 1y
    """
    source = source or from_environment()
    if source is None:
        raise click.UsageError("name a camera with --device or --url, or a file with --video")
    wish = Wish(source, templates, notice_shown, manner)
    evidenced = signed(evidence, keep_evidence, given, expires, guardian)
    with session(settings, "enroll") as opened, reporting(ENROLMENT, form, output) as report:
        agreed = agreement(opened, evidenced, given, expires, guardian)
        request = Request(ref, purpose, wish.source.name, name, agreed, keep_photo, allow_duplicate)
        outcomes = _outcomes(opened, request, wish, report)
        for outcome in outcomes:
            report.add(record(outcome))
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    for error in failed:
        settings.note(sentence(ref, error))
    if not failed and len(outcomes) < templates:
        settings.note(f"{ref}: {len(outcomes)} of {templates} templates: no more frames were good.")
    return worst(failed) if failed else Exit.OK


def _outcomes(opened: Session, request: Request, wish: Wish, report: Reporter) -> list[Outcome]:
    """Ask the gate, show the notice, look, store; the outcome of each template, or the refusal."""
    enrolling = enroller(opened)
    refused = enrolling.rehearse(request)
    if refused is not None:
        return [refused]
    try:
        made = checked_by(wish.source, wish.manner)
        how = _confirmed(opened, request, wish.notice_shown)
        frames = look(
            wish.source,
            engine_of(opened.db),
            wish.manner,
            guide(report, opened.settings.quiet),
            wanted=wish.templates,
            keep_photo=request.keep_photo,
        )
    except (EnrolmentRefused, NoConsent) as error:
        return [enrolling.refuse(request, error)]
    except (CaptureFailed, NoCamera, PadModelFailed) as error:
        return [enrolling.fail(request, error)]
    details = {"source": wish.source.kind, "notice": how, **made}
    return enrolling.enrol_together(request, [frame.image for frame in frames], details)


def _confirmed(opened: Session, request: Request, shown: bool) -> str:
    """Show the notice and ask; how it was confirmed. Who did is the log entry's actor."""
    if shown:
        return "declared"
    if not opened.settings.interactive:
        raise NoticeNotShown(ref=request.ref, purpose=request.purpose)
    purpose = purposes.find(opened.db, request.purpose)
    click.echo(purposes.statement(purpose), err=True)
    question = f"\nHas {request.ref} read this notice and agreed to it?"
    if not click.confirm(question, default=False, err=True):
        raise NoticeDeclined(ref=request.ref, purpose=request.purpose)
    return "asked"
