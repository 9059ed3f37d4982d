from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.recognition.engines import alignment
from facecli.recognition.engines.alignment import Similarity

POINTS = np.array([[10, 20], [60, 22], [35, 50], [18, 70], [55, 71]], np.float32)


def moved(points: np.ndarray, similarity: Similarity) -> np.ndarray:
    out = [similarity.of(complex(*point)) for point in points]
    return np.array([[p.real, p.imag] for p in out], np.float32)


@given(
    st.floats(0.05, 20), st.floats(-math.pi, math.pi), st.floats(-500, 500), st.floats(-500, 500)
)
def test_a_similarity_is_found_again(scale: float, angle: float, x: float, y: float) -> None:
    made = Similarity(cmath.rect(scale, angle), complex(x, y))
    found = alignment.between(POINTS, moved(POINTS, made))
    assert abs(found.turn - made.turn) < 1e-3 * scale + 1e-4
    assert np.allclose(moved(POINTS, found), moved(POINTS, made), atol=1e-2)


def test_the_squared_error_is_the_least() -> None:
    target = POINTS + np.random.default_rng(2).normal(0, 3, POINTS.shape).astype(np.float32)
    best = alignment.between(POINTS, target)

    def error(similarity: Similarity) -> float:
        return float(np.sum((moved(POINTS, similarity) - target) ** 2))

    for step in (1e-2, -1e-2, 1e-2j, -1e-2j):
        assert error(Similarity(best.turn + step, best.shift)) > error(best)
        assert error(Similarity(best.turn, best.shift + 50 * step)) > error(best)


def test_points_that_coincide_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        alignment.between(np.zeros((5, 2), np.float32), POINTS)


def test_an_identity_gives_the_pixels_back() -> None:
    image = np.random.default_rng(1).integers(0, 255, (80, 90, 3), np.uint8)
    assert (alignment.chip(image, Similarity(1, 0), 64) == image[:64, :64]).all()
    assert (alignment.chip(image, Similarity(1, -10 - 5j), 64) == image[5:69, 10:74]).all()


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.3, 0.11])
@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_a_spot_comes_to_lie_where_the_similarity_says(scale: float, angle: float) -> None:
    y, x = np.mgrid[:600, :700]
    spot = complex(333, 271)
    sigma = 3 / scale
    bright = np.exp(-((x - spot.real) ** 2 + (y - spot.imag) ** 2) / (2 * sigma**2))
    image = np.repeat((255 * bright).astype(np.uint8)[:, :, None], 3, axis=2)
    turn = cmath.rect(scale, angle)
    similarity = Similarity(turn, complex(40, 60) - turn * spot)
    made = alignment.chip(image, similarity, 112)[:, :, 0].astype(float)
    rows, columns = np.mgrid[:112, :112]
    assert (made * columns).sum() / made.sum() == pytest.approx(40, abs=0.15)
    assert (made * rows).sum() / made.sum() == pytest.approx(60, abs=0.15)


def test_fine_stripes_scaled_down_become_grey_and_not_other_stripes() -> None:
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    made = alignment.chip(stripes, Similarity(0.13, 0), 100)
    assert abs(made.astype(int) - 127).max() < 25  # a warp without averaging leaves black and white


@pytest.mark.parametrize(
    "similarity",
    [Similarity(1, 5000), Similarity(1, -5000j), Similarity(1e-4, 0), Similarity(500, 0)],
)
def test_what_lies_outside_repeats_the_border(similarity: Similarity) -> None:
    image = np.full((50, 60, 3), 77, np.uint8)
    assert (alignment.chip(image, similarity, 40) == 77).all()
