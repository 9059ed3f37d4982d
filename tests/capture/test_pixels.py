"""From any mode of an image to 8-bit RGB, and upright; whole files are in test_images.py."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facecli.capture import pixels
from facecli.capture.pixels import orientation_of, to_rgb, upright
from facecli.errors.capture import CaptureFailed


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"])
def test_every_mode_gives_rows_of_rgb(mode: str) -> None:
    rgb = to_rgb(Image.new("RGB", (5, 3), "white").convert(mode), "a picture")
    assert (rgb.shape, rgb.dtype) == ((3, 5, 3), np.uint8)
    assert (rgb == 255).all()


def test_red_comes_first() -> None:
    rgb = to_rgb(Image.new("RGB", (2, 2), (10, 20, 30)), "a picture")
    assert rgb[0, 0].tolist() == [10, 20, 30]


def test_what_is_transparent_becomes_white() -> None:
    assert (to_rgb(Image.new("RGBA", (2, 2), (0, 0, 0, 0)), "a picture") == 255).all()
    half = to_rgb(Image.new("RGBA", (2, 2), (0, 0, 0, 128)), "a picture")
    assert abs(int(half[0, 0, 0]) - 127) <= 1


@pytest.mark.parametrize(("deep", "shallow"), [(0, 0), (255, 0), (256, 1), (65535, 255)])
def test_sixteen_bits_become_eight(deep: int, shallow: int) -> None:
    image = Image.fromarray(np.full((2, 2), deep, np.uint16))
    assert (to_rgb(image, "a picture") == shallow).all()


@pytest.mark.parametrize("mode", ["I", "F"])
def test_other_depths_are_refused(mode: str) -> None:
    with pytest.raises(CaptureFailed, match="not 8 or 16 bits wide") as refused:
        to_rgb(Image.new(mode, (2, 2)), "a picture")
    assert refused.value.reason == "unsupported-image"


def test_large_pictures_are_copied_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (37, 11, 3), np.uint8)
    for size in (1, 100, 1 << 20):
        monkeypatch.setattr(pixels, "BAND", size)
        assert np.array_equal(to_rgb(Image.fromarray(noise), "a picture"), noise)


# The picture as EXIF's eight orientations store it; upright it is A B over C D.
STORED = {
    1: ["AB", "CD"], 2: ["BA", "DC"], 3: ["DC", "BA"], 4: ["CD", "AB"],
    5: ["AC", "BD"], 6: ["BD", "AC"], 7: ["DB", "CA"], 8: ["CA", "DB"],
}  # fmt: skip


@pytest.mark.parametrize("orientation", STORED)
def test_each_orientation_is_turned_upright(orientation: int) -> None:
    stored = np.array([[[ord(letter)] * 3 for letter in row] for row in STORED[orientation]])
    turned = upright(stored.astype(np.uint8), orientation)
    assert [[chr(pixel[0]) for pixel in row] for row in turned] == [["A", "B"], ["C", "D"]]
    assert turned.flags["C_CONTIGUOUS"]


def test_an_orientation_that_is_malformed_counts_as_none() -> None:
    for value, expected in ((6, 6), (0, 1), (9, 1), ("up", 1)):
        image = Image.new("RGB", (2, 2))
        image.getexif()[0x0112] = value
        assert orientation_of(image) == expected
    assert orientation_of(Image.new("RGB", (2, 2))) == 1
