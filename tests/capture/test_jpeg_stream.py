from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from facecli.capture.images import decode
from facecli.capture.jpeg_stream import (
    END,
    MOST_SEGMENTS,
    completions,
    has_too_many_segments,
    unread_variant,
    without_fill,
)
from facecli.errors.capture import NotDecoded


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


def test_fill_bytes_are_taken_out_before_the_first_scan_alone() -> None:
    data = jpeg()
    comment = b"\xff\xfe\0\x06\xff\xff\xff\xff"  # what a segment holds is kept
    scan = data.index(b"\xff\xda")
    whole = data[:2] + comment + data[2:]
    filled = data[:2] + b"\xff\xff" + comment + data[2:scan] + b"\xff" + data[scan:]
    assert without_fill(filled) == whole
    assert without_fill(whole) == whole
    end = data[:-2] + b"\xff\xff" + END
    assert without_fill(end) == end


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xff\xe0", b"\xff\xd8\0\xff"])
def test_nothing_is_taken_out_of_what_ends_early_but_fill(data: bytes) -> None:
    assert without_fill(data) == data.replace(b"\xff\xff", b"\xff")


def test_a_megabyte_of_fill_bytes_costs_next_to_nothing() -> None:
    data = jpeg()
    filled = data[:2] + b"\xff" * 2**20 + data[2:]
    begun = time.process_time()
    assert decode(filled, "photo.jpg").size == (16, 16)
    halfway = time.process_time()
    Image.open(io.BytesIO(filled)).load()
    assert halfway - begun < (time.process_time() - halfway) / 3


def test_segments_are_counted_up_to_the_first_scan() -> None:
    comment = b"\xff\xfe\0\2"
    data = jpeg()
    assert not has_too_many_segments(data[:2] + comment * (MOST_SEGMENTS - 50) + data[2:])
    assert has_too_many_segments(data[:2] + comment * MOST_SEGMENTS + data[2:])
    assert not has_too_many_segments(data + comment * MOST_SEGMENTS)


def test_too_many_segments_are_refused_before_they_are_read() -> None:
    data = jpeg()
    with pytest.raises(NotDecoded, match="10,000 segments or more"):
        decode(data[:2] + b"\xff\xfe\0\2" * MOST_SEGMENTS + data[2:], "photo.jpg")
