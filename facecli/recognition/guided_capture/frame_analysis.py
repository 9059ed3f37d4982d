"""Analyse one frame of a camera or video: as an image file, and with its landmarks.

Runs in a worker process. Guidance needs an answer for every frame, also for a refused one; a
template is made only of a frame that enrolment would take. Nothing is written to disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis, ImageWithFaces, photo_of
from facecli.recognition.analysis.soundness import (
    is_sha256,
    is_template,
    spec_of,
)
from facecli.recognition.analysis.warm_up import invented_face, warm_up
from facecli.recognition.engines import engine as engines
from facecli.recognition.engines.engine import Engine, EngineSpec, Points
from facecli.recognition.pad.cues import CueFinder, Cues, PadChecks

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb


@dataclass(frozen=True, eq=False)
class FrameRequest:
    """One frame to analyse.

    rgb: (height, width, 3) uint8 RGB. number, seconds: its place in the source. path: the name of
    the source in errors and records. keep_photo: also return the photo to store, if the frame is
    good enough to enrol.
    """

    rgb: Rgb = field(repr=False)
    number: int
    seconds: float
    path: str
    keep_photo: bool = False


@dataclass(frozen=True)
class FrameAnalysis:
    """The analysis of one frame.

    image: as of an image file to enrol. Its `sha256` is that of the frame's RGB bytes, and empty
    for a refused frame. landmarks: of the main face, in pixels; empty where there is none. cues:
    of a presentation attack, if they were asked for.
    """

    number: int
    seconds: float
    image: ImageAnalysis
    landmarks: Points = ()
    cues: Cues | None = None

    def is_answer_to(
        self, request: FrameRequest, engine: str | EngineSpec, checks: PadChecks | None = None
    ) -> bool:
        """Return False if no sound worker answers the request so."""
        height, width = request.rgb.shape[:2]
        image, spec = self.image, spec_of(engine)
        template = self.cues.template if self.cues else None
        return (
            (self.number, self.seconds, image.path)
            == (request.number, request.seconds, request.path)
            and (image.width, image.height) == (width, height)
            and (image.sha256 == "" if image.reason else is_sha256(image.sha256))
            and image.is_sound(spec)
            and len(image.faces) <= 1
            and (image.photo is None or request.keep_photo)
            and (checks is not None or self.cues is None)
            and (template is None or is_template(template, spec))
        )

    @property
    def face(self) -> FaceAnalysis | None:
        """The main face, or None."""
        return self.image.faces[0] if self.image.faces else None

    @property
    def reason(self) -> str | None:
        """The reason code for which this frame is not good enough to enrol, or None."""
        return self.image.reason


def load_frame_worker(
    engine: str | EngineSpec, checks: PadChecks | None = None
) -> Callable[[FrameRequest], FrameAnalysis]:
    """Load an engine, and return the function that analyses frames with it.

    checks: the checks whose cues are found as well; None: no cues.

    Raises:
        UnknownEngine, ModelFailed, PadModelFailed
    """
    import cv2

    cv2.setNumThreads(1)
    loaded = engines.load(engine)
    warm_up(loaded)
    cue_finder = CueFinder(loaded, checks) if checks else None
    if cue_finder:
        rgb, face = invented_face()
        cue_finder.cues(ImageWithFaces(loaded, "", rgb, 1.0, [face]), None)

    def task(request: FrameRequest) -> FrameAnalysis:
        return analyse_frame(loaded, request, cue_finder)

    return task


def analyse_frame(
    engine: Engine, request: FrameRequest, cue_finder: CueFinder | None = None
) -> FrameAnalysis:
    """Return the analysis of one frame.

    Raises:
        CaptureFailed: no usable template came of the face.
    """
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
    cues = cue_finder.cues(view, template) if cue_finder else None
    landmarks = view.found[0].points if view.found else ()
    return FrameAnalysis(request.number, request.seconds, image, landmarks, cues)
