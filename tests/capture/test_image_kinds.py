"""Kinds of files by their first bytes, of real files where a library can write them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from facecli.capture.image_kinds import LENGTH, image_kind, is_image, other_kind

NOTHING_KNOWN = (b"", b"BM", b"Dear Sir", b"RIFF\x00\x00\x00\x00AVI ", b"\xff\xd8", b"PK\x03\x04")


def start_of(kind: str) -> bytes:
    """The first bytes of an image that Pillow wrote."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind)
    return out.getvalue()[:LENGTH]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "BMP"])
def test_images_that_can_be_read(kind: str) -> None:
    start = start_of(kind)
    assert image_kind(start) == kind
    assert other_kind(start) is None
    assert is_image(start)


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"hevx"])
def test_heic_by_its_brand(brand: bytes) -> None:
    assert image_kind(b"\x00\x00\x00\x18ftyp" + brand) == "HEIC"
    assert image_kind(b"\x00\x00\x00\x18ftypisom") is None  # an MP4


@pytest.mark.parametrize(
    ("start", "kind", "image"),
    [
        (start_of("GIF"), "a GIF", True),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000", True),
        (b"%PDF-1.7", "a PDF", False),
    ],
)
def test_known_kinds_that_cannot_be_read(start: bytes, kind: str, image: bool) -> None:
    assert image_kind(start) is None
    assert other_kind(start) == kind
    assert is_image(start) is image


@pytest.mark.parametrize("start", NOTHING_KNOWN)
def test_anything_else_is_no_image(start: bytes) -> None:
    assert image_kind(start) is None
    assert other_kind(start) is None
    assert not is_image(start)
