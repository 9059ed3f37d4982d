from __future__ import annotations

import io

import pytest
from PIL import Image

from facecli.capture.jpeg_stream import END, completions, unread_variant


def jpeg(marker: int = 0xC0, depth: int = 8) -> bytes:
    """A JPEG that Pillow wrote, with another frame header."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(out, "JPEG")
    data = bytearray(out.getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = marker, depth
    return bytes(data)


@pytest.mark.parametrize(
    ("marker", "depth", "why"),
    [
        (0xC0, 8, None),
        (0xC2, 8, None),
        (0xC9, 8, None),
        (0xC3, 8, "it is a lossless or hierarchical JPEG"),
        (0xC3, 16, "it is a lossless or hierarchical JPEG"),
        (0xC5, 8, "it is a lossless or hierarchical JPEG"),
        (0xF7, 8, "it is a lossless or hierarchical JPEG"),
        (0xC1, 12, "it is a JPEG of 12 bits"),
        (0xC1, 72, None),  # damage: the decoder refuses it
    ],
)
def test_the_frame_tells_what_is_read(marker: int, depth: int, why: str | None) -> None:
    assert unread_variant(jpeg(marker, depth)) == why


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\0\0", b"\xff\xd8" * 9])
def test_what_has_no_frame_is_left_to_the_decoder(data: bytes) -> None:
    assert unread_variant(data) is None


def test_fill_bytes_before_a_marker_are_skipped() -> None:
    assert unread_variant(b"\xff\xd8\xff\xff\xff" + jpeg(0xC3)[3:]) is not None


def test_every_completion_ends_as_a_jpeg_does() -> None:
    whole = jpeg()
    for cut in (whole[:-1], whole[:-2]):
        copies = completions(cut)
        assert whole in copies
        assert len(set(copies)) == len(copies) > 1
        assert all(copy.endswith(END) and copy.startswith(whole[:-2]) for copy in copies)
