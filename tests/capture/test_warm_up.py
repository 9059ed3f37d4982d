"""After the warm-up a worker imports nothing more, so that sealing it changes no answer."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from facecli.workers.local import Pool
from tests.capture import late_imports

SEED = 20260728
DAMAGED = 12
"""Damaged copies of each image."""


def image(mode: str) -> Image.Image:
    """A small picture with some detail."""
    ramp = np.add.outer(np.arange(40) * 3, np.arange(48) * 2).astype(np.uint8)
    return Image.fromarray(ramp).convert("RGB").convert(mode)


def whole() -> Iterator[bytes]:
    """Images of every format and mode, with what cameras and editors add to them."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x9286] = 6, "descriptión", b"UNICODE\0" + "é".encode("utf-16")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"exif": exif, "icc_profile": profile}
    for kind, mode, options in (
        ("JPEG", "RGB", {"quality": 90, **more}),
        ("JPEG", "L", {"progressive": True}),
        ("JPEG", "CMYK", {}),
        ("PNG", "RGBA", more),
        ("PNG", "P", {}),
        ("PNG", "I;16", {}),
        ("WebP", "RGBA", more),
        ("WebP", "RGB", {"lossless": True}),
        ("BMP", "RGB", {}),
        ("BMP", "P", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw", **more}),
        ("TIFF", "L", {"compression": "tiff_deflate"}),
        ("TIFF", "CMYK", {"compression": "jpeg"}),
        ("AVIF", "RGB", more),
        ("GIF", "P", {}),
    ):
        stream = io.BytesIO()
        picture = image("RGB").convert("L").convert("I;16") if mode == "I;16" else image(mode)
        picture.save(stream, kind, **options)
        yield stream.getvalue()
    stream = io.BytesIO()
    pillow_heif.from_pillow(image("RGB")).save(stream)
    yield stream.getvalue()


@pytest.fixture(scope="module")
def images() -> list[bytes]:
    """Whole and damaged images."""
    rng = np.random.default_rng(SEED)
    made = list(whole())
    for data in list(made):
        for _ in range(DAMAGED):
            copy = bytearray(data)
            for at in rng.integers(0, len(copy), rng.integers(1, 12)):
                copy[at] = rng.integers(256)
            made.append(
                bytes(copy[: rng.integers(1, len(copy) + 1)] if rng.random() < 0.2 else copy)
            )
    return [*made, b"", b"II*\0", b"\xff\xd8\xff", b"%PDF-1.4"]


def test_nothing_is_imported_after_the_warm_up(images: list[bytes]) -> None:
    with Pool(late_imports.counting, bounds=None) as pool:
        late = [told for _, told in pool.map(images)]
    assert [told for told in late if told] == []


def test_a_sealed_worker_gives_the_same_answers(images: list[bytes]) -> None:
    with Pool(late_imports.telling, bounds=None) as pool:
        plain = [told for _, told in pool.map(images)]
    with Pool(late_imports.telling) as pool:
        sealed = [told for _, told in pool.map(images)]
        assert pool.confinement is not None
    assert sealed == plain
    assert sum(")" in str(told) for told in sealed) > len(images) / 4  # many were decoded
