"""`facecli verify`: one face, in an image or before a camera, against one subject."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from facecli.capture.sources import Source
from facecli.cli.camera.guide import guide
from facecli.cli.camera.guided_capture import Manner, checked_by, look, looked_at
from facecli.cli.camera.sources import from_environment, sources_of_frames
from facecli.cli.options import (
    FILE,
    asked,
    for_purpose,
    not_normalised,
    pass_settings,
    reports,
    thresholds,
)
from facecli.cli.output import show
from facecli.cli.session import Session, Settings, session
from facecli.consent import purposes, subjects
from facecli.consent.purposes import Purpose
from facecli.consent.subjects import Subject
from facecli.errors.base import Exit
from facecli.errors.capture import CaptureFailed
from facecli.errors.recognition import EnrolmentRefused, NotCompared
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.analysis.pool import capture_failed
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import verification
from facecli.recognition.matching.thresholds import for_verification
from facecli.workers.local import Pool


@click.command(
    epilog="Exit codes: 0 the same person; 4 not; 1 the image is not usable, no good frame, or no "
    "camera; 20 no valid consent; 21 no such subject, purpose or template; 22 looser than the "
    "purpose's rate; 10-12 database or key."
)
@click.argument("ref")
@click.argument("image", type=FILE, required=False)
@for_purpose
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
    threshold: float | None,
    fmr: float | None,
    normalise: bool | None,
    source: Source | None,
    manner: Manner,
    form: str,
    output: Path | None,
) -> int:
    """Is the face in IMAGE, or before a camera, the person REF? (1:1)

    The largest face in the image is compared with that person's templates alone. In place of an
    image --device, --url or --video names a source of frames: whoever is before it is guided as in
    `enroll camera`, and the best frame is compared. With --liveness they must also show that they
    are no picture.

    \b
    Example:
      facecli verify A-1001 door.jpg --purpose gate
    """
    if image is not None and source is not None:
        raise click.UsageError("give an IMAGE or a camera, not both")
    if image is not None and manner.for_a_camera:
        raise click.UsageError(f"{', '.join(manner.for_a_camera)}: for a camera, not for an IMAGE")
    probe = image or source or from_environment()
    if probe is None:
        raise click.UsageError("name an IMAGE, or a camera with --device, --url or --video")
    question = asked(threshold, fmr, normalise)
    with session(settings, "verify") as opened:
        spec = engine_of(opened.db)
        found = purposes.find(opened.db, purpose)
        subject = subjects.find(opened.db, ref)
        claim = verification.Claim(spec, question)
        for_verification(spec, found, question, claim.cohort)  # refuse before any image is seen
        verification.check_verifiable(opened.db, subject, found, spec, opened.now)
        if isinstance(probe, Source):
            seen, details = _before(opened, probe, manner, (subject, found, spec))
        else:
            seen, details = _analyse(opened, probe, spec.loadable), {}
        with opened.act() as act:
            result = verification.verify(act, subject, found, seen.faces[0], claim, details)
    if question.normalise and not result.normalised:
        settings.note(not_normalised(claim.cohort))
    record = {
        "ref": ref,
        "path": seen.path,
        "decision": "match" if result.same else "no-match",
        "distance": result.distance,
        "threshold": result.threshold,
        "quality": seen.faces[0].quality.unified,
        "bystanders": seen.bystanders,
        "engine": spec.engine_id,
    }
    show("verify", record, form, output)
    return Exit.OK if result.same else Exit.NOT_SAME


def _analyse(opened: Session, image: Path, engine: str | EngineSpec) -> ImageAnalysis:
    """The analysis of one image with exactly one main face templated."""
    request = AnalysisRequest(str(image), "probe", most_faces=1)
    with Pool[AnalysisRequest, ImageAnalysis](partial(image_analysis.setup, engine)) as pool:
        _, seen = next(pool.map([request]))
    if not isinstance(seen, ImageAnalysis):
        raise capture_failed(str(image), seen)
    if not seen.faces:
        raise CaptureFailed(path=image, why="no face was found", reason="no-face")
    return seen


def _before(
    opened: Session, source: Source, manner: Manner, claimed: tuple[Subject, Purpose, EngineSpec]
) -> tuple[ImageAnalysis, dict[str, str]]:
    """The best frame of whoever is before the camera, and what the log says of how it came."""
    subject, purpose, spec = claimed
    details: dict[str, str] = {"source": source.kind}
    try:
        details |= checked_by(source, manner)
        [frame] = look(source, spec, manner, guide(None, opened.settings.quiet))
    except EnrolmentRefused as error:
        with opened.act() as act:
            verification.refuse(act, subject, purpose, error.reason, details)
        raise NotCompared(path=source.name, why=error.why, reason=error.reason) from None
    return frame.image, details
