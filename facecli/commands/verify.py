"""`facecli verify`: one face, in an image or before a camera, against one subject."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from facecli.capture.sources import Source
from facecli.cli.camera.guide import guide
from facecli.cli.camera.guided_capture import Manner, checked_by, look, looked_at
from facecli.cli.camera.sources import SourceChoice, sources_of_frames
from facecli.cli.letters import language_of
from facecli.cli.options import (
    FILE,
    asked,
    for_case,
    for_purpose,
    pass_settings,
    reports,
    thresholds,
)
from facecli.cli.output import shown_after
from facecli.cli.session import Session, Settings, session
from facecli.consent import authority, gate, subjects
from facecli.errors.base import Exit
from facecli.errors.capture import CaptureFailed
from facecli.errors.recognition import EnrolmentRefused, NotCompared
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.analysis.pool import capture_failed
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import verification
from facecli.recognition.matching.thresholds import Asked
from facecli.recognition.matching.verification import Claim, Verification
from facecli.workers.local import Pool


@click.command(
    epilog="Exit codes: 0 the same person; 4 not the same; 1 the image is not usable, no good "
    "frame, or no camera; 20 no valid consent, or the purpose is retired, requires a --case or "
    "names other operators; 21 no such subject, purpose or template; 22 looser than the purpose's "
    "rate; 74 the output could not be written, and nothing changed; 75 compared and logged, but "
    "the output could not be written; 10-12 database or key."
)
@click.argument("ref")
@click.argument("image", type=FILE, required=False)
@for_purpose
@for_case
@thresholds
@sources_of_frames
@looked_at
@reports
@pass_settings
def command(
    settings: Settings,
    ref: str,
    image: Path | None,
    purpose: str,
    case: str | None,
    threshold: float | None,
    fmr: float | None,
    choose_source: SourceChoice,
    manner: Manner,
    form: str,
    output: Path | None,
) -> int:
    """Compare the face in IMAGE, or before a camera, with the subject REF. (1:1)

    The largest face in the image is compared with the templates of that subject, and of no other.
    --device, --url and --video name a source of frames instead of an image. The subject is guided
    as in `enroll camera`, and the best frame is compared. --liveness also asks them to turn their
    head, and refuses what looks like a picture.

    \b
    Example:
      facecli verify A-1001 door.jpg --purpose gate
    """
    probe = _probe(image, choose_source(image is None), manner)
    question = asked(threshold, fmr)
    with session(settings, "verify", search=purpose) as opened, shown_after(output) as shown:
        claim = _claim(opened, ref, purpose, question, case)
        if isinstance(probe, Source):
            seen, details = _capture(opened, probe, manner, claim)
        else:
            seen, details = _analyse(probe, claim.spec), {}
        with opened.act() as act:
            result = verification.verify_and_record(act, claim, seen.faces[0], details)
        if seen.faces[0].rotation:
            settings.note("The face is not upright in the image, and was compared upright.")
        shown.record("verify", _record(claim, seen, result), form)
    return Exit.OK if result.same else Exit.NOT_SAME


def _probe(image: Path | None, source: Source | None, manner: Manner) -> Path | Source:
    """Return the image or the source that the options name. Raises a usage error."""
    if image is not None and source is not None:
        raise click.UsageError("give an IMAGE or a camera, not both")
    if image is not None and manner.for_a_camera:
        raise click.UsageError(f"{', '.join(manner.for_a_camera)}: for a camera, not for an IMAGE")
    probe = image or source
    if probe is None:
        raise click.UsageError("name an IMAGE, or a camera with --device, --url or --video")
    return probe


def _claim(opened: Session, ref: str, purpose: str, question: Asked, case: str | None) -> Claim:
    """Return the claim, and refuse it before any image is opened."""
    opened.settle()
    permitted = gate.open_purpose(opened.db, purpose)
    named = authority.case_of(opened.db, case)
    authority.require(permitted, opened.actor, named)
    subject, started = subjects.find(opened.db, ref), opened.now
    claim = Claim(subject, permitted, engine_of(opened.db), question, started, named)
    claim.limit(opened.db)
    verification.check_verifiable(opened.db, claim, opened.now)
    return claim


def _analyse(image: Path, spec: EngineSpec) -> ImageAnalysis:
    """Return the analysis of one image, with a template of its largest face.

    Raises:
        CaptureFailed: the image cannot be used, or shows no face.
    """
    request = AnalysisRequest(str(image), "probe", most_faces=1)
    load = partial(image_analysis.load_analysis_worker, spec.loadable)
    with Pool[AnalysisRequest, ImageAnalysis](load) as pool:
        _, seen = next(pool.map([request]))
    if not isinstance(seen, ImageAnalysis):
        raise capture_failed(str(image), seen)
    if not seen.faces:
        raise CaptureFailed(path=image, why="no face was found", reason="no-face")
    return seen


def _capture(
    opened: Session, source: Source, manner: Manner, claim: Claim
) -> tuple[ImageAnalysis, dict[str, str]]:
    """Return the best frame of the person before the camera, and fields for the log.

    Raises:
        NotCompared: no frame was good, or a check refused it. This is logged.
    """
    details: dict[str, str] = {"source": source.kind}
    try:
        details |= checked_by(source, manner)
        say = language_of(opened.settings, manner.lang or "en").say
        guiding = guide(None, opened.settings.quiet, say)
        [frame] = look(source, claim.spec, manner, guiding, say=say)
    except EnrolmentRefused as error:
        with opened.act() as act:
            verification.record_refusal(act, claim, error.reason, details)
        raise NotCompared(path=source.name, why=error.why, reason=error.reason) from None
    return frame.image, details


def _record(claim: Claim, seen: ImageAnalysis, result: Verification) -> dict[str, object]:
    """Return the record `facecli.verify/1`."""
    return {
        "ref": claim.subject.ref,
        "path": seen.path,
        "decision": "match" if result.same else "no-match",
        "distance": result.distance,
        "threshold": result.threshold,
        "quality": seen.faces[0].quality,
        "bystanders": seen.bystanders,
        "engine": claim.spec.engine_id,
        "calibration": result.limit.by,
    }
