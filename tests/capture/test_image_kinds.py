"""Kinds of files by their first bytes, of real files where a library can write them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from facecli.capture.image_kinds import (
    LENGTH,
    image_kind,
    is_image,
    is_video,
    other_kind,
    unread_kind,
)
from tests import clips

NOTHING_KNOWN = (
    b"",
    b"BM",
    b"BMW is a maker of cars and of motorcycles",
    b"Dear Sir",
    b"RIFF\x00\x00\x00\x00AVI ",
    b"\xff\xd8",
    b"PK\x03\x04",
    b"P5 and P6 are the plans of the house",
    b"\x00\x00\x01\xba" + bytes(40),  # an MPEG programme stream
    b"\x00\x01\x00\x00" + bytes(40),  # a TrueType font
    bytes(256),
    b"<?xml version='1.0'?><html>",
)
UNREAD = {
    "JPEG XL": (b"\xff\x0a\x98\x07", b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl "),
    "JPEG 2000": (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51\0\x2f"),
    "JPEG XR": (b"II\xbc\x01",),
    "Photoshop (PSD)": (b"8BPS\0\1",),
    "PNM": (
        b"P6\n204 244\n255\n",
        b"P5 # a comment\n 8 8 255\n",
        b"P7\nWIDTH 8\n",
        b"Pf\n8 8\n-1\n",
    ),
    "TGA": (
        bytes((0, 0, 2)) + bytes(9) + bytes((204, 0, 244, 0, 24, 0)),
        bytes((5, 1, 9, 0, 0, 0, 1, 24)) + bytes(4) + bytes((8, 0, 8, 0, 8, 32)),
    ),
    "ICO": (b"\0\0\1\0\1\0\x10\x10\0\0\1\0" + bytes(10), b"\0\0\2\0\1\0\x20\x20\0\0" + bytes(10)),
    "SVG": (b"<svg xmlns='x'>", b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg>"),
    "DICOM": (bytes(128) + b"DICM",),
    "OpenEXR": (b"\x76\x2f\x31\x01\2\0",),
    "Radiance HDR": (b"#?RADIANCE\n",),
    "camera raw": (
        b"II*\0\x10\0\0\0CR\2\0",
        b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
        b"IIRO\x08\0\0\0",
        b"IIU\0\x18\0\0\0",
        b"FUJIFILMCCD-RAW 0201",
        b"FOVb\2\0",
        b"\0MRM\0\0",
        b"II\x1a\0\0\0HEAPCCDR",
    ),
}


def start_of(kind: str) -> bytes:
    """The first bytes of an image that Pillow wrote."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind)
    return out.getvalue()[:LENGTH]


def ftyp(*brands: bytes) -> bytes:
    """The first box of a file with these brands, the major one first."""
    box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands)
    return (len(box) + 4).to_bytes(4, "big") + box + b"\0\0\0\x08metaavif"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "BMP", "AVIF"])
def test_images_that_can_be_read(kind: str) -> None:
    start = start_of(kind)
    assert image_kind(start) == kind
    assert unread_kind(start) is None
    assert other_kind(start) is None
    assert is_image(start)


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        ([b"heic", b"mif1"], "HEIC"),
        ([b"mif1", b"heic"], "HEIC"),
        ([b"hevx"], "HEIC"),
        ([b"mif1"], "HEIC"),
        ([b"avif", b"mif1"], "AVIF"),
        ([b"avis"], "AVIF"),
        ([b"mif1", b"miaf", b"avif"], "AVIF"),
        ([b"isom", b"avif"], None),  # an MP4
        ([b"isom", b"mp42"], None),
    ],
)
def test_heif_files_by_their_brands(brands: list[bytes], kind: str | None) -> None:
    assert image_kind(ftyp(*brands)) == kind


@pytest.mark.parametrize(
    ("start", "kind"), [(start, kind) for kind, starts in UNREAD.items() for start in starts]
)
def test_images_that_are_recognised_and_not_read(start: bytes, kind: str) -> None:
    assert unread_kind(start) == kind
    assert image_kind(start) is None
    assert is_image(start)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("GIF", "GIF"), ("PPM", "PNM"), ("TGA", "TGA"), ("JPEG2000", "JPEG 2000"), ("ICO", "ICO"),
        ("PCX", "PCX"), ("SGI", "SGI"), ("DDS", "DDS"), ("ICNS", "ICNS"), ("QOI", "QOI"),
    ],
)  # fmt: skip
def test_files_in_other_formats_that_pillow_wrote(kind: str, name: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(out, kind)
    assert unread_kind(out.getvalue()[:LENGTH]) == name


def test_a_pdf_is_no_image() -> None:
    assert other_kind(b"%PDF-1.7") == "a PDF"
    assert not is_image(b"%PDF-1.7")


@pytest.mark.parametrize("kind", ["mp4", "avi", "mkv"])
def test_a_video_is_one(kind: str, tmp_path: Path) -> None:
    film = clips.container(tmp_path / f"clip.{kind}", clips.turn()[:2]).read_bytes()
    assert is_video(film[:LENGTH])
    assert not is_image(film[:LENGTH])


@pytest.mark.parametrize(
    "start", [ftyp(b"M4A "), ftyp(b"heic"), ftyp(b"avif"), start_of("WebP"), b"", bytes(256)]
)
def test_sound_and_pictures_are_no_videos(start: bytes) -> None:
    assert not is_video(start)


@pytest.mark.parametrize("start", NOTHING_KNOWN)
def test_anything_else_is_no_image(start: bytes) -> None:
    assert image_kind(start) is None
    assert other_kind(start) is None
    assert not is_image(start)
