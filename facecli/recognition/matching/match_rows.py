"""The rows that `match` reports for an image: the records `facecli.match/1`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from facecli.consent import subjects
from facecli.printable import counted
from facecli.recognition.analysis.image import MOST_FACES, ImageAnalysis
from facecli.recognition.analysis.pool import capture_failed
from facecli.recognition.matching.search import AnalysedPath, Probe, Search
from facecli.store.database import Database
from facecli.workers.answers import Failure

MatchRow: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class ImageResult:
    """The rows of one image.

    failed: it could not be analysed. left_out: faces that were found and not searched, because
    the image has too many.
    """

    path: str
    rows: list[MatchRow]
    failed: bool
    left_out: int = 0

    @property
    def turned(self) -> int:
        """The number of faces that were not upright in the image, and were searched upright."""
        return len({row["face"] for row in self.rows if row.get("rotation")})

    @property
    def ambiguous(self) -> int:
        """The number of faces for which two subjects were found that cannot be told apart."""
        return len({row["face"] for row in self.rows if row.get("decision") == "ambiguous"})

    @property
    def problem(self) -> str | None:
        """The message if the image was not searched, or only in part; None otherwise."""
        if self.failed:
            return str(self.rows[0]["error"]["message"])
        if self.left_out:
            were = "was" if self.left_out == 1 else "were"
            return (
                f"{self.path}: {counted(self.left_out, 'face')} beyond the largest {MOST_FACES} "
                f"{were} not searched, and the image is annotated only with --no-blur. Cut it "
                "into parts."
            )
        return None


def result_of(
    db: Database, analysed: AnalysedPath, probes: Sequence[Probe], search: Search
) -> ImageResult:
    """Return the rows of one image: at least one per face, or one for an image without faces."""
    path, analysis = analysed
    if not isinstance(analysis, ImageAnalysis):
        return ImageResult(path, [_error_row(path, analysis)], failed=True)
    rows = [row for probe in probes for row in _face_rows(db, probe, search)]
    rows = rows or [_row_without_face(path, search)]
    return ImageResult(path, rows, failed=False, left_out=analysis.bystanders)


def _face_rows(db: Database, probe: Probe, search: Search) -> list[MatchRow]:
    """Return a row for each candidate of a face, or one row without a candidate."""
    face: MatchRow = {
        "path": probe.path,
        "face": probe.face,
        "box": list(probe.analysis.box),
        "quality": probe.analysis.quality,
    }
    if probe.analysis.rotation:
        face["rotation"] = probe.analysis.rotation
    if not probe.candidates:
        return [{**face, **_without_match("no-candidate"), **_search_fields(search)}]
    who = subjects.names(db, {candidate.subject_id for candidate in probe.candidates})
    return [
        {
            **face,
            "decision": "ambiguous" if probe.ambiguous else "match",
            "rank": rank,
            "ref": who[candidate.subject_id][0],
            "name": who[candidate.subject_id][1],
            "distance": candidate.distance,
            "reason": None,
            **_search_fields(search),
        }
        for rank, candidate in enumerate(probe.candidates, 1)
        if candidate.subject_id in who
    ]


def _row_without_face(path: str, search: Search) -> MatchRow:
    """Return the row of an image without faces: a counted outcome, not an error."""
    empty: MatchRow = {"path": path, "face": None, "box": None, "quality": None}
    return {**empty, **_without_match("no-face"), **_search_fields(search)}


def unread_folder(path: str, why: str) -> ImageResult:
    """Return the result for a folder that could not be searched."""
    row = _error_row(path, Failure("unreadable-folder", f"{path}: {why}."))
    return ImageResult(path, [row], failed=True)


def _error_row(path: str, failure: Failure) -> MatchRow:
    error = capture_failed(path, failure)
    return {"path": path, "error": {"code": error.reason, "message": error.message}}


def _without_match(reason: str) -> MatchRow:
    return {
        "decision": "no-match",
        "rank": None,
        "ref": None,
        "name": None,
        "distance": None,
        "reason": reason,
    }


def _search_fields(search: Search) -> MatchRow:
    return {
        "threshold": search.threshold,
        "calibration": search.limit.by,
        "engine": search.spec.engine_id,
    }
