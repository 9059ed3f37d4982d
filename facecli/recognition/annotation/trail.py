"""Where every face of a video was at each frame, once it is known whose they are.

Faces are looked for at some of the frames. Between two looks a face that matched is drawn where a
straight way would have led it. Of a stranger all is blurred that lies between its places at the
two looks, and more around it; already some looks before the one that first saw it, and still some
after the one that last did. What comes after the last look of all is not shown.

Pure: no pixels. What is kept of a face at a look is 20 bytes: in an hour, a megabyte a face.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from facecli.capture.marks import Mark
from facecli.errors.capture import VideoChanged
from facecli.recognition.annotation.requests import Decisions, Style
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.video.watch_worker import UNFOLLOWED

GROWN = 0.25
"""Of a box's size: what is blurred beyond it on each side, since a face moves between looks."""
BEYOND = 3
"""For so many looks before it was first seen and after it was last seen a face is blurred: half in
the picture or turned away it is not found, and may be known all the same."""


class Frame(Protocol):
    """What is needed of a frame: see `capture.frames.Frame`."""

    @property
    def rgb(self) -> Any:
        """The picture."""

    @property
    def number(self) -> int:
        """Its number."""


@dataclass(frozen=True)
class Place:
    """Where a face is at one frame. reach: where it may be, if it went another way. seen: whether
    that lies between two looks that saw it."""

    box: FaceBox
    reach: FaceBox
    seen: bool = True


class Trail:
    """All sightings of a video, in the order of its frames."""

    def __init__(self) -> None:
        self._looks = array("q")
        self._ways: dict[int, _Way] = {}
        self._strays = _Way()

    @property
    def frames(self) -> int:
        """How many frames are shown: those up to the last look."""
        return self._looks[-1] + 1 if self._looks else 0

    def add(self, number: int, boxes: Iterable[tuple[int, FaceBox]]) -> None:
        """The faces of one frame that was looked at, each with its track (see `Observed`)."""
        look = len(self._looks)
        self._looks.append(number)
        for track, box in boxes:
            way = self._strays if track == UNFOLLOWED else self._ways.setdefault(track, _Way())
            way.add(look, box)

    def marks(self, decisions: Decisions, style: Style) -> Iterator[tuple[int, tuple[Mark, ...]]]:
        """Each frame's number from the first look to the last, and what is to be drawn onto it."""
        waiting = sorted(self._ways.items(), key=lambda one: one[1].first, reverse=True)
        present: list[tuple[int, _Way]] = []
        for look, number in enumerate(self._looks):
            while waiting and waiting[-1][1].first <= look + BEYOND:
                present.append(waiting.pop())
            present = [one for one in present if one[1].last >= look - BEYOND]
            for way in (self._strays, *(way for _, way in present)):
                way.go_to(look)
            last = look + 1 == len(self._looks)
            for frame in range(number, number + 1 if last else self._looks[look + 1]):
                places = [
                    *((track, way.place(frame, look, self._looks)) for track, way in present),
                    *((UNFOLLOWED, one) for one in self._strays.near(frame == number, look)),
                ]
                marks = (_mark(place, track, decisions, style) for track, place in places)
                yield frame, tuple(mark for mark in marks if mark is not None)


def retrace(
    frames: Iterable[Frame],
    marks: Iterable[tuple[int, Sequence[Mark]]],
    add: Callable[[Any, Sequence[Mark]], None],
    path: str,
) -> None:
    """Give each frame with its marks to `add`, up to the last that has any.

    Raises `VideoChanged` if the frames are not those that were looked at.
    """
    rest = iter(frames)
    for number, drawn in marks:
        frame = next(rest, None)
        if frame is None or frame.number != number:
            raise VideoChanged(path=path)
        add(frame.rgb, drawn)


def _mark(place: Place | None, track: int, decisions: Decisions, style: Style) -> Mark | None:
    if place is None:
        return None
    mark = style.mark(place.box, decisions.of(track))
    if mark.blur:
        return replace(mark, reach=place.reach)
    return mark if place.seen else None


# -- the way of one face ------------------------------------------------------------------


_Sighting: TypeAlias = tuple[int, FaceBox]  # the look's index, and the place


class _Way:
    """The sightings of one track, gone through once from the first look to the last."""

    def __init__(self) -> None:
        self._kept = array("i")
        self._at = -1  # the last sighting up to the present look

    def add(self, look: int, box: FaceBox) -> None:
        """One more, not earlier than those before."""
        self._kept.extend((look, *box))

    @property
    def first(self) -> int:
        """The look that first saw it."""
        return self._kept[0]

    @property
    def last(self) -> int:
        """The look that last saw it."""
        return self._kept[-5]

    def go_to(self, look: int) -> None:
        """The looks run on to this one."""
        while (following := self._get(self._at + 1)) is not None and following[0] <= look:
            self._at += 1

    def place(self, frame: int, look: int, looks: Sequence[int]) -> Place | None:
        """Where the track is at a frame that is not later than the next look; None: nowhere."""
        before, after = self._get(self._at), self._get(self._at + 1)
        exact = frame == looks[look]
        if before is not None and before[0] == look and exact:
            return Place(before[1], _grown(before[1]))
        if before is not None and after is not None:
            start, end = looks[before[0]], looks[after[0]]
            box = _between(before[1], after[1], (frame - start) / (end - start))
            return Place(box, _grown(_hull(before[1], after[1])))
        if before is not None and look - before[0] < BEYOND + exact:
            return _gone_on(before, self._get(self._at - 1))
        if before is None and after is not None:
            return _gone_on(after, self._get(self._at + 2))
        return None

    def near(self, exact: bool, look: int) -> Iterator[Place]:
        """For faces that no track joins: all that were seen within BEYOND looks."""
        at = self._at
        while (one := self._get(at)) is not None and look - one[0] < BEYOND + exact:
            yield Place(one[1], _grown(one[1]), seen=exact and one[0] == look)
            at -= 1
        at = self._at + 1
        while (one := self._get(at)) is not None and one[0] <= look + BEYOND:
            yield Place(one[1], _grown(one[1]), seen=False)
            at += 1

    def _get(self, at: int) -> _Sighting | None:
        if not 0 <= at < len(self._kept) // 5:
            return None
        look, left, top, right, bottom = self._kept[5 * at : 5 * at + 5]
        return look, (left, top, right, bottom)


def _gone_on(one: _Sighting, other: _Sighting | None) -> Place:
    """Before the first sighting or after the last: as far as it would have gone by its step."""
    ahead = one[1]
    if other is not None:
        ahead = _between(other[1], one[1], 1 + BEYOND / abs(one[0] - other[0]))
    return Place(one[1], _grown(_hull(one[1], ahead)), seen=False)


def _between(one: FaceBox, other: FaceBox, share: float) -> FaceBox:
    """The box that has gone this share of the way from one to the other."""
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
