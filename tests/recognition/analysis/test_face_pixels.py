from __future__ import annotations

import cv2
import numpy as np
import pytest

from facecli.recognition.analysis.face_pixels import face_pixels
from tests.recognition.synthetic import turned


def grey(value: int) -> np.ndarray:
    return np.full((600, 600, 3), value, np.uint8)


@pytest.mark.parametrize(
    ("value", "dark", "burnt"), [(0, 1, 0), (25, 1, 0), (26, 0, 0), (246, 0, 0), (247, 0, 1)]
)
def test_shares_of_black_and_burnt_pixels_have_the_limits_of_ofiq(
    value: int, dark: float, burnt: float
) -> None:
    found = face_pixels(grey(value), turned())
    assert found is not None
    assert (found.dark, found.burnt) == pytest.approx((dark, burnt))
    assert found.mean == pytest.approx(value / 255, abs=0.003)
    assert found.entropy == pytest.approx(0, abs=1e-9)
    assert found.sharpness == 0


def test_pixels_outside_the_face_do_not_count() -> None:
    image = grey(255)
    cv2.ellipse(image, (300, 330), (130, 190), 0, 0, 360, (100, 100, 100), -1)
    found = face_pixels(image, turned())
    assert found is not None
    assert found.burnt == 0


def test_blurring_lowers_sharpness() -> None:
    image = np.random.default_rng(1).integers(0, 256, (600, 600, 3)).astype(np.uint8)
    sharp, blurred = (
        face_pixels(one, turned())
        for one in (image, np.asarray(cv2.GaussianBlur(image, (0, 0), 6), np.uint8))
    )
    assert sharp is not None
    assert blurred is not None
    assert blurred.sharpness < sharp.sharpness / 2


def test_a_face_without_eyes_has_no_pixels() -> None:
    assert face_pixels(grey(100), np.full((5, 2), np.nan, np.float32)) is None
