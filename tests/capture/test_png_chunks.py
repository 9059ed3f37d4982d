from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from facecli.capture.images import decode
from facecli.capture.png_chunks import without_unneeded


def chunk(name: bytes, body: bytes, damage: int = 0) -> bytes:
    checksum = zlib.crc32(name + body) ^ damage
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def png(**options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(out, "PNG", **options)
    return out.getvalue()


def names(data: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(data):
        found.append(data[at + 4 : at + 8])
        at += 12 + struct.unpack_from(">I", data, at)[0]
    return found


def with_chunk(extra: bytes) -> bytes:
    data = png()
    return data[:33] + extra + data[33:]


def test_a_plain_png_stays_as_it_is() -> None:
    assert without_unneeded(png()) == png()


@pytest.mark.parametrize(
    ("extra", "kept"),
    [
        (chunk(b"tRNS", b"\0\xff\0\0\0\0"), True),
        (chunk(b"eXIf", b"II*\0"), True),
        (chunk(b"eXIf", b"II*\0", damage=1), False),
        (chunk(b"iCCP", b"p\0\0" + zlib.compress(b"profile")), True),
        (chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(5 * 2**20))), False),
        (chunk(b"iCCP", b"p\0\0not compressed"), False),
        (chunk(b"iCCP", b""), False),
        (chunk(b"tEXt", b"Comment\0hello"), False),
        (chunk(b"tEXt", b"Raw profile type exif\0\nexif\n"), True),
        (chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"exif")), True),
        (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"), True),
        (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0"), False),
        (chunk(b"acTL", bytes(8)), False),
        (chunk(b"tIME", bytes(7)), False),
    ],
)
def test_only_what_is_needed_and_readable_is_kept(extra: bytes, kept: bool) -> None:
    name = extra[4:8]
    assert (name in names(without_unneeded(with_chunk(extra)))) is kept


def test_a_missing_or_cut_end_is_added() -> None:
    for lost in (1, 5, 12):
        assert without_unneeded(png()[:-lost]) == png()


def test_cut_pixels_stay_cut() -> None:
    cut = png()[:-20]
    assert without_unneeded(cut) == cut


def test_an_orientation_in_a_text_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    raw = exif.tobytes()
    text = f"\nexif\n{len(raw):8}\n{raw.hex()}\n"
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type exif", text, zip=True)
    assert decode(png(pnginfo=info), "p").size == (6, 8)
