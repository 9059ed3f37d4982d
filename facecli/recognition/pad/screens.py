"""The pattern of a screen in a face: moire, which the grids of pixels of screen and camera make.

Where a screen is seen by a camera, its grid aliases into a few waves of one direction and length;
skin, hair and cloth have none so pure. How strong they are depends on how many of the screen's
pixels fall on one of the camera's, and on the angle: up to about two they often stand out, beyond
that the camera can mostly not tell them from an even surface, and this check sees nothing.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from facecli.recognition.engines.engine import FaceBox, Rgb

    Plane = npt.NDArray[np.float64]
    Places = npt.NDArray[np.intp]

SIDE = 128
"""Pixels of the camera along the square over the face that is looked at."""
LOWEST = 0.12
"""Cycles a pixel from which on waves are looked for; below it faces have features."""
SEEN = 2.3
"""Of `pattern`, from which on a frame shows a screen: above 499 of 500 press photographs and each
frame of the clips of people."""


def pattern(rgb: Rgb, box: FaceBox) -> float | None:
    """How much the strongest wave in a face stands out, as a power of ten.

    The largest power in a 3 x 3 neighbourhood of the spectrum over the median at its frequency;
    0 and up, higher is more like a screen. The frequencies of the 8 x 8 blocks of JPEG and video
    codecs are left out. None where the picture (height, width, 3) uint8 RGB is smaller than SIDE.
    """
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    if min(height, width) < SIDE:
        return None
    left = min(max((box[0] + box[2] - SIDE) // 2, 0), width - SIDE)
    top = min(max((box[1] + box[3] - SIDE) // 2, 0), height - SIDE)
    part = np.ascontiguousarray(rgb[top : top + SIDE, left : left + SIDE])
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), 3)
    window, rings = _frequencies()
    power = np.fft.fftshift(np.abs(np.fft.fft2(detail * window)) ** 2)
    power = cv2.blur(power, (3, 3)).ravel()
    floor = 1e-3 * power.mean() + 1e-9  # what rounding leaves in a flat picture
    strongest = max(
        float(power[looked_at].max()) / (float(np.median(power[ring])) + floor)
        for ring, looked_at in rings
    )
    return math.log10(max(strongest, 1.0))


@lru_cache(maxsize=1)
def _frequencies() -> tuple[Plane, list[tuple[Places, Places]]]:
    """The window, and where in the spectrum each ring of about one frequency lies: all of it, and
    what of it waves are looked for in."""
    import numpy as np

    along = np.fft.fftshift(np.fft.fftfreq(SIDE))
    across, down = np.meshgrid(along, along)
    radius = np.hypot(across, down)
    blocks = np.ones_like(radius, bool)
    for part in (across, down):
        blocks &= np.abs(part - np.round(part * 8) / 8) <= 1.5 / SIDE
    rings = []
    for number in range(math.ceil(LOWEST * SIDE), SIDE // 2):
        ring = np.abs(radius * SIDE - number) <= 0.5
        rings.append((np.flatnonzero(ring), np.flatnonzero(ring & ~blocks)))
    return np.outer(np.hanning(SIDE), np.hanning(SIDE)), rings
