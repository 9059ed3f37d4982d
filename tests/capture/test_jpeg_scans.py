"""JPEGs of so many scans that decoding them would take minutes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from facecli.capture.images import decode
from facecli.capture.jpeg_scans import MOST_SCANS, has_too_many_scans
from facecli.errors.capture import CaptureFailed

END = b"\xff\xd9"


def progressive(**options: object) -> bytes:
    stream = io.BytesIO()
    Image.effect_mandelbrot((64, 64), (-2, -2, 2, 2), 50).convert("RGB").save(
        stream, "JPEG", progressive=True, **options
    )
    return stream.getvalue()


def with_scans(more: int) -> bytes:
    """A JPEG whose last scan is repeated."""
    data = progressive()
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + more * last + END


def test_a_usual_progressive_image_has_few_scans() -> None:
    assert not has_too_many_scans(progressive())
    assert not has_too_many_scans(with_scans(MOST_SCANS // 2))
    assert decode(with_scans(20), "a.jpg").size == (64, 64)


def test_an_image_of_20_000_scans_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(CaptureFailed, match="more than 100 scans"):
        decode(with_scans(20_000), "a.jpg")


def test_what_is_no_scan_does_not_count() -> None:
    """Neither a segment that looks so nor a film behind the image."""
    look_alikes = b"\xff\xda" * 1000
    comment = b"\xff\xfe" + (2 + len(look_alikes)).to_bytes(2) + look_alikes
    data = progressive()
    assert not has_too_many_scans(data[:2] + comment + data[2:])
    assert not has_too_many_scans(data + look_alikes)


@pytest.mark.parametrize("cut", range(2, 12))
def test_a_damaged_image_is_counted_to_its_end(cut: int) -> None:
    assert has_too_many_scans(with_scans(1000)[:-cut])
    assert not has_too_many_scans(b"\xff\xd8\xff\xda\xff\xda"[:cut])
