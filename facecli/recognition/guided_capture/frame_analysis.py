"""What a worker does for one frame of a camera or video: as for an image file, and the landmarks.

Guidance needs an answer for every frame, also for one that is refused; the template is made only
of a frame that enrolment would take. Nothing of a frame is written to disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis, ImageWithFaces, photo_of
from facecli.recognition.engines import engine as engines
from facecli.recognition.engines.engine import Engine, EngineSpec, Points
from facecli.recognition.pad.cues import Cues, Examiner, Wanted

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb


@dataclass(frozen=True, eq=False)
class FrameRequest:
    """One frame to analyse. rgb: (height, width, 3) uint8 RGB. number, seconds: its place in the
    source. path: what errors and records call the source. keep_photo: return the picture to be
    kept as well, if the frame is good enough to enrol."""

    rgb: Rgb = field(repr=False)
    number: int
    seconds: float
    path: str
    keep_photo: bool = False


@dataclass(frozen=True)
class FrameAnalysis:
    """What was seen in one frame. landmarks: of the main face; empty where there is none. cues:
    of a presentation attack, where they were looked for.

    image: as of an image file that was to be enrolled. Its `sha256` is that of the frame's RGB
    bytes, and empty for a frame that was refused.
    """

    number: int
    seconds: float
    image: ImageAnalysis
    landmarks: Points = ()
    cues: Cues | None = None

    @property
    def face(self) -> FaceAnalysis | None:
        """The main face."""
        return self.image.faces[0] if self.image.faces else None

    @property
    def reason(self) -> str | None:
        """Why this frame is not good enough to enrol."""
        return self.image.reason


def setup(
    engine: str | EngineSpec, wanted: Wanted | None = None
) -> Callable[[FrameRequest], FrameAnalysis]:
    """Load an engine in this worker; the function that it returns analyses frames with it.

    wanted: the cues of a presentation attack that are looked for as well, if any are.
    Raises `UnknownEngine`, `ModelFailed`, `PadModelFailed`.
    """
    import cv2

    cv2.setNumThreads(1)
    loaded = engines.load(engine)
    examiner = Examiner(loaded, wanted) if wanted else None

    def task(request: FrameRequest) -> FrameAnalysis:
        return analyse_frame(loaded, request, examiner)

    return task


def analyse_frame(
    engine: Engine, request: FrameRequest, examiner: Examiner | None = None
) -> FrameAnalysis:
    """The analysis of one frame. Raises `CaptureFailed` if no usable template came of it."""
    rgb = request.rgb
    view = ImageWithFaces(engine, request.path, rgb, 1.0, engine.detect(rgb))
    faces, reason = view.main_face()
    image = ImageAnalysis(
        path=request.path,
        sha256="" if reason else hashlib.sha256(rgb.tobytes()).hexdigest(),
        width=rgb.shape[1],
        height=rgb.shape[0],
        faces=faces,
        bystanders=len(view.found) - len(faces),
        photo=photo_of(view) if request.keep_photo and reason is None else None,
        reason=reason,
    )
    template = faces[0].template if faces else None
    cues = examiner.cues(view, template) if examiner else None
    landmarks = view.found[0].points if view.found else ()
    return FrameAnalysis(request.number, request.seconds, image, landmarks, cues)
