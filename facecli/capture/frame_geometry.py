"""The shape of a video's pixels, and frames too dark to show anybody.

Numerical packages are imported inside the functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

DARK = 24.0
"""Mean grey level, 0..255, below which a frame is dark: a covered lens, or light that was off."""
_LARGEST_RATIO = 4.0
_SAMPLED = 8  # each n-th row and column is enough for the mean


def pixel_ratio(capture: Any) -> float:
    """Return the width of a pixel divided by its height, as an open `cv2.VideoCapture` states it.

    The ratio is that of the frames as they are read: OpenCV turns them as the file asks for. It is
    1 where nothing usable is stated.
    """
    import cv2

    across, down = capture.get(cv2.CAP_PROP_SAR_NUM), capture.get(cv2.CAP_PROP_SAR_DEN)
    if across <= 0 or down <= 0 or not 1 / _LARGEST_RATIO <= across / down <= _LARGEST_RATIO:
        return 1.0
    lies = round(capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 180 == 90
    return float(down / across if lies else across / down)


def with_square_pixels(frame: Pixels, ratio: float) -> Pixels:
    """Return a frame (height, width, 3) uint8 stretched so that its pixels are square.

    The shorter side of a pixel is stretched, so that no detail is lost. ratio: see `pixel_ratio`.
    """
    import cv2
    import numpy as np

    if ratio == 1:
        return frame
    height, width = frame.shape[:2]
    size = (round(width * ratio), height) if ratio > 1 else (width, round(height / ratio))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def is_dark(frame: Pixels) -> bool:
    """Return True if a frame (height, width, 3) uint8 shows next to nothing."""
    return float(frame[::_SAMPLED, ::_SAMPLED].mean()) < DARK
