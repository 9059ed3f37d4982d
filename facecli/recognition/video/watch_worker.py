"""Find the faces of a video, follow each as a track, and make one template per track.

Runs in a worker process. A track is templated when it ends, from its best sighting; earlier only
where tracking needs a comparison. Of each open track the worker keeps one small picture, in
memory only: its best sighting, and, for annotated pictures, the compressed frame around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from facecli.recognition.analysis import rotation
from facecli.recognition.analysis.image import (
    MOST_FACES,
    FaceAnalysis,
    ImageAnalysis,
    ImageWithFaces,
    MadeTemplate,
)
from facecli.recognition.analysis.rotation import Angle
from facecli.recognition.analysis.soundness import is_within, spec_of
from facecli.recognition.analysis.warm_up import warm_up
from facecli.recognition.engines import engine as engines
from facecli.recognition.engines import scoring
from facecli.recognition.engines.engine import DetectedFace, Engine, EngineSpec, FaceBox
from facecli.recognition.video.tracking import Track, Tracker

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

TrackedBoxes: TypeAlias = tuple[tuple[int, FaceBox], ...]
"""The faces of a frame, each as its track's number (or UNFOLLOWED) and its box."""

UNFOLLOWED = 0
"""Stands for a track's number where no track follows a face, or none for certain."""
MARGIN = 1.0
"""Pixels kept on each side of a face to template it from, as a share of the face's size."""


@dataclass(frozen=True, eq=False)
class WatchedFrame:
    """A frame to analyse. rgb: (height, width, 3) uint8 RGB."""

    rgb: Rgb = field(repr=False)
    number: int
    seconds: float


@dataclass(frozen=True)
class EndOfVideo:
    """There are no more frames: end all tracks."""


@dataclass(frozen=True)
class KeptFrame:
    """The best frame of a track. jpeg: the frame, compressed. boxes: all faces in it."""

    jpeg: bytes = field(repr=False)
    boxes: TrackedBoxes


@dataclass(frozen=True)
class EndedTrack:
    """A track that has ended.

    frame: the number of its best frame. face: the face's number in that frame, from 1, the
    largest first. image: that frame, with this face as the only one in `faces`. kept: that frame
    itself, if frames are kept. turned: degrees clockwise by which the frame must be turned so that
    the face is upright.
    """

    track: int
    first_seconds: float
    last_seconds: float
    frame: int
    face: int
    image: ImageAnalysis
    kept: KeptFrame | None = None
    turned: Angle = 0


@dataclass(frozen=True)
class WatchReply:
    """The reply to a request.

    ended: the tracks that ended. boxes: the faces in the frame. finished: this answers
    `EndOfVideo`. sideways: degrees clockwise by which a frame without a face must be turned to show
    one; 0 if it shows none, or was not looked at in that way.
    """

    ended: tuple[EndedTrack, ...]
    boxes: TrackedBoxes = ()
    finished: bool = False
    sideways: Angle = 0

    def is_answer_to(
        self,
        request: WatchRequest,
        engine: str | EngineSpec,
        path: str,
        same: float,
        annotated: bool,
        keep_frames: bool,
    ) -> bool:
        """Return False if no sound worker answers the request so."""
        if self.finished != isinstance(request, EndOfVideo):
            return False
        if self.sideways not in rotation.ANGLES or (self.sideways and self.boxes):
            return False
        spec = spec_of(engine)
        return all(
            track.image.path == path
            and track.image.reason is None
            and len(track.image.faces) == 1
            and track.image.is_sound(spec)
            and (track.kept is None or keep_frames)
            and track.turned in rotation.ANGLES
            for track in self.ended
        ) and (
            isinstance(request, EndOfVideo)
            or all(is_within(box, *request.rgb.shape[1::-1]) for _, box in self.boxes)
        )


WatchRequest: TypeAlias = WatchedFrame | EndOfVideo


def load_watch_worker(
    engine: str | EngineSpec, path: str, same: float, annotated: bool, keep_frames: bool
) -> Callable[[WatchRequest], WatchReply]:
    """Load an engine, and return the function that answers the requests of one video.

    Args:
        path: the name of the video in records.
        same: the largest distance between two templates of one person in this video.
        annotated: the boxes will be drawn. Each face is then compared with the best of its track
            before its box carries the track's number.
        keep_frames: return the best frame with each track that ended.

    Raises:
        UnknownEngine, ModelFailed
    """
    import cv2

    cv2.setNumThreads(1)
    loaded = engines.load(engine)
    warm_up(loaded)
    follower = FaceFollower(loaded, path, same, annotated, keep_frames)

    def reply(request: WatchRequest) -> WatchReply:
        return follower.finish() if isinstance(request, EndOfVideo) else follower.take(request)

    return reply


