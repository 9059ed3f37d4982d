"""Find the moire of a screen in a face, which the pixel grids of screen and camera make.

A camera sees the grid of a screen as a few waves of one direction and length. Skin, hair and cloth
have no waves so pure. Their strength depends on the angle, and on the number of screen pixels per
camera pixel: up to about two they often stand out; beyond, the camera mostly sees an even surface,
and this check finds nothing.
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
"""Camera pixels along each side of the square over the face."""
LOWEST = 0.12
"""Cycles per pixel above which waves are searched; below, faces have features of their own."""
SEEN = 2.3
"""Value of `pattern` from which a frame shows a screen. It is above that of 499 of 500 press
photographs, and of every frame of the clips of people."""


def pattern(rgb: Rgb, box: FaceBox) -> float | None:
    """Return how far the strongest wave in a face stands out: 0 and up, higher is more screen-like.

    The base-10 logarithm of the largest power in a 3 x 3 neighbourhood of the spectrum over the
    median at its frequency. The frequencies of the 8 x 8 blocks of JPEG and video codecs are left
    out.

    Args:
        rgb: (height, width, 3) uint8. box: the face, (left, top, right, bottom) in pixels.

    Returns:
        None where the picture is smaller than SIDE.
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
    floor = 1e-3 * power.mean() + 1e-9  # the rounding noise of a flat picture
    strongest = max(
        float(power[looked_at].max()) / (float(np.median(power[ring])) + floor)
        for ring, looked_at in rings
    )
    return math.log10(max(strongest, 1.0))


@lru_cache(maxsize=1)
def _frequencies() -> tuple[Plane, list[tuple[Places, Places]]]:
    """Return the window, and for each frequency the places of its ring in the spectrum.

    The places come twice: the whole ring, and the part of it in which waves are searched.
    """
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
