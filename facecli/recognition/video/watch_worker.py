"""What a worker does with the frames of a video: find faces, follow them, judge each once.

A face is templated when a track ends, from its best sighting; before that only where tracking
asks. Of every open track one small picture is kept, in memory alone: that of its best sighting,
and, where tracks are to be shown, the frame that it is from, compressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from facecli.errors.capture import CaptureFailed
from facecli.recognition.analysis import quality as qualities
from facecli.recognition.analysis.image import MOST_FACES, FaceAnalysis, ImageAnalysis
from facecli.recognition.analysis.quality import Quality
from facecli.recognition.engines import engine as engines
from facecli.recognition.engines.engine import DetectedFace, Engine, EngineSpec, FaceBox
from facecli.recognition.video.tracking import Sighting, Track, Tracker

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

Boxes: TypeAlias = tuple[tuple[int, FaceBox], ...]

UNFOLLOWED = 0
"""In place of a track's number."""
AROUND = 1.0
"""Of the face's size: what is kept of the picture on each side of it, for the template."""


@dataclass(frozen=True, eq=False)
class Look:
    """A frame to look at. rgb: (height, width, 3) uint8."""

    rgb: Rgb = field(repr=False)
    number: int
    seconds: float


@dataclass(frozen=True)
class Finish:
    """There are no more frames: all tracks have ended."""


@dataclass(frozen=True)
class Picture:
    """A frame that was kept, as a JPEG; boxes: see `Observed`."""

    jpeg: bytes = field(repr=False)
    boxes: Boxes


@dataclass(frozen=True)
class TrackSeen:
    """A track that has ended. image: its best frame, with this face as the only one in `faces`;
    frame: that frame's number; face: the face's place in it, counted from 1, the largest first;
    picture: that frame, if frames are kept."""

    track: int
    first_seconds: float
    last_seconds: float
    frame: int
    face: int
    image: ImageAnalysis
    picture: Picture | None = None


@dataclass(frozen=True)
class Observed:
    """What a question led to. boxes: the faces in this frame, each with its track's number, or 0
    for what no track follows, or is not sure to. finished: whether this answers `Finish`."""

    ended: tuple[TrackSeen, ...]
    boxes: Boxes = ()
    finished: bool = False


Question: TypeAlias = Look | Finish


def setup(
    engine: str | EngineSpec, path: str, same: float, shown: bool, pictures: bool
) -> Callable[[Question], Observed]:
    """Load an engine; the function that it returns observes one video. For a `Companion`.

    path: what records call the video. same: the largest distance within one sitting. shown: the
    faces are to be shown, so that each is compared with the best of its track before it counts as
    the track's in `boxes`. pictures: keep the best frame of each track and give it out with it.
    Raises `UnknownEngine`, `ModelFailed`.
    """
    import cv2

    cv2.setNumThreads(1)
    observer = Observer(engines.load(engine), path, same, shown, pictures)

    def reply(question: Question) -> Observed:
        return observer.finish() if isinstance(question, Finish) else observer.look(question)

    return reply


class Observer:
    """Follows the faces of one video."""

    def __init__(
        self, engine: Engine, path: str, same: float, shown: bool = False, pictures: bool = False
    ) -> None:
        self._engine = engine
        self._same = same
        self._is_shown = shown
        self._path = path
        self._tracker: Tracker[FaceSeen] = Tracker(same)
        self._keeps_pictures = pictures
        self._pictures: dict[int, Picture] = {}  # by the open track's number

    def look(self, frame: Look) -> Observed:
        """Find and follow the faces of one frame."""
        over = self._tracker.ended(frame.seconds)
        found = self._engine.detect(frame.rgb)
        faces, rest = found[:MOST_FACES], found[MOST_FACES:]
        seen = [FaceSeen(self._engine, frame.rgb, faces, at) for at in range(len(faces))]
        tracks = self._tracker.update(seen, frame.seconds, frame.number)
        boxes = (
            *((self._whose(track, one), one.box) for track, one in zip(tracks, seen, strict=True)),
            *((UNFOLLOWED, face.box) for face in rest),
        )
        if self._keeps_pictures:
            self._keep(frame, boxes, [track for track in tracks if track.frame == frame.number])
        return Observed(self._judged(over), boxes)

    def _whose(self, track: Track[FaceSeen], face: FaceSeen) -> int:
        """The track that a box is shown as: by its place alone it could be somebody else's."""
        sure = not self._is_shown or track.best is face or track.best.distance(face) <= self._same
        return track.number if sure else UNFOLLOWED

    def _keep(self, frame: Look, boxes: Boxes, tracks: Iterable[Track[FaceSeen]]) -> None:
        """Keep this frame for the tracks whose best it is by now."""
        from facecli.capture.images import encode_jpeg

        picture = None
        for track in tracks:
            picture = picture or Picture(encode_jpeg(frame.rgb), boxes)
            self._pictures[track.number] = picture

    def finish(self) -> Observed:
        """End all tracks."""
        return Observed(self._judged(self._tracker.finish()), finished=True)

    def _judged(self, tracks: Iterable[Track[FaceSeen]]) -> tuple[TrackSeen, ...]:
        return tuple(
            TrackSeen(
                track.number,
                round(track.first_seconds, 3),
                round(track.last_seconds, 3),
                track.frame,
                track.best.place,
                track.best.image(self._path),
                self._pictures.pop(track.number, None),
            )
            for track in tracks
        )


class FaceSeen:
    """A sighting, with as much of the picture as its template needs."""

    def __init__(self, engine: Engine, rgb: Rgb, faces: list[DetectedFace], at: int) -> None:
        face = faces[at]
        self.box = face.box
        self.place = at + 1
        self.quality: Quality = qualities.assess(rgb, face, faces[:at] + faces[at + 1 :])
        self._engine = engine
        self._size = rgb.shape[1], rgb.shape[0]
        self._crop, self._face = _cut(rgb, face)
        self._vector: Any = None

    @property
    def score(self) -> int:
        """Unified quality, 0..100; 0 where it could not be assessed."""
        return self.quality.unified or 0

    def distance(self, other: Sighting) -> float:
        """Euclidean, between the templates."""
        import numpy as np

        if not isinstance(other, FaceSeen):
            raise TypeError("sightings of one kind only")
        return float(np.linalg.norm(self.vector() - other.vector()))

    def vector(self) -> Any:
        """The template, (dimension,) float32; made once. Raises `CaptureFailed`."""
        import numpy as np

        if self._vector is None:
            row = np.asarray(self._engine.templates(self._crop, [self._face])[0], "<f4")
            if not np.isfinite(row).all():
                raise CaptureFailed(path="the video", why="no usable template came of a face")
            self._vector = row
        return self._vector

    def image(self, path: str) -> ImageAnalysis:
        """This sighting as the only face of its frame."""
        face = FaceAnalysis(self.box, self.quality, self.vector().tobytes())
        width, height = self._size
        return ImageAnalysis(
            path=path, sha256="", width=width, height=height, faces=(face,), bystanders=0
        )


def _cut(rgb: Rgb, face: DetectedFace) -> tuple[Rgb, DetectedFace]:
    """A copy of the face and what is around it, and the face's place in that."""
    left, top, right, bottom = face.box
    across, down = round((right - left) * AROUND), round((bottom - top) * AROUND)
    x, y = max(left - across, 0), max(top - down, 0)
    crop = rgb[y : bottom + down, x : right + across].copy()
    box = left - x, top - y, right - x, bottom - y
    landmarks = (face.landmarks - [x, y]).astype("f4")
    return crop, DetectedFace(box, face.score, landmarks)
