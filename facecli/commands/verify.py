"""`facecli verify`: one face against one subject."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

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
from facecli.errors import CaptureFailed, Exit
from facecli.recognition import analysis, matching
from facecli.recognition.analysers import capture_failed
from facecli.recognition.analysis import AnalysisRequest, ImageAnalysis
from facecli.recognition.choice import engine_of
from facecli.recognition.engine import EngineSpec
from facecli.recognition.thresholds import for_verification
from facecli.workers.local import Pool


@click.command(
    epilog="Exit codes: 0 the same person; 4 not; 1 the image is not usable; 20 no valid consent; "
    "21 no such subject, purpose or template; 10-12 database or key."
)
@click.argument("ref")
@click.argument("image", type=FILE)
@for_purpose
@thresholds
@reports
@pass_settings
def command(
    settings: Settings,
    ref: str,
    image: Path,
    purpose: str,
    threshold: float | None,
    fmr: float | None,
    normalise: bool | None,
    form: str,
    output: Path | None,
) -> int:
    """Is the face in IMAGE the person REF? (1:1)

    The largest face in the image is compared with that person's templates alone.

    \b
    Example:
      facecli verify A-1001 door.jpg --purpose gate
    """
    question = asked(threshold, fmr, normalise)
    with session(settings, "verify") as opened:
        spec = engine_of(opened.db)
        found = purposes.find(opened.db, purpose)
        subject = subjects.find(opened.db, ref)
        claim = matching.Claim(spec, question)
        for_verification(spec, found, question, claim.cohort)  # refuse before any image is seen
        matching.check_verifiable(opened.db, subject, found, spec, opened.now)
        seen = _analyse(opened, image, spec.loadable)
        with opened.act() as act:
            result = matching.verify(act, subject, found, seen.faces[0], claim)
    if question.normalise and not result.normalised:
        settings.note(not_normalised(claim.cohort))
    record = {
        "ref": ref,
        "path": str(image),
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
    with Pool[AnalysisRequest, ImageAnalysis](partial(analysis.setup, engine)) as pool:
        _, seen = next(pool.map([request]))
    if not isinstance(seen, ImageAnalysis):
        raise capture_failed(str(image), seen)
    if not seen.faces:
        raise CaptureFailed(path=image, why="no face was found", reason="no-face")
    return seen
