"""The engine `reference`: the unchanged `face_recognition` package, for comparison.

Import this module only in a process of its own (`engine.load` in a worker). The package loads all
its models at import. Among them is the model of 68 landmarks, whose terms exclude commercial use;
no other engine uses it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines.engine import RESNET_SHA256, DetectedFace, EngineSpec
from facecli.recognition.engines.scoring import NetworkOutput

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Landmarks, Rgb

LONGEST_SIDE = 1600
"""Pixels; larger images are shrunk first, as the package's own command line does."""

REMEDY = (
    "it needs the package face_recognition with its models and, for these, setuptools below 81; "
    "run pip install 'facecli[reference]'"
)


def create(spec: EngineSpec) -> ReferenceEngine:
    """Return the engine on a freshly imported `face_recognition`. Raises `ModelFailed`."""
    return ReferenceEngine(spec, _import_package())


def _import_package() -> ModuleType:
    """Import `face_recognition`, and turn its failures at import into errors.

    Without `pkg_resources` the package prints to stdout, closes stdin and exits with status 0,
    which a scheduled job takes for success. It also makes Pillow accept truncated images
    everywhere.
    """
    from PIL import ImageFile

    stdin, sys.stdin = sys.stdin, io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import face_recognition
            import face_recognition_models
    except (SystemExit, ImportError, RuntimeError, OSError) as error:
        why = f"{REMEDY} ({error})" if isinstance(error, ImportError) else REMEDY
        raise ModelFailed(engine="reference", why=why) from None
    finally:
        sys.stdin = stdin
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    _check_network(Path(face_recognition_models.face_recognition_model_location()))
    return face_recognition  # type: ignore[no-any-return]


def _check_network(path: Path) -> None:
    """Refuse another network: its templates would be compared with those of this one."""
    if hashlib.sha256(path.read_bytes()).hexdigest() != RESNET_SHA256:
        raise ModelFailed(engine="reference", why=f"{path} is not the network it should be")


class ReferenceEngine:
    """The HOG detector upsampled once, the package's own templates, plain Euclidean distance."""

    def __init__(self, spec: EngineSpec, package: ModuleType) -> None:
        self.spec = spec
        self._package = package

    def detect(self, rgb: Rgb) -> list[DetectedFace]:
        """Return every face of the image (height, width, 3) uint8 RGB, the largest first."""
        small, scale = _shrink(rgb)
        with _silent_stdout():
            boxes = self._package.face_locations(small)
            marks = self._package.face_landmarks(small, boxes) if boxes else []
        faces = [
            DetectedFace(_unscale(box, scale, rgb.shape), None, _five_points(mark) * scale)
            for box, mark in zip(boxes, marks, strict=True)
        ]
        return sorted(faces, key=lambda face: face.area, reverse=True)

    def templates(self, rgb: Rgb, faces: Sequence[DetectedFace]) -> NetworkOutput:
        """Return (len(faces), 128) vectors, as `face_recognition.face_encodings` makes them."""
        if not faces:
            return NetworkOutput.unchanged(np.empty((0, self.spec.dimension), np.float32))
        small, scale = _shrink(rgb)
        boxes = [_css_box(face, scale) for face in faces]
        with _silent_stdout():
            encodings = self._package.face_encodings(small, boxes)
        return NetworkOutput.unchanged(np.asarray(encodings, np.float32))


def _silent_stdout() -> contextlib.redirect_stdout[io.StringIO]:
    return contextlib.redirect_stdout(io.StringIO())


def _shrink(rgb: Rgb) -> tuple[Rgb, float]:
    """Return the image with at most LONGEST_SIDE pixels a side, and the factor back to its size."""
    from PIL import Image

    height, width = rgb.shape[:2]
    if max(height, width) <= LONGEST_SIDE:
        return np.ascontiguousarray(rgb), 1.0
    image = Image.fromarray(rgb)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(image), max(width / image.width, height / image.height)


def _unscale(
    css: tuple[int, int, int, int], scale: float, shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Return the package's (top, right, bottom, left) as a box in the original image."""
    top, right, bottom, left = (round(side * scale) for side in css)
    return max(left, 0), max(top, 0), min(right, shape[1]), min(bottom, shape[0])


def _css_box(face: DetectedFace, scale: float) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(side / scale) for side in face.box)
    return top, right, bottom, left


def _five_points(marks: dict[str, list[tuple[int, int]]]) -> Landmarks:
    """Return (5, 2) float32 from the package's 68 points.

    Its `left_eye` is on the left of the picture and so the subject's right eye. The tip of the
    nose is the last point of the bridge. The first and seventh points of the lips are the corners.
    """
    lips = marks["top_lip"]
    points = [
        np.mean(marks["left_eye"], axis=0),
        np.mean(marks["right_eye"], axis=0),
        marks["nose_bridge"][-1],
        lips[0],
        lips[6],
    ]
    return np.asarray(points, np.float32)
