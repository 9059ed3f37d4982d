"""`facecli enroll camera`: consent first, then guidance, then all templates in one act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from facecli.capture.frames import Limits, open_frames
from facecli.capture.preview import Picture, Preview
from facecli.capture.sources import Source
from facecli.cli.cameras import from_environment, sources_of_frames
from facecli.cli.enrolling import (
    ENROLMENT,
    agreement,
    consenting,
    enroller,
    record,
    signed,
    worst,
)
from facecli.cli.guiding import guide
from facecli.cli.numbers import Number
from facecli.cli.options import FILE, for_purpose, pass_settings, reports
from facecli.cli.output import Reporter, reporting
from facecli.cli.session import Session, Settings, session
from facecli.consent import purposes
from facecli.errors import (
    CaptureFailed,
    EnrolmentRefused,
    Exit,
    NoCamera,
    NoConsent,
    NoticeDeclined,
    NoticeNotShown,
    PresentationRefused,
)
from facecli.recognition import capturing, frame_analysis, pad_model
from facecli.recognition.capturing import Capturing, Guidance
from facecli.recognition.choice import engine_of
from facecli.recognition.enrolment import Enroller, Outcome, Request
from facecli.recognition.frame_analysis import FrameAnalysis, FrameRequest
from facecli.recognition.liveness import NAME, Liveness
from facecli.recognition.presentation import Wanted
from facecli.recognition.thresholds import for_one_sitting
from facecli.workers.local import Pool

PATIENCE = 8.0  # seconds for a lost camera to come back: somebody sits before it


@dataclass(frozen=True)
class Wish:
    """How a person is to be captured."""

    source: Source
    templates: int
    max_seconds: float
    notice_shown: bool
    preview: bool
    checks: Wanted | None


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
@click.option("--max-seconds", type=Number(1, 3600), default=60, show_default=True,
              metavar="S", help="How long to wait for good frames.")  # fmt: skip
@click.option("--notice-shown", is_flag=True,
              help="Confirm that they have read the notice and agreed, instead of being asked "
              "on the terminal.")  # fmt: skip
@click.option("--preview", is_flag=True,
              help="Show the camera's picture in a window, with the face outlined.")  # fmt: skip
@click.option("--liveness", is_flag=True,
              help="Have them turn their head left and right, in random order, and refuse what "
              "looks like a picture; not certified. Not with --video.")  # fmt: skip
@click.option("--pad-model", "pad_path", type=FILE, metavar="FILE.onnx",
              help="A network of your own that tells a face from a picture of one, with "
              "MiniFASNet's interface.")  # fmt: skip
@consenting
@reports
@pass_settings
def camera(
    settings: Settings,
    ref: str,
    purpose: str,
    source: Source | None,
    templates: int,
    max_seconds: float,
    notice_shown: bool,
    preview: bool,
    liveness: bool,
    pad_path: Path | None,
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
    checks = Wanted(liveness, pad_path) if liveness or pad_path else None
    wish = Wish(source, templates, max_seconds, notice_shown, preview, checks)
    evidenced = signed(evidence, keep_evidence, given, expires, guardian)
    with session(settings, "enroll") as opened, reporting(ENROLMENT, form, output) as report:
        agreed = agreement(opened, evidenced, given, expires, guardian)
        request = Request(ref, purpose, wish.source.name, name, agreed, keep_photo, allow_duplicate)
        outcomes = _outcomes(opened, request, wish, report)
        for outcome in outcomes:
            report.add(record(outcome))
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    for error in failed:
        settings.note(f"{ref}: {error}")
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
        made = _checks(wish)
        how = _confirmed(opened, request, wish.notice_shown)
        frames = _look(opened, enrolling, request, wish, report)
    except (EnrolmentRefused, NoConsent) as error:
        return [enrolling.refuse(request, error)]
    except (CaptureFailed, NoCamera) as error:
        return [enrolling.fail(request, error)]
    details = {"source": wish.source.kind, "notice": how, **made}
    return enrolling.enrol_together(request, [frame.image for frame in frames], details)


def _checks(wish: Wish) -> dict[str, str]:
    """What the log says of the checks against presentation attacks: by what they were made.

    Raises `PresentationRefused` where one cannot be made, and `PadModelFailed`.
    """
    made: dict[str, str] = {}
    if wish.checks is not None and wish.checks.challenge:
        if not wish.source.live:
            raise PresentationRefused(reason="recording", path=wish.source.name)
        made["liveness"] = NAME
    if wish.checks is not None and wish.checks.pad_model is not None:
        made["pad_model_sha256"] = pad_model.digest(wish.checks.pad_model)
    return made


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


def _look(
    opened: Session, enrolling: Enroller, request: Request, wish: Wish, report: Reporter
) -> list[FrameAnalysis]:
    """The frames to enrol. Nothing is stored here."""
    same = for_one_sitting(engine_of(opened.db))
    liveness = Liveness(request.path, same, wish.checks) if wish.checks else None
    gathered = Capturing(request.path, wish.templates, same, liveness)
    setup = partial(frame_analysis.setup, enrolling.engine, wish.checks)
    with (
        Preview() if wish.preview else nullcontext() as window,
        Pool(setup, ahead=1) as pool,
        open_frames(wish.source, limits=Limits(patience=PATIENCE)) as frames,
        closing(guide(report, opened.settings.quiet)) as guiding,
    ):
        asked = capturing.requests(
            frames,
            request.path,
            wish.max_seconds,
            live=frames.live,
            keep_photo=request.keep_photo,
        )
        watched = capturing.watch(asked, pool, gathered)
        for told in _in_window(window, watched):
            guiding.show(told)
    return gathered.chosen()


def _in_window(
    window: Preview | None, watched: Iterator[tuple[FrameRequest, Guidance]]
) -> Iterator[Guidance]:
    """The guidance of each frame, after the frame was shown in the window, if there is one."""
    if window is None:
        return (told for _, told in watched)
    return window.follow(
        (told, Picture(request.rgb, told.words, told.box, told.instruction == "good"))
        for request, told in watched
    )
