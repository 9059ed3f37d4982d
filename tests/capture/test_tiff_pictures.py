"""TIFF files that must not be read by their first picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from facecli.capture.images import decode
from facecli.capture.tiff_pictures import is_cut_off, unread_variant
from facecli.errors.capture import CaptureFailed
from tests.capture.tiff_files import Picture, tiff

SUBFILE, COMPRESSION, PHOTOMETRIC, DNG_VERSION = 254, 259, 262, 50706
THUMBNAIL = Picture(16, 12, {SUBFILE: 1})
WHOLE = Picture(160, 120)
SENSOR = Picture(160, 120, {PHOTOMETRIC: 32803})

READ = {
    "one picture": (WHOLE,),
    "a thumbnail after the picture": (WHOLE, THUMBNAIL),
    "a pyramid": (WHOLE, Picture(80, 60, {SUBFILE: 1}), THUMBNAIL),
    "reduced pictures below it": (Picture(160, 120, under=(THUMBNAIL, THUMBNAIL)),),
    "pages of one size": (WHOLE, WHOLE),
    "a larger mask": (WHOLE, Picture(200, 200, {SUBFILE: 4})),
    "a thumbnail alone": (THUMBNAIL,),
}
RAW = {
    "DNG": (Picture(16, 12, {SUBFILE: 1, DNG_VERSION: 1}, (Picture(160, 120),)),),
    "NEF and ARW": (Picture(16, 12, {SUBFILE: 1}, (Picture(80, 60), SENSOR)),),
    "PEF": (SENSOR, THUMBNAIL),
    "linear raw": (THUMBNAIL, Picture(16, 12, {PHOTOMETRIC: 34892})),
}
SMALLER = {
    "a thumbnail first": (THUMBNAIL, WHOLE),
    "a small first page": (Picture(16, 12), WHOLE),
    "the picture in a sub-directory": (Picture(16, 12, under=(WHOLE,)),),
}


def refusal(data: bytes) -> str:
    with pytest.raises(CaptureFailed) as caught:
        decode(data, "p")
    assert caught.value.reason == "unsupported-image"
    return str(caught.value.details["why"])


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
def test_a_tiff_whose_first_picture_is_the_largest_is_read(
    name: str, order: str, big: bool
) -> None:
    first = READ[name][0]
    data = tiff(*READ[name], order=order, big=big)
    assert decode(data, "p").size == (first.width, first.height)


@pytest.mark.parametrize("name", RAW)
@pytest.mark.parametrize("order", "<>")
def test_camera_raw_files_are_not_read(name: str, order: str) -> None:
    assert "camera raw" in refusal(tiff(*RAW[name], order=order))


@pytest.mark.parametrize("name", SMALLER)
@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_is_not_read_by_a_smaller_picture(name: str, big: bool) -> None:
    assert "several pictures" in refusal(tiff(*SMALLER[name], big=big))


def test_a_big_endian_bigtiff_is_not_read() -> None:
    assert "big-endian" in refusal(tiff(WHOLE, order=">", big=True))


def test_a_compression_that_is_not_read_is_named_so() -> None:
    assert "compression" in refusal(tiff(Picture(16, 12, {COMPRESSION: 50001})))


def test_directories_that_lead_nowhere_or_in_a_circle_end() -> None:
    data = bytearray(tiff(WHOLE, WHOLE))
    for link in range(len(data) - 4, len(data) - 400, -1):
        data[link : link + 4] = b"\x08\0\0\0"
        unread_variant(bytes(data))
    for length in range(0, 400, 7):
        unread_variant(tiff(WHOLE)[:length])
    unread_variant(b"II+\0\x08\0\0\0" + b"\xff" * 64)
    unread_variant(b"II*\0" + b"\xff" * 64)


def test_what_pillow_writes_is_read() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "TIFF", compression="tiff_lzw")
    assert unread_variant(out.getvalue()) is None


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_deflate", "packbits"])
@pytest.mark.parametrize("lost", [1, 12, 40, 150])
def test_a_tiff_that_lost_its_end_is_damaged_not_unsupported(compression: str, lost: int) -> None:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(out, "TIFF", compression=compression)
    assert not is_cut_off(out.getvalue())
    with pytest.raises(CaptureFailed, match="damaged or incomplete") as refused:
        decode(out.getvalue()[:-lost], "photo.tif")
    assert refused.value.reason == "unreadable-image"


def test_a_directory_that_states_too_much_is_cut_off() -> None:
    whole = tiff(Picture(4, 4))
    assert not is_cut_off(whole)
    assert is_cut_off(b"II*\0" + (8).to_bytes(4, "little") + b"\xff\xff")
    assert is_cut_off(b"II+\0\x08\0\0\0" + (16).to_bytes(8, "little") + b"\xff" * 8)
    assert is_cut_off(b"II*\0")
