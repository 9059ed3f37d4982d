"""The image pyramid over which dlib slides its CNN detector, and patches of it around one face.

dlib shrinks an image to 5/6 again and again, lays all sizes out on one canvas, and runs the
network once over it. Here the canvas is the same, but the network runs only on patches of it.
A patch is wide enough that the scores of its middle cells equal those of the whole canvas. At the
edge of the canvas they differ slightly: dlib has nothing there, and a patch has the mean colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from facecli.recognition.engines.engine import Rgb

    Floats = npt.NDArray[np.float32]

MEAN = (122.782, 117.001, 104.298)
"""RGB of the canvas between and around the images."""
WINDOW = 80
"""Side in pixels of the faces that the detector finds; other faces are found at another size."""
RATE = 6 / 5
"""Factor from one size of the pyramid to the size before it."""
BETWEEN, AROUND = 10, 11
"""Pixels between the images on the canvas, and around them all."""
SMALLEST = 5
"""Height in pixels below which the pyramid ends."""
STRIDE = 8
"""Canvas pixels from one cell of the detector to the next."""
CELLS = 4
"""Cells along each side of a patch: a face lies in the middle, within about 15 % of its size."""
REACH = 94
"""Pixels before the middle of the first cell that affect its score: the margin of a patch."""
PATCH = 2 * REACH + 1 + STRIDE * (CELLS - 1)
"""Pixels along each side of a patch."""
BLANK = np.tile(np.array(MEAN, np.float32), (PATCH, PATCH, 1))
"""(PATCH, PATCH, 3) float32: a patch of the canvas without an image."""

Corners = tuple[float, float, float, float]
Range = tuple[int, int]


class Tile(NamedTuple):
    """The place of an image on the canvas, in pixels."""

    left: int
    top: int
    width: int
    height: int


class PyramidPatch(NamedTuple):
    """A patch of the canvas around a face, at one level. pixels: (3, PATCH, PATCH) float32."""

    pixels: Floats
    level: int
    left: float
    top: float

    def box(self, row: int, column: int) -> Corners:
        """Return the box of a face in this cell, as dlib computes and rounds it.

        (left, top, right, bottom) in pixels of the image; right and bottom are exclusive.
        """
        x = self.left + STRIDE * column + REACH
        y = self.top + STRIDE * row + REACH
        half = (WINDOW - 1) / 2
        left, top, right, bottom = (
            math.floor(_up(side, self.level) + 0.5)
            for side in (x - half, y - half, x + half, y + half)
        )
        return left, top, right + 1, bottom + 1


def best_box(views: Sequence[PyramidPatch], scores: Floats) -> Corners | None:
    """Return the box of the best cell, or None if no cell is a face.

    dlib keeps the same box, because it drops every box that overlaps a better one.

    Args:
        scores: (views, CELLS, CELLS) float32; above 0 is a face, higher is more certain.
    """
    best = int(scores.argmax())
    if scores.flat[best] <= 0:
        return None
    at, cell = divmod(best, CELLS * CELLS)
    return views[at].box(*divmod(cell, CELLS))


class Pyramid:
    """The canvas of one image (height, width, 3) uint8 RGB, computed only where it is needed."""

    def __init__(self, rgb: Rgb) -> None:
        self._rgb = rgb
        self._tiles = layout(rgb.shape[1], rgb.shape[0])

    def views(self, face: Corners) -> list[PyramidPatch]:
        """Return patches around a face at the two levels nearest to its size."""
        level = math.floor(math.log(max(face[2] - face[0], 1.0) / WINDOW) / math.log(RATE))
        last = len(self._tiles) - 1
        return [self._view(face, min(max(each, 0), last)) for each in (level, level + 1)]

    def _view(self, face: Corners, level: int) -> PyramidPatch:
        tile = self._tiles[level]
        left = _on_grid(_down((face[0] + face[2]) / 2, level) + tile.left)
        top = _on_grid(_down((face[1] + face[3]) / 2, level) + tile.top)
        patch = BLANK.copy()
        for at, other in enumerate(self._tiles):
            columns = _within(left, other.left, other.width)
            rows = _within(top, other.top, other.height)
            if columns and rows:
                low, start = other.top - top, other.left - left
                patch[low + rows[0] : low + rows[1], start + columns[0] : start + columns[1]] = (
                    self._part(at, columns, rows)
                )
        return PyramidPatch(patch.transpose(2, 0, 1), level, left - tile.left, top - tile.top)

    def _part(self, level: int, columns: Range, rows: Range) -> Floats:
        """Return these pixels of a level, (rows, columns, 3) float32.

        They are interpolated linearly from the level before, corner pixels on corner pixels, as
        dlib's resize_bilinear does.
        """
        if level == 0:
            return self._rgb[slice(*rows), slice(*columns)].astype(np.float32)
        tile, before = self._tiles[level], self._tiles[level - 1]
        x = (before.width - 1) / max(tile.width - 1, 1)
        y = (before.height - 1) / max(tile.height - 1, 1)
        from_columns = _source(columns, x, before.width)
        from_rows = _source(rows, y, before.height)
        matrix = np.array(
            [[x, 0, columns[0] * x - from_columns[0]], [0, y, rows[0] * y - from_rows[0]]]
        )
        out = cv2.warpAffine(
            self._part(level - 1, from_columns, from_rows),
            matrix,
            (columns[1] - columns[0], rows[1] - rows[0]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(out, np.float32)


def _within(start: int, tile: int, size: int) -> Range | None:
    """Return the pixels of a tile in a patch from `start` on, along one side; None if none."""
    low, high = max(start - tile, 0), min(start + PATCH - tile, size)
    return (low, high) if low < high else None


def _source(wanted: Range, rate: float, size: int) -> Range:
    """Return the pixels of the level before that the wanted ones need, along one side."""
    return int(wanted[0] * rate), min(math.ceil((wanted[1] - 1) * rate) + 1, size)


def layout(width: int, height: int) -> list[Tile]:
    """Return the places of all sizes of an image on dlib's canvas.

    They lie below each other until the next one fits beside them; the rest lie at the right, from
    the bottom upwards.
    """
    sizes = list(_sizes(width, height))
    total = sum(tall + BETWEEN for _, tall in sizes) - 2 * BETWEEN
    tiles: list[Tile] = []
    bottom, before = 0, 0
    for wide, tall in sizes:
        if wide <= width - before - BETWEEN and 2 * (bottom - height) >= total - height:
            break
        tiles.append(Tile(AROUND, AROUND + bottom, wide, tall))
        bottom, before = bottom + tall + BETWEEN, wide
    bottom += AROUND - BETWEEN
    for wide, tall in sizes[len(tiles) :]:
        if bottom - tall < AROUND + height:
            break  # it would cover the first one
        tiles.append(Tile(AROUND + width - wide, bottom - tall, wide, tall))
        bottom -= tall + BETWEEN
    return tiles


def _sizes(width: int, height: int) -> Iterator[tuple[int, int]]:
    yield width, height
    while True:
        width, height = 5 * width // 6, 5 * height // 6
        if not width or height < SMALLEST:
            return
        yield width, height


def _up(place: float, level: int) -> float:
    """Return the place in the image of a place in a level (dlib's pyramid_down<6>::point_up)."""
    for _ in range(level):
        place = place * RATE + 0.3
    return place


def _down(place: float, level: int) -> float:
    for _ in range(level):
        place = (place - 0.3) / RATE
    return place


def _on_grid(middle: float) -> int:
    """Return the start of a patch around `middle` whose cells are cells of the canvas."""
    first = middle - STRIDE * (CELLS - 1) / 2 - REACH
    return round(first / STRIDE) * STRIDE
