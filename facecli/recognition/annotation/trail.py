"""The marks of every frame of a video, once each of its tracks is searched.

Only some frames are analysed. Between two of them, a matched face is drawn on the straight path.
An unmatched face is blurred over all of the area between its two places, and more around it, and
also for some analysed frames before its first and after its last sighting. Frames after the last
analysed one are not shown.

Pure: no pixels. A sighting takes 20 bytes: a megabyte per face and hour.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from facecli.capture.frames import Frame
from facecli.capture.marks import Mark
from facecli.errors.capture import VideoChanged
from facecli.recognition.annotation.requests import AnnotationStyle, TrackDecisions
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.video.watch_worker import UNFOLLOWED

GROWN = 0.25
"""Blurred beyond a box on each side, as a share of its size: a face moves between frames."""
BEYOND = 3
"""Analysed frames before the first and after the last sighting in which a face is blurred. Half
in the picture or turned away, a face is not found, and may still be recognised by a person."""


@dataclass(frozen=True)
class FacePlace:
    """Interpolated face position at one frame.

    reach: area to blur if the path was not straight. seen: the frame lies between two sightings.
    """

    box: FaceBox
    reach: FaceBox
    seen: bool = True


class Trail:
    """All sightings of a video, in the order of its frames."""

    def __init__(self) -> None:
        self._analysed = array("q")  # numbers of the analysed frames
        self._paths: dict[int, _Path] = {}  # by track
        self._strays = _Path()

    @property
    def frames(self) -> int:
        """The number of frames that are shown: those up to the last analysed one."""
        return self._analysed[-1] + 1 if self._analysed else 0

    def add(self, number: int, boxes: Iterable[tuple[int, FaceBox]]) -> None:
        """Add the faces of an analysed frame, each with its track (see `TrackedBoxes`)."""
        step = len(self._analysed)
        self._analysed.append(number)
        for track, box in boxes:
            path = self._strays if track == UNFOLLOWED else self._paths.setdefault(track, _Path())
            path.add(step, box)

    def marks(
        self, decisions: TrackDecisions, style: AnnotationStyle
    ) -> Iterator[tuple[int, tuple[Mark, ...]]]:
        """Yield the number and the marks of each frame, from the first analysed to the last."""
        waiting = sorted(self._paths.items(), key=lambda one: one[1].first, reverse=True)
        present: list[tuple[int, _Path]] = []
        for step, number in enumerate(self._analysed):
            while waiting and waiting[-1][1].first <= step + BEYOND:
                present.append(waiting.pop())
            present = [one for one in present if one[1].last >= step - BEYOND]
            for path in (self._strays, *(path for _, path in present)):
                path.go_to(step)
            for frame in self._frames_from(step):
                places = [
                    *((track, path.place(frame, step, self._analysed)) for track, path in present),
                    *((UNFOLLOWED, one) for one in self._strays.near(frame == number, step)),
                ]
                marks = (_mark(place, track, decisions, style) for track, place in places)
                yield frame, tuple(mark for mark in marks if mark is not None)

    def _frames_from(self, step: int) -> range:
        """Return the frames from one analysed frame up to the next, without that."""
        number = self._analysed[step]
        is_last = step + 1 == len(self._analysed)
        return range(number, number + 1 if is_last else self._analysed[step + 1])


def retrace(
    frames: Iterable[Frame],
    marks: Iterable[tuple[int, Sequence[Mark]]],
    add: Callable[[Any, Sequence[Mark]], None],
    path: str,
) -> None:
    """Pass each frame with its marks to `add`, up to the last frame in `marks`.

    Args:
        add: takes (height, width, 3) uint8 RGB and the marks. path: the video's name in errors.

    Raises:
        VideoChanged: the frames are not those that were analysed.
    """
    rest = iter(frames)
    for number, drawn in marks:
        frame = next(rest, None)
        if frame is None or frame.number != number:
            raise VideoChanged(path=path)
        add(frame.rgb, drawn)


def _mark(
    place: FacePlace | None, track: int, decisions: TrackDecisions, style: AnnotationStyle
) -> Mark | None:
    if place is None:
        return None
    mark = style.mark(place.box, decisions.of(track))
    if mark.blur:
        return replace(mark, reach=place.reach)
    return mark if place.seen else None


# -- the path of one face -----------------------------------------------------------------


_Sighting: TypeAlias = tuple[int, FaceBox]  # the analysed frame, as its index, and the place


class _Path:
    """The sightings of one track, gone through once from the first to the last.

    A step is the index of an analysed frame.
    """

    def __init__(self) -> None:
        self._kept = array("i")
        self._at = -1  # the last sighting up to the present step

    def add(self, step: int, box: FaceBox) -> None:
        """Add a sighting, not earlier than those before."""
        self._kept.extend((step, *box))

    @property
    def first(self) -> int:
        """The step of the first sighting."""
        return self._kept[0]

    @property
    def last(self) -> int:
        """The step of the last sighting."""
        return self._kept[-5]

    def go_to(self, step: int) -> None:
        """Move on to this step."""
        while (following := self._get(self._at + 1)) is not None and following[0] <= step:
            self._at += 1

    def place(self, frame: int, step: int, analysed: Sequence[int]) -> FacePlace | None:
        """Return the place at a frame before the next step; None if the face is not there."""
        before, after = self._get(self._at), self._get(self._at + 1)
        exact = frame == analysed[step]
        if before is not None and before[0] == step and exact:
            return FacePlace(before[1], _grown(before[1]))
        if before is not None and after is not None:
            start, end = analysed[before[0]], analysed[after[0]]
            box = _between(before[1], after[1], (frame - start) / (end - start))
            return FacePlace(box, _grown(_hull(before[1], after[1])))
        if before is not None and step - before[0] < BEYOND + exact:
            return _gone_on(before, self._get(self._at - 1))
        if before is None and after is not None:
            return _gone_on(after, self._get(self._at + 2))
        return None

    def near(self, exact: bool, step: int) -> Iterator[FacePlace]:
        """Yield all places within BEYOND steps, for faces that no track follows."""
        at = self._at
        while (one := self._get(at)) is not None and step - one[0] < BEYOND + exact:
            yield FacePlace(one[1], _grown(one[1]), seen=exact and one[0] == step)
            at -= 1
        at = self._at + 1
        while (one := self._get(at)) is not None and one[0] <= step + BEYOND:
            yield FacePlace(one[1], _grown(one[1]), seen=False)
            at += 1

    def _get(self, at: int) -> _Sighting | None:
        if not 0 <= at < len(self._kept) // 5:
            return None
        step, left, top, right, bottom = self._kept[5 * at : 5 * at + 5]
        return step, (left, top, right, bottom)


def _gone_on(one: _Sighting, other: _Sighting | None) -> FacePlace:
    """Return the place beyond the last (or first) sighting: as far as its motion carries it.

    one: that sighting. other: the one before (or after) it.
    """
    ahead = one[1]
    if other is not None:
        ahead = _between(other[1], one[1], 1 + BEYOND / abs(one[0] - other[0]))
    return FacePlace(one[1], _grown(_hull(one[1], ahead)), seen=False)


def _between(one: FaceBox, other: FaceBox, share: float) -> FaceBox:
    """Return the box at this share of the path from one to the other; 0: one, 1: other."""
    left, top, right, bottom = (round(a + share * (b - a)) for a, b in zip(one, other, strict=True))
    return left, top, right, bottom


def _hull(one: FaceBox, other: FaceBox) -> FaceBox:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def _grown(box: FaceBox) -> FaceBox:
    across, down = round(GROWN * (box[2] - box[0])), round(GROWN * (box[3] - box[1]))
    return box[0] - across, box[1] - down, box[2] + across, box[3] + down
