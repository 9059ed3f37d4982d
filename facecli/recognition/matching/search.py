"""One search (1:N): the faces of some images compared with a gallery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facecli.consent.purpose_terms import Purpose
from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.gallery import Gallery
from facecli.recognition.matching.references import Candidate
from facecli.recognition.matching.site_calibration import SiteCalibration
from facecli.recognition.matching.thresholds import Asked, Limit, for_search
from facecli.workers.answers import Failure

AMBIGUOUS = 0.1
"""Difference up to which two subjects cannot be told apart, as a share of the threshold. Beyond it
no first candidate was wrong; within it few right ones are (`tests/benchmarks/one_face.py`)."""
AnalysedPath = tuple[str, ImageAnalysis | Failure]
"""A path, and its analysis or the reason why there is none."""


@dataclass(frozen=True)
class Query:
    """The options of a search. Its threshold also depends on the gallery at the time.

    top_k: candidates per face, at most. case: the case that it belongs to, if there is one.
    """

    spec: EngineSpec
    asked: Asked
    top_k: int
    case: str | None = None

    def search_of(
        self, gallery: Gallery, purpose: Purpose, site: SiteCalibration | None = None
    ) -> Search:
        """Return how this gallery is searched. site: its own calibration, if there is one.

        Raises:
            see `thresholds.for_search`.
        """
        references = gallery.templates
        limit = for_search(self.spec, purpose, self.asked, references, site)
        return Search(self.spec, limit, self.top_k, references)


@dataclass(frozen=True)
class Search:
    """The search of one gallery.

    top_k: candidates per face, at most. references: templates in the gallery.
    """

    spec: EngineSpec
    limit: Limit
    top_k: int
    references: int

    @property
    def threshold(self) -> float:
        """The largest distance that is a match."""
        return self.limit.distance

    def is_ambiguous(self, candidates: Sequence[Candidate]) -> bool:
        """Return True if the nearest two subjects, nearest first, cannot be told apart."""
        if len(candidates) < 2:
            return False
        return candidates[1].distance - candidates[0].distance <= AMBIGUOUS * self.threshold


@dataclass(frozen=True)
class Probe:
    """One face of one image, with its candidates, nearest first.

    face: number in the image, from 1, the largest face first. ambiguous: the nearest two cannot be
    told apart, so that there is no match.
    """

    path: str
    face: int
    analysis: FaceAnalysis
    candidates: tuple[Candidate, ...]
    ambiguous: bool = False

    @property
    def match(self) -> Candidate | None:
        """The subject that the face matches, or None."""
        return self.candidates[0] if self.candidates and not self.ambiguous else None


def compare_with_gallery(
    gallery: Gallery, analysed: Sequence[AnalysedPath], search: Search
) -> list[list[Probe]]:
    """Compare the faces of all images with the gallery together.

    A second candidate is always looked for, and is returned where it makes the match ambiguous.

    Returns:
        One list of probes per image, in order; empty where there is no analysis.
    """
    images = [(path, faces_of(analysis)) for path, analysis in analysed]
    templates = [face.template for _, faces in images for face in faces if face.template]
    found = iter(gallery.search_all(templates, search.threshold, max(search.top_k, 2)))
    return [
        [
            _probe(path, number, face, next(found) if face.template else [], search)
            for number, face in enumerate(faces, 1)
        ]
        for path, faces in images
    ]


def _probe(
    path: str, number: int, face: FaceAnalysis, found: Sequence[Candidate], search: Search
) -> Probe:
    ambiguous = search.is_ambiguous(found)
    shown = len(found) if ambiguous else search.top_k
    return Probe(path, number, face, tuple(found[:shown]), ambiguous)


def faces_of(analysis: ImageAnalysis | Failure) -> tuple[FaceAnalysis, ...]:
    """Return the faces of an image, largest first; none where there is no analysis."""
    return analysis.faces if isinstance(analysis, ImageAnalysis) else ()
