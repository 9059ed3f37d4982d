"""The engine `dlib-hog`: dlib's templates, for the faces that its HOG detector finds.

It suits galleries whose boxes came from the default detector of `face_recognition`. It needs no
network to find faces, and misses more of them: turned faces, small faces, faces in uneven light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dlib
import numpy as np

from facecli.recognition.engines import sface
from facecli.recognition.engines.dlib.engine import DlibTemplates, clipped, template_parts
from facecli.recognition.engines.engine import LEFT_EYE, RIGHT_EYE, DetectedFace, EngineSpec

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Landmarks, Rgb

LEFT_CORNERS, RIGHT_CORNERS = (0, 1), (2, 3)
"""Indices of the corners of the subject's left and right eye among dlib's five points. The fifth
point is the base of the nose, not its tip."""


def create(spec: EngineSpec) -> HogEngine:
    """Return the engine with its network open. Raises `ModelFailed`."""
    return HogEngine(spec, *template_parts(spec.name))


class HogEngine(DlibTemplates):
    """dlib's templates, for the faces that its HOG detector finds."""

    def __init__(self, spec: EngineSpec, landmarks: Any, network: Any) -> None:
        super().__init__(spec, landmarks, network)
        self._detector = dlib.get_frontal_face_detector()

    def detect(self, rgb: Rgb) -> list[DetectedFace]:
        """Return every face of the image (height, width, 3) uint8 RGB, the largest first.

        Boxes and scores are those of dlib's HOG detector without upsampling, at 1,024 pixels if
        the image is larger. Only the eyes are located; nose and mouth are NaN.
        """
        small, scale = sface.shrunk(rgb)
        small = np.ascontiguousarray(small)
        rects, scores, _ = self._detector.run(small, 0, 0.0)
        faces = []
        for rect, score in zip(rects, scores, strict=True):
            inclusive = (rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1)
            box = clipped([side / scale for side in inclusive], rgb.shape)
            eyes = _eyes(self._landmarks(small, rect)) / np.float32(scale)
            faces.append(DetectedFace(box, float(score), eyes))
        return sorted((face for face in faces if face.area), key=lambda f: f.area, reverse=True)


def _eyes(shape: Any) -> Landmarks:
    """Return (5, 2) float32 from dlib's five points; nose and mouth are NaN."""
    corners = np.array([(shape.part(at).x, shape.part(at).y) for at in range(4)], np.float32)
    points = np.full((5, 2), np.nan, np.float32)
    points[LEFT_EYE] = corners[list(LEFT_CORNERS)].mean(axis=0)
    points[RIGHT_EYE] = corners[list(RIGHT_CORNERS)].mean(axis=0)
    return points
