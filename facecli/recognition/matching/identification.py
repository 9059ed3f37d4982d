"""Identification (1:N): search faces in a purpose's gallery, store the matches, log the search.

Faces without a match leave no trace. Nor do ambiguous ones, near two subjects who cannot be told
apart. A match is stored as an event with the purpose's retention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from facecli.audit.entries import Act
from facecli.consent import authority
from facecli.consent.purpose_terms import Purpose
from facecli.recognition.analysis.image import AnalysisRequest
from facecli.recognition.analysis.pool import Analysers
from facecli.recognition.matching.gallery import Gallery, LiveGallery
from facecli.recognition.matching.match_rows import ImageResult, result_of
from facecli.recognition.matching.search import (
    AnalysedPath,
    Probe,
    Query,
    Search,
    compare_with_gallery,
)
from facecli.recognition.matching.search_entries import SearchEvent
from facecli.recognition.stored import store_match
from facecli.store.database import Database

IMAGES_A_COMMIT = 16
"""Images searched in one transaction: few enough to lose little, many enough to spare the disk."""


class Matcher:
    """Searches images in the gallery of one purpose. Reads the gallery once (see LiveGallery).

    Args:
        begin: begins a transaction in which an act and its log entry commit together.
        now: returns the present time.

    `search` is how the gallery is searched as it stands at the start. Each transaction decides
    anew, since consents, purpose and gallery may change while images are analysed.

    Raises:
        NoConsent: no face may be matched for the purpose.
        see also `thresholds.for_search`.
    """

    def __init__(
        self,
        db: Database,
        purpose: Purpose,
        query: Query,
        begin: Callable[[], AbstractContextManager[Act]],
        now: Callable[[], str],
    ) -> None:
        self.query = query
        self._begin = begin
        self._started = now()
        self._live = LiveGallery(db, purpose, query.spec)
        self.search = self._search_of(self._live.at(now()))

    def record_start(self, source_kind: str) -> None:
        """Log that frames of a source will be searched, before the first is analysed."""
        with self._begin() as act:
            details = {
                "source": source_kind,
                "engine": self.query.spec.engine_id,
                "case": self.query.case,
            }
            act.record("watch.match", purpose=self._live.purpose.code, details=details)

    def search_and_record(self, analysed: Sequence[AnalysedPath]) -> list[ImageResult]:
        """Search some images and log it, in one transaction with the gate's answer.

        Raises:
            NoConsent: no face may be matched for the purpose any more, or not on this authority.
            see also `thresholds.for_search`.
        """
        with self._begin() as act:
            gallery = self._live.at(act.now)
            purpose = self._live.purpose  # as it stands now: it may have been revised meanwhile
            authority.require(purpose, act.actor, self.query.case)
            search = self._search_of(gallery)
            event = SearchEvent(self._started, self.query.case)
            probes = compare_with_gallery(gallery, analysed, search)
            _record_search(act, purpose, search, event, probes)
            self._started = act.now
            return [
                result_of(act.db, image, found, search)
                for image, found in zip(analysed, probes, strict=True)
            ]

    def _search_of(self, gallery: Gallery) -> Search:
        return self.query.search_of(gallery, self._live.purpose, self._live.site)


def match_all(
    matcher: Matcher, files: Sequence[Path], analysers: Analysers, *, rotate: bool = True
) -> Iterator[ImageResult]:
    """Search many images. Every result that is yielded is in the log already.

    rotate: search turned faces as they are upright.
    """
    requests = (AnalysisRequest(str(path), "probe", rotate=rotate) for path in files)
    analysed: list[AnalysedPath] = []
    for request, analysis in analysers.map(requests):
        analysed.append((request.path, analysis))
        if len(analysed) == IMAGES_A_COMMIT:
            yield from matcher.search_and_record(analysed)
            analysed = []
    if analysed:
        yield from matcher.search_and_record(analysed)


def _record_search(
    act: Act,
    purpose: Purpose,
    search: Search,
    event: SearchEvent,
    images: Sequence[Sequence[Probe]],
) -> None:
    """Log the search of some images, and store the best match of each face."""
    probes = [probe for image in images for probe in image]
    details = {
        "engine": search.spec.engine_id,
        "threshold": f"{search.threshold:.6f}",
        "fmr": search.limit.rate,
        "calibration": search.limit.by,
        "images": len(images),
        "faces": len(probes),
        "matches": _store_matches(act, purpose, search, event, probes),
        "ambiguous": sum(probe.ambiguous for probe in probes),
        **event.details(act, search.references),
    }
    if search.limit.fpir is not None:
        details["fpir"] = f"{search.limit.fpir:.3g}"
    act.record("match", purpose=purpose.code, details=details)


def _store_matches(
    act: Act, purpose: Purpose, search: Search, event: SearchEvent, probes: Iterable[Probe]
) -> int:
    """Store the match of each face that has one as a match event; return their number."""
    best = [probe.match for probe in probes if probe.match is not None]
    for candidate in best:
        store_match(
            act,
            purpose,
            candidate.subject_id,
            "identification",
            candidate.distance,
            search.threshold,
            event.event_id,
        )
    return len(best)
