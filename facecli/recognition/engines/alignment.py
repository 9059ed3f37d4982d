"""Cut a face out of an image, upright and at a fixed size.

A similarity turns, scales and shifts: with points as complex numbers x + iy it is
z -> turn * z + shift. It never mirrors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Points = npt.NDArray[np.float32]


class Similarity(NamedTuple):
    """A map from pixels of an image to pixels of a chip: z -> turn * z + shift."""

    turn: complex
    shift: complex

    def of(self, point: complex) -> complex:
        """Return the place in the chip of a point of the image, both x + iy in pixels."""
        return self.turn * point + self.shift


def between(source: Points, target: Points) -> Similarity:
    """Return the similarity from `source` to `target` with the least squared error.

    Source: the closed solution of Umeyama (IEEE PAMI 13, 1991) in two dimensions, without
    mirroring.

    Args:
        source: (n, 2) float32, x and y in pixels of the image.
        target: (n, 2) float32, x and y in pixels of the chip.

    Raises:
        ValueError: the source points coincide.
    """
    z, t = (points.astype(np.float64) @ np.array([1, 1j]) for points in (source, target))
    middle, goal = z.mean(), t.mean()
    spread = float(np.sum(np.abs(z - middle) ** 2))
    if not spread > 0:
        raise ValueError("the points coincide")
    turn = complex(np.sum(np.conj(z - middle) * (t - goal)) / spread)
    return Similarity(turn, complex(goal) - turn * complex(middle))


def chip(image: Pixels, similarity: Similarity, side: int) -> Pixels:
    """Return (side, side) or (side, side, channels) uint8: the face cut out of the image.

    Beyond the image its border is repeated. A face that is reduced to less than half is averaged
    over areas first, because a warp would skip pixels and add false detail.

    Args:
        image: (height, width) or (height, width, channels) uint8.
        side: of the chip, in pixels.
    """
    part, to_chip = _region(image, similarity, side)
    shrink = max(int(1 / max(abs(similarity.turn), 1e-6)), 1)
    if shrink > 1:
        height, width = part.shape[:2]
        size = (max(width // shrink, 1), max(height // shrink, 1))
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        ratio = (width / size[0] + height / size[1]) / 2
        half = complex(1, 1) * (ratio - 1) / 2  # centres of pixels, not corners, are at integers
        to_chip = Similarity(to_chip.turn * ratio, to_chip.of(half))
    turn, shift = to_chip
    matrix = np.array(
        [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]], np.float64
    )
    warped = cv2.warpAffine(
        part, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)


def _region(image: Pixels, similarity: Similarity, side: int) -> tuple[Pixels, Similarity]:
    """Return the part of the image under the chip, and the similarity from that part."""
    corners = [
        (complex(x, y) - similarity.shift) / similarity.turn
        for x in (-2, side + 2)
        for y in (-2, side + 2)
    ]
    height, width = image.shape[:2]
    xs, ys = [corner.real for corner in corners], [corner.imag for corner in corners]
    left, right = _clipped(min(xs), max(xs), width)
    top, bottom = _clipped(min(ys), max(ys), height)
    part = np.ascontiguousarray(image[top:bottom, left:right])
    return part, Similarity(similarity.turn, similarity.of(complex(left, top)))


def _clipped(low: float, high: float, size: int) -> tuple[int, int]:
    """Return the range of whole pixels from `low` to `high` within 0..size; at least one pixel."""
    start = int(min(max(low, 0), size - 1))
    return start, int(min(max(high + 1, start + 1), size))
