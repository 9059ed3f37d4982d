"""Follow faces through frames: by their place where that is clear, by their template where not.

Between two frames a tenth of a second apart a face hardly moves, so overlap joins most sightings,
at no cost. Templates are compared where overlap may be wrong: two faces near each other, a face
that was away, from time to time, and before a sighting becomes the best of its track. So two
people who change places become two tracks.

Pure: no pixels, no engine, no clock. The libraries norfair, motpy, ioutrack and supervision
associate boxes only by place, and need scipy, filterpy or more for a sort of a few pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, Self, TypeVar

from facecli.recognition.analysis.face_boxes import iou
from facecli.recognition.engines.engine import FaceBox

OVERLAP = 0.3
"""Least intersection over union of a face and the place that its track expects."""
NEARBY = 0.05
"""Overlap from which a second face or track makes an association doubtful."""
TRUSTED_SECONDS = 0.5
"""Seconds after which an unseen track continues only by template."""
CHECK_SECONDS = 1.0
"""Seconds after which the template is compared again, at the next good sighting."""
LOST_SECONDS = 1.5
"""Seconds after which an unseen track has ended."""
LONGEST_SECONDS = 300.0
"""Seconds after which a track ends and a new one begins: bounds memory and delay."""
BETTER = 1
"""Points of score by which a sighting must be better to become the best of its track."""
COMPARABLE = 0.95
"""Share of the best sighting's score below which a template is not worth comparing."""


class Sighting(Protocol):
    """One face in one frame."""

    @property
    def box(self) -> FaceBox:
        """The face's place, (left, top, right, bottom) in pixels."""

    @property
    def score(self) -> int:
        """The figure by which the best sighting is chosen, 0 and up, higher is better."""

    def distance(self, other: Self) -> float:
        """Return the distance of the two templates; lower is closer. The first call is slow."""


S = TypeVar("S", bound=Sighting)


@dataclass(eq=False)
class Track(Generic[S]):
    """One face through time. best: the sighting that is searched, seen in `frame`."""

    number: int
    first_seconds: float
    last_seconds: float
    box: FaceBox
    best: S
    frame: int
    checked_seconds: float
    step: tuple[float, float] = field(default=(0.0, 0.0))  # pixels per second

    def expected(self, seconds: float) -> FaceBox:
        """Return the place that the face's motion leads to by now, for a short time."""
        passed = min(seconds - self.last_seconds, TRUSTED_SECONDS)
        across, down = round(self.step[0] * passed), round(self.step[1] * passed)
        left, top, right, bottom = self.box
        return left + across, top + down, right + across, bottom + down

    def follow(self, sighting: S, seconds: float, frame: int) -> None:
        """Add a sighting."""
        passed = seconds - self.last_seconds
        if passed > 0:
            before, now = _middle(self.box), _middle(sighting.box)
            self.step = (now[0] - before[0]) / passed, (now[1] - before[1]) / passed
        self.box, self.last_seconds = sighting.box, seconds
        if sighting.score >= self.best.score + BETTER:
            self.best, self.frame = sighting, frame


class Tracker(Generic[S]):
    """The open tracks. same: the largest distance between two sightings of one person."""

    def __init__(self, same: float) -> None:
        self._same = same
        self._open: list[Track[S]] = []
        self._count = 0

    def update(self, sightings: Sequence[S], seconds: float, frame: int) -> list[Track[S]]:
        """Return the track of each sighting of one frame, in order. Time never runs back."""
        found = self._associated(sightings, seconds)
        tracks = []
        for at, sighting in enumerate(sightings):
            track = found.get(at)
            if track is None:
                self._count += 1
                track = Track(self._count, seconds, seconds, sighting.box, sighting, frame, seconds)
                self._open.append(track)
            else:
                track.follow(sighting, seconds, frame)
            tracks.append(track)
        return tracks

    def ended(self, seconds: float) -> list[Track[S]]:
        """Remove the tracks that have ended by now, and return them."""
        over = [
            track
            for track in self._open
            if seconds - track.last_seconds > LOST_SECONDS
            or seconds - track.first_seconds >= LONGEST_SECONDS
        ]
        self._open = [track for track in self._open if track not in over]
        return over

    def finish(self) -> list[Track[S]]:
        """Remove all tracks, and return them."""
        over, self._open = self._open, []
        return over

    def _associated(self, sightings: Sequence[S], seconds: float) -> dict[int, Track[S]]:
        found: dict[int, Track[S]] = {}
        pairs = [
            (overlap, track, at)
            for track in self._open
            for at, sighting in enumerate(sightings)
            if (overlap := iou(track.expected(seconds), sighting.box)) >= NEARBY
        ]
        for overlap, track, at in sorted(pairs, key=lambda pair: -pair[0]):
            if overlap < OVERLAP or at in found or track in found.values():
                continue
            doubtful = sum(one is track or other == at for _, one, other in pairs) > 1
            if self._is_same(track, sightings[at], seconds, doubtful):
                found[at] = track
        self._join_by_template(sightings, seconds, found)
        return found

    def _is_same(self, track: Track[S], sighting: S, seconds: float, doubtful: bool) -> bool:
        """Return whether the face at the expected place is the track's."""
        away = seconds - track.last_seconds > TRUSTED_SECONDS
        due = seconds - track.checked_seconds > CHECK_SECONDS
        telling = sighting.score >= COMPARABLE * track.best.score
        better = sighting.score >= track.best.score + BETTER
        if doubtful or away or better or (due and telling):
            return self._compare(track, sighting, seconds)
        return True

    def _compare(self, track: Track[S], sighting: S, seconds: float) -> bool:
        if track.best.distance(sighting) > self._same:
            return False
        track.checked_seconds = seconds
        return True

    def _join_by_template(
        self, sightings: Sequence[S], seconds: float, found: dict[int, Track[S]]
    ) -> None:
        """Join faces that moved too fast or were away to tracks by template, nearest first."""
        left = [track for track in self._open if track not in found.values()]
        distances = [
            (track.best.distance(sightings[at]), track, at)
            for at in _missing(found, len(sightings))
            for track in left
        ]
        for distance, track, at in sorted(distances, key=lambda one: one[0]):
            if distance <= self._same and at not in found and track not in found.values():
                track.checked_seconds = seconds
                found[at] = track


def _missing(found: dict[int, Track[S]], count: int) -> Iterator[int]:
    return (at for at in range(count) if at not in found)


def _middle(box: FaceBox) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
