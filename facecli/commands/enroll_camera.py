"""`facecli enroll camera`: consent first, then guidance, then all templates in one act."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from facecli.capture.sources import Source
from facecli.cli import refusal_letter, tables
from facecli.cli.camera.guide import guide
from facecli.cli.camera.guided_capture import Manner, checked_by, look, looked_at
from facecli.cli.camera.sources import SourceChoice, sources_of_frames
from facecli.cli.confirmation import ask
from facecli.cli.copies import note_behind
from facecli.cli.enrolment import (
    ENROLMENT,
    Consenting,
    consenting,
    enroller,
    errors_of,
    in_the_language,
    record,
    sentence,
    worst,
)
from facecli.cli.letters import before_agreeing
from facecli.cli.options import for_purpose, pass_settings, reports
from facecli.cli.output import Reporter, reporting
from facecli.cli.paging import show_in_pages
from facecli.cli.session import Session, Settings, session
from facecli.cli.several_acts import several_acts
from facecli.consent import gate
from facecli.consent.photo_sources import CAMERA
from facecli.erasure.replacement import Replacement
from facecli.errors.base import Exit
from facecli.errors.capture import CaptureFailed, NoCamera
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoConsent, NoticeDeclined, NoticeNotShown
from facecli.errors.recognition import EnrolmentRefused, PadModelFailed
from facecli.papers import as_text
from facecli.papers.languages import Language
from facecli.printable import counted
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.requests import EnrolmentOutcome, EnrolmentRequest


@dataclass(frozen=True)
class CapturePlan:
    """The source of the frames, the number of templates, the consent, and how it is looked at.

    language: of what the person reads.
    """

    source: Source
    templates: int
    consent: Consenting
    manner: Manner
    language: Language


@click.command(
    epilog="Exit codes: 0 enrolled; 1 no good frame, or no camera; 20 no valid consent, the notice "
    "was not confirmed, or the purpose is retired; 21 no such subject or purpose; 74 the output "
    "could not be written, and nothing changed; 75 enrolled, but the output could not be written; "
    "10-12 database or key; 130 interrupted, and nothing is stored."
)
@click.argument("ref")
@for_purpose
@sources_of_frames
@click.option("--templates", type=click.IntRange(1, 10), default=3, show_default=True,
              metavar="N", help="Most templates to store, from frames that differ.")  # fmt: skip
@looked_at
@consenting
@reports
@pass_settings
def camera(
    settings: Settings,
    ref: str,
    purpose: str,
    choose_source: SourceChoice,
    templates: int,
    manner: Manner,
    consent: Consenting,
    form: str,
    output: Path | None,
) -> int:
    """Enrol a subject in front of a camera, or from a video file.

    facecli asks for consent before it opens the camera. It shows the notice and asks on the
    terminal whether the subject has read it and agreed; without a terminal, use --notice-shown.
    Then it prints instructions for the subject until there are good frames. On a terminal this
    is one line on stderr. Otherwise it is one JSON object a line (schema facecli.guidance/1), on
    stderr or, with --format jsonl, among the results. The best frames that differ most become
    templates, all in one transaction. An interrupted command stores nothing.

    \b
    Example:
      facecli enroll camera A-1001 --purpose gate --device 0 --evidence form.pdf --expires 1y
    """
    source = choose_source(True)
    if source is None:
        raise click.UsageError("name a camera with --device or --url, or a file with --video")
    with session(settings, "enroll") as opened:
        with several_acts(), reporting(ENROLMENT, form, output) as report:
            consent, language = in_the_language(opened, consent, purpose, manner.lang)
            plan = CapturePlan(source, templates, consent, manner, language)
            [request] = consent.requests(opened, ref, purpose, [source.name], asks=True)
            if request.source is None and source.live:
                request = replace(request, source=CAMERA)
            outcomes = _outcomes(opened, request, plan, report)
            for outcome in outcomes:
                report.add(record(outcome))
        if consent.replace:
            note_behind(opened)
        if consent.letter is not None:
            refusal_letter.hand_over(opened, outcomes, consent.name, consent.letter, language)
    failed = errors_of(outcomes)
    for error in failed:
        settings.note(sentence(ref, error))
    if not failed and len(outcomes) < templates:
        settings.note(
            f"{ref}: {counted(len(outcomes), 'template')}, not {templates}: "
            "no more frames were good."
        )
    return worst(failed) if failed else Exit.OK


def _outcomes(
    opened: Session, request: EnrolmentRequest, plan: CapturePlan, report: Reporter
) -> list[EnrolmentOutcome]:
    """Ask the gate, show the notice, capture and store.

    Return the outcome of each template, or of the refusal.
    """
    enrolling = enroller(opened, Replacement() if plan.consent.replace else None)
    refused = enrolling.rehearse(request)
    if refused is not None:
        return [refused]
    try:
        made = checked_by(plan.source, plan.manner)
        how = _confirmed(opened, request, plan)
        frames = look(
            plan.source,
            engine_of(opened.db),
            plan.manner,
            guide(report, opened.settings.quiet, plan.language.say),
            wanted=plan.templates,
            keep_photo=request.keep_photo,
            say=plan.language.say,
        )
    except (BadInput, EnrolmentRefused, NoConsent) as error:
        return [enrolling.refuse(request, error)]
    except (CaptureFailed, NoCamera, PadModelFailed) as error:
        return [enrolling.fail(request, error)]
    details = {"source": plan.source.kind, "notice": how, **made}
    return enrolling.enrol_together(request, [frame.image for frame in frames], details)


def _confirmed(opened: Session, request: EnrolmentRequest, plan: CapturePlan) -> str:
    """Show the notice and ask for confirmation. Return how it was confirmed, for the log.

    The log entry's actor is the person who confirmed it.
    """
    purpose = gate.open_purpose(opened.db, request.purpose)
    sheet = before_agreeing(opened.db, purpose, plan.consent.notice_lang, plan.language)
    if plan.consent.notice_shown:
        return "declared"
    if not opened.settings.interactive:
        raise NoticeNotShown(ref=request.ref, purpose=request.purpose)
    show_in_pages(as_text.text(sheet, min(as_text.WIDTH, tables.width_of(sys.stderr))))
    question = f"\nHas {request.ref} read this notice and agreed to it?"
    if not ask(question):
        raise NoticeDeclined(ref=request.ref, purpose=request.purpose)
    return "asked"
