"""The turn of the head and the distance of the eyes, from five landmarks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from facecli.recognition.engines.engine import (
    LEFT_EYE,
    LEFT_MOUTH,
    NOSE_TIP,
    RIGHT_EYE,
    RIGHT_MOUTH,
)

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Landmarks


@dataclass(frozen=True)
class HeadPose:
    """Angles in degrees, 0 is frontal; None: could not assess.

    yaw: towards the right of the picture. pitch: upwards. roll: clockwise.
    """

    yaw: float | None
    pitch: float | None
    roll: float | None


NOSE_DEPTH, NOSE_DROP = 0.57, 0.54
MOUTH_DEPTH, MOUTH_DROP = 0.06, 1.10
"""Place of the tip of the nose and of the middle of the mouth, in front of and below the middle
of the eyes, in inter-eye distances. Source: the canonical face model of MediaPipe."""


def head_pose(landmarks: Landmarks | Sequence[tuple[float, float]]) -> HeadPose:
    """Return the turn of the head from five landmarks, by weak perspective on a rigid mean face.

    Simpler than OFIQ, which fits a 3D face (3DDFA-V2). Expect errors of 10 degrees, and more in
    pitch, where noses differ.

    Args:
        landmarks: (5, 2) float32, x and y in pixels, in the order of `RIGHT_EYE` and so on; NaN
            where a point was not located.
    """
    right, left, nose = (point(landmarks, row) for row in (RIGHT_EYE, LEFT_EYE, NOSE_TIP))
    if right is None or left is None or right == left:
        return HeadPose(None, None, None)
    across = left - right
    unit, roll = across / abs(across), math.degrees(math.atan2(across.imag, across.real))
    if nose is None:
        return HeadPose(None, None, roll)
    # In the frame of the eyes: real part along the eye line, imaginary part down the face.
    tip = (nose - (right + left) / 2) / unit / abs(across)
    yaw = math.degrees(math.atan(tip.real / NOSE_DEPTH))
    corners = (point(landmarks, RIGHT_MOUTH), point(landmarks, LEFT_MOUTH))
    if corners[0] is None or corners[1] is None:
        return HeadPose(yaw, None, roll)
    mouth = ((corners[0] + corners[1]) / 2 - (right + left) / 2) / unit / abs(across)
    return HeadPose(yaw, _pitch(tip, mouth), roll)


def _pitch(tip: complex, mouth: complex) -> float:
    """Return the pitch in degrees. tip, mouth: in the frame of the eyes, in eye distances."""
    if mouth.imag <= 0:
        return 90.0
    share = tip.imag / mouth.imag
    rise = (NOSE_DROP - share * MOUTH_DROP) / max(NOSE_DEPTH - share * MOUTH_DEPTH, 0.05)
    return math.degrees(math.atan(rise))


def inter_eye_distance(landmarks: Landmarks, yaw: float | None) -> float | None:
    """Return the pixels between the eyes' centres, or None if an eye was not located.

    The distance is corrected for a turned head as OFIQ does, by 1/cos(yaw).

    Args:
        landmarks: (5, 2) float32, x and y in pixels.
        yaw: degrees; None counts as frontal.
    """
    right, left = point(landmarks, RIGHT_EYE), point(landmarks, LEFT_EYE)
    if right is None or left is None:
        return None
    return abs(left - right) / max(math.cos(math.radians(yaw or 0.0)), 0.1)


def point(landmarks: Landmarks | Sequence[tuple[float, float]], row: int) -> complex | None:
    """Return a landmark as x + iy, or None if it was not located."""
    x, y = (float(value) for value in landmarks[row])
    return complex(x, y) if math.isfinite(x) and math.isfinite(y) else None
