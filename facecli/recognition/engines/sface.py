"""The engine `sface`: YuNet finds faces and five landmarks, SFace makes the template.

Both networks come with facecli (see facecli/models/PROVENANCE.md) and run in ONNX Runtime.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from facecli.recognition.engines import alignment
from facecli.recognition.engines.engine import DetectedFace, EngineSpec
from facecli.recognition.engines.scoring import NetworkOutput
from facecli.recognition.engines.weights import (
    SFACE,
    YUNET,
    Recipe,
    Weights,
    built_network,
    open_session,
    read_shipped,
)

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnxruntime

    from facecli.recognition.engines.engine import Rgb

    Floats = npt.NDArray[np.float32]

LONGEST_SIDE = 1024
"""Pixels of the longer side at which faces are detected; larger images are shrunk."""
SCORE = 0.7
"""Lowest score of a face: the root of class times objectness, 0..1."""
OVERLAP = 0.3
"""Highest intersection over union of two faces."""
STRIDES = (8, 16, 32)
"""Pixels from one cell to the next, for each of YuNet's three outputs."""
SIDE = 112
"""Side of the chip in pixels."""
FIVE_POINTS = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)
"""(5, 2) places of the landmarks in the chip, x and y in pixels. Source: ArcFace (Deng et al.,
CVPR 2019); SFace was trained on it."""
BATCH = 4
"""Chips in one run. The last matrix, 26 MB, is then read once for four faces. With eight or more,
the data between the layers no longer fits the processor's cache, and a face takes 20 ms instead
of 15.5 (AMD Zen 3). Chips of several images are not combined: that would save 4 % of an image's
time, and a file that kills its worker would cost the other images their results."""


def _yunet(source: bytes) -> bytes:
    # Imports onnx, which a cached network does not need.
    from facecli.recognition.engines import onnx_recipes

    return onnx_recipes.yunet(source)


def _sface(source: bytes) -> bytes:
    from facecli.recognition.engines import onnx_recipes

    return onnx_recipes.sface(source)


DETECTOR = Recipe("yunet", 1, _yunet)
NETWORK = Recipe("sface", 4, _sface)


def create(spec: EngineSpec) -> SFaceEngine:
    """Return the engine with both sessions open. Raises `ModelFailed`."""
    return SFaceEngine(spec, detector(spec.name), _opened(SFACE, NETWORK, spec.name))


def detector(engine: str) -> YuNet:
    """Return the detector, for this engine or another. Raises `ModelFailed`."""
    return YuNet(_opened(YUNET, DETECTOR, engine))


def _opened(weights: Weights, recipe: Recipe, engine: str) -> onnxruntime.InferenceSession:
    read = partial(read_shipped, weights, engine)
    return open_session(built_network(weights, recipe, engine, read), engine)


class SFaceEngine:
    """Vectors of unit length, 128 float32, with the norms of the network's output."""

    def __init__(
        self, spec: EngineSpec, detector: YuNet, network: onnxruntime.InferenceSession
    ) -> None:
        self.spec = spec
        self._detector = detector
        self._network = network

    def detect(self, rgb: Rgb) -> list[DetectedFace]:
        """Return every face of the image (height, width, 3) uint8 RGB, the largest first."""
        return self._detector.detect(rgb)

    def templates(self, rgb: Rgb, faces: Sequence[DetectedFace]) -> NetworkOutput:
        """Return the vector, 128 numbers, and the norm of each face."""
        chips = np.empty((len(faces), 3, SIDE, SIDE), np.float32)
        for at, face in enumerate(faces):
            chips[at] = aligned(rgb, face).transpose(2, 0, 1)
        return self.templates_of(chips)

    def templates_of(self, chips: Floats) -> NetworkOutput:
        """Return vectors and norms of (n) chips.

        chips: (n, 3, 112, 112) float32 RGB, 0..255, of any images.
        """
        raw = np.empty((len(chips), self.spec.dimension), np.float32)
        for start in range(0, len(chips), BATCH):
            rows = slice(start, start + BATCH)
            [raw[rows]] = self._network.run(None, {"input": chips[rows]})
        return NetworkOutput.of_unit_length(raw)


def aligned(rgb: Rgb, face: DetectedFace) -> Rgb:
    """Return (112, 112, 3) uint8 RGB: the face turned, scaled and shifted onto FIVE_POINTS."""
    return alignment.chip(rgb, alignment.between(face.landmarks, FIVE_POINTS), SIDE)


