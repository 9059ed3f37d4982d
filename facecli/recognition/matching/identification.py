"""Who is it? Probe faces against a purpose's gallery (1:N).

Unknown faces leave no trace: only matches are kept, as events with the purpose's retention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facecli.audit.entries import Act
from facecli.consent import subjects
from facecli.consent.purposes import Purpose
from facecli.recognition.analysis.image import (
    MOST_FACES,
    AnalysisRequest,
    FaceAnalysis,
    ImageAnalysis,
)
from facecli.recognition.analysis.pool import Analysers, Failed, capture_failed
from facecli.recognition.engines.calibration import Scale
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.gallery import Gallery, LiveGallery
from facecli.recognition.matching.references import Candidate
from facecli.recognition.matching.thresholds import NO_RATE, Asked, cohort_for, for_search
from facecli.recognition.stored import store_match
from facecli.store.database import Database

IMAGES_A_COMMIT = 16  # few enough to lose little, many enough to spare the disk


@dataclass(frozen=True)
class Probe:
    """One face of one image and who it may be, nearest first."""

    path: str
    face: int  # counted from 1, the largest first
    analysis: FaceAnalysis
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Search:
    """How probes are compared: the engine, the largest distance that counts, the list's length.

    scale: by which distances are normalised; None: they are as they are. fpir, rate: see `Limit`.
    """

    spec: EngineSpec
    threshold: float
    top_k: int
    scale: Scale | None = None
    fpir: float | None = None
    rate: str = NO_RATE

    @property
    def cohort(self) -> int:
        """How many people normalising needs."""
        return 0 if self.scale is None else self.scale.cohort

    def among(self, gallery: Gallery, purpose: Purpose) -> Search:
        """The same, for it does not depend on the gallery."""
        return self


@dataclass(frozen=True)
class Query:
    """What is asked of a search, whose threshold depends on the gallery as it is then."""

    spec: EngineSpec
    asked: Asked
    top_k: int

    @property
    def cohort(self) -> int:
        """How many people normalising needs. Raises NoNormalisation, NoCalibration."""
        return cohort_for(self.spec, self.asked)

    def among(self, gallery: Gallery, purpose: Purpose) -> Search:
        """The search of this gallery. Raises as `thresholds.for_search`."""
        limit = for_search(self.spec, purpose, self.asked, gallery.templates, gallery.cohort)
        return Search(self.spec, limit.distance, self.top_k, limit.scale, limit.fpir, limit.rate)


def identify_all(
    gallery: Gallery, images: Sequence[ImageAnalysis], search: Search
) -> list[list[Probe]]:
    """Compare every face of some images with the gallery, all of them together."""
    templates = [
        face.template for image in images for face in image.faces if face.template is not None
    ]
    found = iter(gallery.search_all(templates, search.threshold, search.top_k, search.scale))
    return [
        [
            Probe(image.path, number, face, tuple(next(found)) if face.template else ())
            for number, face in enumerate(image.faces, 1)
        ]
        for image in images
    ]


def record_searches(
    act: Act,
    purpose: Purpose,
    search: Search,
    images: int,
    probes: Iterable[Probe],
    references: int | None = None,
) -> None:
    """Log a number of searches (among so many references, if that is known), and keep the best
    match of each face as an event."""
    faces = matches = 0
    for probe in probes:
        faces += 1
        if probe.candidates:
            matches += 1
            best = probe.candidates[0]
            store_match(
                act, purpose, best.subject_id, "identification", best.distance, search.threshold
            )
    details = {
        "engine": search.spec.engine_id,
        "threshold": f"{search.threshold:.6f}",
        "fmr": search.rate,
        "normalised": search.scale is not None,
        "images": images,
        "faces": faces,
        "matches": matches,
    }
    if references is not None:
        details["references"] = references
    if search.fpir is not None:
        details["fpir"] = f"{search.fpir:.3g}"
    act.record("match", purpose=purpose.code, details=details)


def _rows(db: Database, probe: Probe, search: Search) -> list[dict[str, Any]]:
    """The records of one face: a row for each candidate, or one row without."""
    base = {
        "path": probe.path,
        "face": probe.face,
        "box": list(probe.analysis.box),
        "quality": probe.analysis.quality.unified,
    }
    rest = {"threshold": search.threshold, "engine": search.spec.engine_id}
    if not probe.candidates:
        return [{**base, **_nobody("no-candidate"), **rest}]
    who = subjects.names(db, {candidate.subject_id for candidate in probe.candidates})
    return [
        {
            **base,
            "decision": "match",
            "rank": rank,
            "ref": who[candidate.subject_id][0],
            "name": who[candidate.subject_id][1],
            "distance": candidate.distance,
            "reason": None,
            **rest,
        }
        for rank, candidate in enumerate(probe.candidates, 1)
        if candidate.subject_id in who
    ]


def _row_without_face(path: str, search: Search) -> dict[str, Any]:
    """The record of an image in which no face was found: a counted outcome, not an error."""
    return {
        "path": path,
        "face": None,
        "box": None,
        "quality": None,
        **_nobody("no-face"),
        "threshold": search.threshold,
        "engine": search.spec.engine_id,
    }


def _nobody(reason: str) -> dict[str, Any]:
    return {
        "decision": "no-match",
        "rank": None,
        "ref": None,
        "name": None,
        "distance": None,
        "reason": reason,
    }


@dataclass(frozen=True)
class ImageResult:
    """What is reported of one image: its rows, and whether it could not be used.

    `left_out` counts faces that were found and not searched, since there were too many.
    """

    path: str
    rows: list[dict[str, Any]]
    failed: bool
    left_out: int = 0

    @property
    def problem(self) -> str | None:
        """Why the image was not searched, or not wholly; None if it was."""
        if self.failed:
            return str(self.rows[0]["error"]["message"])
        if self.left_out:
            return (
                f"{self.path}: {self.left_out} faces beyond the largest {MOST_FACES} were not "
                "searched, nor is it annotated unless with --no-blur; cut the picture into parts."
            )
        return None


class Matcher:
    """Searches images in the gallery of one purpose. Reads the gallery once (see LiveGallery)."""

    def __init__(
        self,
        db: Database,
        purpose: Purpose,
        search: Search | Query,
        begin: Callable[[], AbstractContextManager[Act]],
        now: Callable[[], str],
    ) -> None:
        self.search = search
        self._begin = begin
        self._live = LiveGallery(db, purpose, search.spec, search.cohort)
        self._now = now
        self.check()

    def check(self) -> tuple[Search, int]:
        """How the gallery as it is now is searched, and how many references it has.

        Raises:
            NoConsent: the purpose may not be searched at all.
            and as `thresholds.for_search`.
        """
        gallery = self._live.at(self._now())
        return self.search.among(gallery, self._live.purpose), gallery.templates

    def begin_watching(self, kind: str) -> None:
        """Log that a source of frames is watched, before any is looked at; its faces follow."""
        with self._begin() as act:
            details = {"source": kind, "engine": self.search.spec.engine_id}
            act.record("watch.match", purpose=self._live.purpose.code, details=details)

    def commit(self, seen: Sequence[tuple[str, ImageAnalysis | Failed]]) -> list[ImageResult]:
        """Search some images and log it, in one transaction with the gate's answer."""
        with self._begin() as act:
            gallery = self._live.at(act.now)
            purpose = self._live.purpose  # as it stands now: it may have been revised meanwhile
            search = self.search.among(gallery, purpose)
            images = [one for _, one in seen if isinstance(one, ImageAnalysis)]
            probes = identify_all(gallery, images, search)
            found = iter(probes)
            results = []
            for path, analysis in seen:
                if not isinstance(analysis, ImageAnalysis):
                    results.append(ImageResult(path, [_error_row(path, analysis)], failed=True))
                    continue
                rows = [row for probe in next(found) for row in _rows(act.db, probe, search)]
                rows = rows or [_row_without_face(path, search)]
                results.append(ImageResult(path, rows, False, analysis.bystanders))
            every = [probe for image in probes for probe in image]
            record_searches(act, purpose, search, len(seen), every, gallery.templates)
        return results


def match_all(
    matcher: Matcher, files: Sequence[Path], analysers: Analysers
) -> Iterator[ImageResult]:
    """Search many images; what is yielded is logged already."""
    requests = (AnalysisRequest(str(path), "probe") for path in files)
    seen: list[tuple[str, ImageAnalysis | Failed]] = []
    for request, analysis in analysers.map(requests):
        seen.append((request.path, analysis))
        if len(seen) == IMAGES_A_COMMIT:
            yield from matcher.commit(seen)
            seen = []
    if seen:
        yield from matcher.commit(seen)


def _error_row(path: str, failure: Failed) -> dict[str, Any]:
    error = capture_failed(path, failure)
    return {"path": path, "error": {"code": error.reason, "message": error.message}}
