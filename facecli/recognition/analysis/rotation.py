"""Tell faces that stand turned by a quarter, a half or three quarters of a turn in their image.

A detector finds many turned faces, with landmarks as if they were upright. Templates of such faces
match each other and nobody else. A turned face has a higher score of the detector in the rotation
in which it is upright. Angles are degrees clockwise by which the image must be turned for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import DetectedFace, Engine, EngineSpec, FaceBox, Rgb

Angle: TypeAlias = Literal[0, 90, 180, 270]
ANGLES: tuple[Angle, ...] = (0, 90, 180, 270)
TURNS = ANGLES[1:]
LOOK_AGAIN_NORM = 9.5
"""Norm of the network's output below which a probe is looked at in all rotations. Measured with
`sface` on LFW: 0.8 % of upright faces are below, and 99 % of turned ones that are detected."""
_MEASURED = {"sface"}
_VIEW = 128
"""Side in pixels of the view in which a face is looked at; the face takes half of it."""


def asks_for_look(spec: EngineSpec, norm: float) -> bool:
    """Return True if the norm of a template asks for a look in all rotations."""
    return _has_norms(spec) and norm < LOOK_AGAIN_NORM


def _has_norms(spec: EngineSpec) -> bool:
    """Return True for an engine whose norms were measured."""
    return spec.name in _MEASURED


def turned(rgb: Rgb, angle: int) -> Rgb:
    """Return (height, width, 3) uint8 RGB turned clockwise by a multiple of 90 degrees."""
    import numpy as np

    return np.ascontiguousarray(np.rot90(rgb, -angle // 90)) if angle else rgb


def turned_back(box: FaceBox, angle: int, size: tuple[int, int]) -> FaceBox:
    """Return the box in the image before it was turned clockwise by `angle` degrees.

    size: (width, height) of the turned image, in pixels.
    """
    left, top, right, bottom = box
    width, height = size
    if angle == 90:
        return top, width - right, bottom, width - left
    if angle == 180:
        return width - right, height - bottom, width - left, height - top
    if angle == 270:
        return height - bottom, left, height - top, right
    return box


def upright_angle(engine: Engine, rgb: Rgb, face: DetectedFace) -> Angle:
    """Return the angle in which a face scores highest: 0, 90, 180 or 270.

    rgb: (height, width, 3) uint8 RGB. An engine whose detector has no scores gives 0 for a face
    that it finds upright.
    """
    view = surroundings(rgb, face.box, _VIEW)
    scores = {angle: _central_score(engine, turned(view, angle)) for angle in TURNS}
    best = max(TURNS, key=scores.__getitem__)
    if _score(face) >= scores[best] or _central_score(engine, view) >= scores[best]:
        return 0
    return best


def faces_when_turned(engine: Engine, rgb: Rgb) -> tuple[Angle, list[DetectedFace]]:
    """Return the angle in which an image without upright faces shows the best one, and its faces.

    The faces are those of the turned image. Returns 0 and no faces if no rotation shows any.
    """
    found = {angle: engine.detect(turned(rgb, angle)) for angle in TURNS}
    best = max(TURNS, key=lambda angle: max(map(_score, found[angle]), default=0.0))
    return (best, found[best]) if found[best] else (0, [])


def surroundings(rgb: Rgb, box: FaceBox, side: int | None = None) -> Rgb:
    """Return a square with a face in its middle, which takes half of it.

    Edges are continued where the image ends. side: of the square in pixels; None: not resized.
    """
    import cv2
    import numpy as np

    left, top, reach = _square_around(box)
    side = side or reach
    scale = side / reach
    move = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float64)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = cv2.warpAffine(rgb, move, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(square, np.uint8)


def out_of_surroundings(found: FaceBox, box: FaceBox, size: tuple[int, int]) -> FaceBox:
    """Return a box that was found in the `surroundings` of another, in the image.

    size: (width, height) of the image, in pixels.
    """
    left, top, _ = _square_around(box)
    width, height = size
    return (
        max(found[0] + left, 0),
        max(found[1] + top, 0),
        min(found[2] + left, width),
        min(found[3] + top, height),
    )


def _square_around(box: FaceBox) -> tuple[int, int, int]:
    """Return left, top and side of the square with a face in its middle half."""
    left, top, right, bottom = box
    side = 2 * max(right - left, bottom - top, 1)
    return (left + right - side) // 2, (top + bottom - side) // 2, side


def central_face(engine: Engine, rgb: Rgb) -> DetectedFace | None:
    """Return the face with the highest score in the middle half of an image, or None."""
    height, width = rgb.shape[:2]
    central = [
        face
        for face in engine.detect(rgb)
        if width / 4 < (face.box[0] + face.box[2]) / 2 < width * 3 / 4
        and height / 4 < (face.box[1] + face.box[3]) / 2 < height * 3 / 4
    ]
    return max(central, key=_score, default=None)


def _central_score(engine: Engine, view: Rgb) -> float:
    face = central_face(engine, view)
    return 0.0 if face is None else _score(face)


def _score(face: DetectedFace) -> float:
    return 1.0 if face.score is None else face.score