class YuNet:
    """The detector (Wu et al., Machine Intelligence Research 20, 2023), with its decoding.

    For each stride and cell (row r, column c), the middle of the box is ((c, r) + offset) times
    the stride, its size is exp(size) times the stride, and a landmark is ((c, r) + offset) times
    the stride. The score is the root of class times objectness, which are sigmoids, 0..1.
    """

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._outputs = [item.name for item in session.get_outputs()]

    def detect(self, rgb: Rgb, lowest: float = SCORE) -> list[DetectedFace]:
        """Return the faces that score `lowest` (0..1) or more, the largest first.

        rgb: (height, width, 3) uint8 RGB.
        """
        plane, scale = _network_input(rgb)
        values = self._session.run(self._outputs, {"input": plane})
        cells = _cells(plane.shape[2], plane.shape[3])
        scores, boxes, points = _decoded(
            dict(zip(self._outputs, values, strict=True)), cells, lowest
        )
        faces = [
            _face(boxes[at] / scale, float(scores[at]), points[at] / scale, rgb.shape)
            for at in _suppressed(scores, boxes)
        ]
        return sorted((face for face in faces if face.area), key=lambda f: f.area, reverse=True)


def _network_input(rgb: Rgb) -> tuple[Floats, float]:
    """Return (1, 3, height, width) float32 BGR, sides multiples of 32, and its scale."""
    small, scale = shrunk(rgb)
    rows, columns = small.shape[:2]
    step = STRIDES[-1]
    plane = np.zeros((1, 3, -(-rows // step) * step, -(-columns // step) * step), np.float32)
    for colour, values in enumerate(reversed(cv2.split(small))):
        plane[0, colour, :rows, :columns] = values
    return plane, scale


def shrunk(rgb: Rgb) -> tuple[Rgb, float]:
    """Return the image with at most LONGEST_SIDE pixels a side, and its scale, 0..1.

    Areas are averaged by a whole factor, which is much faster than by another factor. The rest is
    less than one half, so that interpolation skips no pixel. rgb: (height, width, 3) uint8.
    """
    longest = max(rgb.shape[:2])
    factor = min(int(longest / LONGEST_SIDE + 0.1), *rgb.shape[:2])
    if factor > 1:
        rows, columns = (side // factor for side in rgb.shape[:2])
        part = rgb[: rows * factor, : columns * factor]
        rgb = _resized(part, columns, rows, cv2.INTER_AREA)
    rows, columns = rgb.shape[:2]
    rest = min(LONGEST_SIDE / max(rows, columns), 1.0)
    if rest < 1:
        columns, rows = (max(round(side * rest), 1) for side in (columns, rows))
        rgb = _resized(rgb, columns, rows, cv2.INTER_LINEAR)
    return rgb, rest / max(factor, 1)


def _resized(rgb: Rgb, columns: int, rows: int, how: int) -> Rgb:
    return np.asarray(cv2.resize(rgb, (columns, rows), interpolation=how), np.uint8)


@lru_cache(maxsize=8)
def _cells(height: int, width: int) -> Floats:
    """Return column, row and stride of every cell, (n, 3), in the order of YuNet's outputs.

    height, width: pixels of the network's input.
    """
    parts = []
    for stride in STRIDES:
        row, column = np.indices((height // stride, width // stride), np.float32).reshape(2, -1)
        parts.append(np.stack([column, row, np.full_like(row, stride)], axis=1))
    return np.concatenate(parts)


def _decoded(named: dict[str, Any], cells: Floats, lowest: float) -> tuple[Floats, Floats, Floats]:
    """Return the candidates: scores (n), boxes (n, 4), landmarks (n, 5, 2)."""
    of_class, objectness, box, point = (
        np.concatenate([named[f"{what}_{stride}"][0] for stride in STRIDES])
        for what in ("cls", "obj", "bbox", "kps")
    )
    score = np.sqrt(of_class[:, 0] * objectness[:, 0])
    found = np.flatnonzero(score >= lowest)
    corner, stride = cells[found, :2], cells[found, 2:]
    middle, half = corner + box[found, :2], np.exp(np.minimum(box[found, 2:], 20)) / 2
    points = point[found].reshape(-1, 5, 2) + corner[:, None]
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    return score[found], boxes * stride, points * stride[:, None]


def _suppressed(scores: Floats, boxes: Floats) -> list[int]:
    """Return the rows to keep, best score first: none overlaps a better one more than OVERLAP."""
    order = np.argsort(-scores, kind="stable")
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    kept = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        both = np.prod(np.maximum(high - low, 0), axis=1)
        order = rest[both <= OVERLAP * (area[best] + area[rest] - both)]
    return kept


def _face(box: Floats, score: float, points: Floats, shape: tuple[int, ...]) -> DetectedFace:
    limit = [shape[1], shape[0], shape[1], shape[0]]
    left, top, right, bottom = (int(side) for side in np.clip(np.rint(box), 0, limit))
    return DetectedFace((left, top, right, bottom), score, points.astype(np.float32))
