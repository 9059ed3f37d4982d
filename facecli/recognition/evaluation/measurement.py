"""One evaluation from folders to findings: read the sets, analyse the images, study them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from facecli.consent.purpose_terms import WORST_GROUP
from facecli.recognition.engines.calibration import Calibration
from facecli.recognition.engines.engine import EngineSpec, ModelCard
from facecli.recognition.evaluation import cohorts, handicaps, sets, studies
from facecli.recognition.evaluation.acquisition import Acquired, WhichFace
from facecli.recognition.evaluation.results import Findings
from facecli.recognition.evaluation.sets import LabelledImage
from facecli.recognition.evaluation.studies import StudyOptions

Acquire = Callable[[list[LabelledImage]], Acquired]
"""Analyse labelled images and return their templates."""


@dataclass(frozen=True)
class EvaluationRequest:
    """The images of an evaluation, and the rates to measure on them.

    Either `images` is given, perhaps with a list of `pairs` (1:1), or `gallery` and `probes`
    (1:N). cohorts: a CSV file. discard_worst: a share of the images, 0..1 excluded. hold, stated:
    the thresholds at which cohorts are measured, see `StudyOptions`. sizes: of
    galleries to extrapolate to, in references.
    """

    face: WhichFace = "centre"
    images: Path | None = None
    pairs: Path | None = None
    gallery: Path | None = None
    probes: Path | None = None
    ranks: Sequence[int] = (1,)
    cohorts: Path | None = None
    cohort_column: str = "cohort"
    discard_worst: float | None = None
    hold: str = WORST_GROUP
    stated: Sequence[float] = ()
    sizes: Sequence[int] = ()

    def options(self) -> StudyOptions:
        """Return what the study needs beyond the images. Raises `BadInput` for bad cohorts."""
        file = self.cohorts
        return StudyOptions(
            cohorts.read(file, self.cohort_column) if file is not None else None,
            self.cohort_column,
            file or Path(),
            self.discard_worst,
            self.ranks,
            self.hold,
            self.stated,
            self.sizes,
        )


def measure(
    request: EvaluationRequest,
    spec: EngineSpec,
    calibration: Calibration | None,
    acquire: Acquire,
) -> tuple[Findings, Acquired]:
    """Return what the images show, and the templates of the images (or of the gallery).

    All files but the images are read before `acquire` is called for the first time.

    Raises:
        BadInput: a folder, the pairs or the cohorts are not usable, or there are too few images.
    """
    if request.images is not None:
        return _verification(request, request.images, spec, calibration, acquire)
    folders = [sets.labelled_folder(one) for one in (request.gallery, request.probes) if one]
    options = request.options()
    gallery, probes = map(acquire, folders)
    return studies.identification_study(gallery, probes, spec, calibration, options), gallery


def with_constants(
    request: EvaluationRequest, card: ModelCard, acquire: Acquire
) -> tuple[ModelCard, Findings, Acquired]:
    """Return a card with constants estimated on the images, and what these then show.

    Args:
        acquire: by the engine of `handicaps.unscaled(card)`.

    Raises:
        BadInput: the folder or the cohorts are not usable, there are too few people, or no
            constants gain.
    """
    _, images = sets.images_to_compare(None, request.images or Path())
    options = request.options()
    estimated, acquired = handicaps.with_constants(acquire(images), card)
    spec = estimated.spec(None)
    return estimated, studies.verification_study(acquired, None, spec, None, options), acquired


def _verification(
    request: EvaluationRequest,
    folder: Path,
    spec: EngineSpec,
    calibration: Calibration | None,
    acquire: Acquire,
) -> tuple[Findings, Acquired]:
    pairs, images = sets.images_to_compare(request.pairs, folder)
    options = request.options()
    acquired = acquire(images)
    return studies.verification_study(acquired, pairs, spec, calibration, options), acquired
