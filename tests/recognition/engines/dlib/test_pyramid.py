from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.engines.dlib import pyramid as dlib_pyramid
from facecli.recognition.engines.dlib.pyramid import CELLS, PATCH, REACH, STRIDE, Pyramid, Tile

GRAY = np.array(dlib_pyramid.MEAN, np.float32)


def gradient(width: int, height: int) -> np.ndarray:
    """Red grows to the right and green downwards, so that a pixel tells where it is from."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[:, :, 0] = np.linspace(0, 250, width)
    rgb[:, :, 1] = np.linspace(0, 250, height)[:, None]
    return rgb


def test_the_canvas_is_laid_out_as_dlib_does() -> None:
    """Checked against dlib's own: with these tiles its scores come out to 1e-6."""
    tiles = dlib_pyramid.layout(250, 250)
    assert tiles[:7] == [
        Tile(11, 11, 250, 250),
        Tile(11, 271, 208, 208),
        Tile(11, 489, 173, 173),
        Tile(11, 672, 144, 144),
        Tile(11, 826, 120, 120),
        Tile(161, 846, 100, 100),
        Tile(178, 753, 83, 83),
    ]
    assert tiles[-1] == Tile(256, 269, 5, 5)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (37, 53), (250, 250), (1024, 768)])
def test_tiles_never_overlap(size: tuple[int, int]) -> None:
    tiles = dlib_pyramid.layout(*size)
    canvas = np.zeros((3 * sum(size) + 100, size[0] + 30), int)
    for left, top, width, height in tiles:
        canvas[top : top + height, left : left + width] += 1
    assert canvas.max() == 1
    assert canvas.sum() == sum(tile.width * tile.height for tile in tiles)


@pytest.mark.parametrize("face", [(60, 60, 140, 140), (90, 70, 190, 170), (0, 0, 250, 250)])
def test_a_patch_shows_the_face_at_the_detectors_size(face: tuple[int, int, int, int]) -> None:
    rgb = gradient(250, 250)
    for view in Pyramid(rgb).views(face):
        middle = REACH + STRIDE * (CELLS - 1) // 2
        seen = view.pixels[:2, middle, middle] / 250 * 249
        assert seen == pytest.approx(
            [(face[0] + face[2]) / 2, (face[1] + face[3]) / 2], abs=6 * 1.2**view.level
        )
        left, _, right, _ = view.box(1, 1)
        assert (right - left) / (face[2] - face[0]) == pytest.approx(1, abs=0.25)


def test_a_patch_is_cut_from_the_whole_canvas() -> None:
    """Made piece by piece, it holds what a canvas made at once does."""
    rgb = np.random.default_rng(4).integers(0, 255, (120, 150, 3), np.uint8)
    pyramid = Pyramid(rgb)
    tiles = dlib_pyramid.layout(150, 120)
    canvas = np.empty((1000, 1000, 3), np.float32)
    canvas[:] = GRAY
    for level, (left, top, width, height) in enumerate(tiles):
        whole = pyramid._part(level, (0, width), (0, height))
        canvas[300 + top : 300 + top + height, 300 + left : 300 + left + width] = whole
    for face in ((0, 0, 80, 80), (70, 40, 150, 120), (10, 10, 120, 120)):
        for view in pyramid.views(face):
            tile = tiles[view.level]
            top, left = int(300 + tile.top + view.top), int(300 + tile.left + view.left)
            expected = canvas[top : top + PATCH, left : left + PATCH].transpose(2, 0, 1)
            assert np.abs(view.pixels - expected).max() < 0.5


def test_only_a_cell_above_nothing_is_a_face() -> None:
    views = Pyramid(gradient(250, 250)).views((90, 90, 170, 170))
    scores = np.full((len(views), CELLS, CELLS), -0.5, np.float32)
    assert dlib_pyramid.best_box(views, scores) is None
    scores[1, 2, 3] = 0.25
    scores[0, 0, 0] = 0.125
    assert dlib_pyramid.best_box(views, scores) == views[1].box(2, 3)
