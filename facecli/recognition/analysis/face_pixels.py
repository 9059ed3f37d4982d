"""Exposure and sharpness of a face, measured on an upright chip of it.

Importing this module imports no numerical package.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from facecli.recognition.analysis.head_pose import point
from facecli.recognition.engines.engine import LEFT_EYE, RIGHT_EYE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from facecli.recognition.engines.engine import Landmarks, Rgb

    Luminance = npt.NDArray[np.uint8]

CHIP = 112
"""Side in pixels of the chip."""
CHIP_EYES = 44.0
"""Pixels between the eyes in the chip."""
CHIP_EYE_LINE = 46.0
"""Pixels from the upper edge of the chip to the eyes."""
ROUNDING = 0.05
"""Variance that whole-number pixels leave in the fine band of `_sharpness`."""


class FacePixels(NamedTuple):
    """Native values of the pixels of a face.

    dark, burnt: share of pixels at 0..25 and at 247..255 of 255, as in OFIQ. entropy: of the
    luminance, in bits, 0..8. mean: of the luminance, 0..1. sharpness: 0 and up, higher is sharper.
    """

    dark: float
    burnt: float
    entropy: float
    mean: float
    sharpness: float


def face_pixels(rgb: Rgb, landmarks: Landmarks) -> FacePixels | None:
    """Return the native values of a face, or None where the eyes were not located.

    Measured within an ellipse over the face; OFIQ measures within the contour of its landmarks.

    Args:
        rgb: (height, width, 3) uint8 RGB.
        landmarks: (5, 2) float32, x and y in pixels of `rgb`.
    """
    import numpy as np

    chip = _chip(rgb, landmarks)
    if chip is None:
        return None
    mask = _ellipse()
    shares = np.bincount(chip[mask], minlength=256) / np.count_nonzero(mask)
    used = shares[shares > 0]
    return FacePixels(
        dark=float(shares[:26].sum()),
        burnt=float(shares[247:].sum()),
        entropy=float(-(used * np.log2(used)).sum()),
        mean=float((shares * np.arange(256)).sum() / 255),
        sharpness=_sharpness(chip, mask),
    )


def _sharpness(chip: Luminance, mask: npt.NDArray[np.bool_]) -> float:
    """Return the contrast of fine detail over that of coarse detail: 0 and up, higher is sharper.

    Differences of Gaussians, fine between sigma 0.7 and 1.5 and coarse between 1.5 and 8 pixels
    with 44 pixels between the eyes, which is about what template networks see. The ratio does
    not depend on lighting. OFIQ instead feeds Laplacian, Sobel and mean-difference features to
    a random forest. Noise counts as detail here.
    """
    import cv2
    import numpy as np

    plane = chip.astype(np.float32)
    fine, middle, coarse = (cv2.GaussianBlur(plane, (0, 0), sigma) for sigma in (0.7, 1.5, 8.0))
    detail = max(float((fine - middle)[mask].var()) - ROUNDING, 0.0)
    return math.sqrt(detail) / max(float((middle - coarse)[mask].std()), 1.0)


def _chip(rgb: Rgb, landmarks: Landmarks) -> Luminance | None:
    """Return (CHIP, CHIP) uint8 luminance of the face, eyes level and CHIP_EYES pixels apart."""
    import cv2
    import numpy as np

    from facecli.recognition.engines import alignment

    right, left = point(landmarks, RIGHT_EYE), point(landmarks, LEFT_EYE)
    if right is None or left is None or abs(left - right) < 1:
        return None
    turn = CHIP_EYES / (left - right)
    shift = complex(CHIP / 2, CHIP_EYE_LINE) - turn * (right + left) / 2
    face = alignment.chip(rgb, alignment.Similarity(turn, shift), CHIP)
    return np.asarray(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), np.uint8)


def _ellipse() -> npt.NDArray[np.bool_]:
    """Return (CHIP, CHIP), True over the face from brows to chin, without hair and background."""
    import numpy as np

    y, x = np.ogrid[:CHIP, :CHIP]
    inside: npt.NDArray[np.bool_] = ((x - 56) / 34) ** 2 + ((y - 64) / 44) ** 2 <= 1
    return inside