class FaceFollower:
    """Follows the faces of one video. For the arguments see `load_watch_worker`."""

    def __init__(
        self,
        engine: Engine,
        path: str,
        same: float,
        annotated: bool = False,
        keep_frames: bool = False,
    ) -> None:
        self._engine = engine
        self._same = same
        self._annotated = annotated
        self._path = path
        self._tracker: Tracker[FaceSighting] = Tracker(same)
        self._keep_frames = keep_frames
        self._kept: dict[int, KeptFrame] = {}  # by the open track's number
        self._faceless = 0  # frames before the first face
        self._seen = False

    def take(self, frame: WatchedFrame) -> WatchReply:
        """Find and follow the faces of one frame."""
        over = self._tracker.ended(frame.seconds)
        found = self._engine.detect(frame.rgb)
        faces, rest = found[:MOST_FACES], found[MOST_FACES:]
        seen = [
            FaceSighting(self._engine, self._path, frame.rgb, faces, at) for at in range(len(faces))
        ]
        tracks = self._tracker.update(seen, frame.seconds, frame.number)
        pairs = zip(tracks, seen, strict=True)
        boxes = (
            *((self._shown_as(track, face), face.box) for track, face in pairs),
            *((UNFOLLOWED, face.box) for face in rest),
        )
        if self._keep_frames:
            self._keep(frame, boxes, [track for track in tracks if track.frame == frame.number])
        return WatchReply(self._ended(over), boxes, sideways=self._sideways(frame.rgb, found))

    def finish(self) -> WatchReply:
        """End all tracks."""
        return WatchReply(self._ended(self._tracker.finish()), finished=True)

    def _sideways(self, rgb: Rgb, found: list[DetectedFace]) -> Angle:
        """Return the angle in which a frame shows a face that it does not show upright.

        Only the first, second, fourth, eighth ... frame before the first face is looked at, so that
        a camera that sees nobody for days costs nothing.
        """
        self._seen = self._seen or bool(found)
        if self._seen:
            return 0
        self._faceless += 1
        if self._faceless & (self._faceless - 1):  # no power of two
            return 0
        return rotation.faces_when_turned(self._engine, rgb)[0]

    def _shown_as(self, track: Track[FaceSighting], face: FaceSighting) -> int:
        """Return the track that a box is drawn for; place alone does not prove who it is."""
        sure = not self._annotated or track.best is face or track.best.distance(face) <= self._same
        return track.number if sure else UNFOLLOWED

    def _keep(
        self, frame: WatchedFrame, boxes: TrackedBoxes, tracks: Iterable[Track[FaceSighting]]
    ) -> None:
        """Keep this frame for the tracks whose best frame it is."""
        from facecli.capture.images import encode_jpeg

        kept = None
        for track in tracks:
            kept = kept or KeptFrame(encode_jpeg(frame.rgb), boxes)
            self._kept[track.number] = kept

    def _ended(self, tracks: Iterable[Track[FaceSighting]]) -> tuple[EndedTrack, ...]:
        return tuple(
            EndedTrack(
                track.number,
                round(track.first_seconds, 3),
                round(track.last_seconds, 3),
                track.frame,
                track.best.place,
                track.best.image(),
                self._kept.pop(track.number, None),
                track.best.turned(),
            )
            for track in tracks
        )


class FaceSighting:
    """One face in one frame, with as much of the picture as its template needs.

    place: the face's number in the frame, from 1, the largest first.
    """

    def __init__(
        self, engine: Engine, path: str, rgb: Rgb, faces: list[DetectedFace], at: int
    ) -> None:
        face = faces[at]
        self._path = path
        self.box = face.box
        self.place = at + 1
        self._found_score = face.score or 0.0
        self._engine = engine
        self._size = rgb.shape[1], rgb.shape[0]
        self._crop, self._face = _cut(rgb, face)
        self._made: MadeTemplate | None = None

    @property
    def score(self) -> int:
        """The detector's score in percent, higher is better; 0 where it has none.

        It costs nothing, and chooses the frame of a track whose template is made. That frame's
        unified quality may need the template.
        """
        return round(100 * self._found_score)

    def distance(self, other: FaceSighting) -> float:
        """Return the distance between the two templates; lower is closer."""
        how = self._engine.spec.scoring
        return scoring.distance_between(how, self.made().template, other.made().template)

    def made(self) -> MadeTemplate:
        """Return the template and its quality, made at the first call.

        Raises:
            CaptureFailed: no usable template came of the face.
        """
        if self._made is None:
            view = ImageWithFaces(self._engine, self._path, self._crop, 1.0, [self._face])
            [self._made] = view.templates(1)
        return self._made

    def turned(self) -> Angle:
        """Return the degrees clockwise by which the frame must be turned for an upright face."""
        if not rotation.asks_for_look(self._engine.spec, self.made().norm):
            return 0
        return rotation.upright_angle(self._engine, self._crop, self._face)

    def image(self) -> ImageAnalysis:
        """Return this sighting as the analysis of a frame in which it is the only face."""
        made = self.made()
        face = FaceAnalysis(self.box, made.quality, made.template)
        width, height = self._size
        return ImageAnalysis(
            path=self._path, sha256="", width=width, height=height, faces=(face,), bystanders=0
        )


def _cut(rgb: Rgb, face: DetectedFace) -> tuple[Rgb, DetectedFace]:
    """Return a copy of the face with MARGIN around it, and the face's place in that copy."""
    left, top, right, bottom = face.box
    across, down = round((right - left) * MARGIN), round((bottom - top) * MARGIN)
    x, y = max(left - across, 0), max(top - down, 0)
    crop = rgb[y : bottom + down, x : right + across].copy()
    box = left - x, top - y, right - x, bottom - y
    landmarks = (face.landmarks - [x, y]).astype("f4")
    return crop, DetectedFace(box, face.score, landmarks)
