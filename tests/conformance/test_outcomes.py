"""The golden table of decoding, and the table that `make test-images` compares with its own."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.capture.test_bmp_header import bmp
from tests.capture.test_heif_items import heif, item
from tests.capture.test_jpeg_stream import jpeg
from tests.capture.test_png_chunks import chunk, with_chunk
from tests.capture.tiff_files import Picture, tiff
from tests.conformance.__main__ import GOLDEN
from tests.conformance.outcomes import READ, outcomes, refusals, table

THUMBNAIL = Picture(16, 12, {254: 1})
WHOLE = Picture(160, 120)


def saved(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 99).convert(mode).save(out, kind, **options)
    return out.getvalue()


def large_png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    )


TEXT_BOMB = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**24)))
TABLE: dict[str, tuple[Callable[[], bytes], str]] = {
    "animation.gif": (lambda: saved("GIF"), "unsupported-image"),
    "avif-in-mif1.heif": (lambda: heif(item(b"av01")), "unsupported-image"),
    "checksum-of-text.png": (lambda: with_chunk(chunk(b"tEXt", b"a\0b", damage=1)), READ),
    "cut.avif": (lambda: saved("AVIF")[:-99], "unreadable-image"),
    "cut.bmp": (lambda: saved("BMP")[:-99], "unreadable-image"),
    "cut.jpg": (lambda: saved("JPEG")[:-99], "unreadable-image"),
    "cut.png": (lambda: saved("PNG")[:-99], "unreadable-image"),
    "cut.tif": (lambda: saved("TIFF")[:-999], "unreadable-image"),
    "cut.webp": (lambda: saved("WEBP")[:-99], "unreadable-image"),
    "depth-2.bmp": (lambda: bmp(depth=2), "unsupported-image"),
    "depth-30000.bmp": (lambda: bmp(depth=30_000), "unreadable-image"),
    "document.pdf": (lambda: b"%PDF-1.7\n", "unsupported-image"),
    "empty.jpg": (lambda: b"", "unreadable-image"),
    "float.tif": (lambda: saved("TIFF", "F"), "unsupported-image"),
    "graymap": (lambda: saved("PPM", "L"), "unsupported-image"),
    "huge.png": (large_png, "too-many-pixels"),
    "letter.jpg": (lambda: b"Dear Sir or Madam", "unreadable-image"),
    "lossless.jpg": (lambda: jpeg(0xC3), "unsupported-image"),
    "painting.tga": (lambda: saved("TGA"), "unsupported-image"),
    "passport.jp2": (lambda: saved("JPEG2000"), "unsupported-image"),
    "photo.avif": (lambda: saved("AVIF"), READ),
    "photo.jxl": (lambda: b"\xff\x0a" + bytes(64), "unsupported-image"),
    "photo.webp": (lambda: saved("WEBP"), READ),
    "raw.dng": (lambda: tiff(Picture(16, 12, {254: 1, 50706: 1}, (WHOLE,))), "unsupported-image"),
    "text-of-16-mebibytes.png": (lambda: with_chunk(TEXT_BOMB), READ),
    "thumbnail-first.tif": (lambda: tiff(THUMBNAIL, WHOLE), "unsupported-image"),
    "thumbnail-last.tif": (lambda: tiff(WHOLE, THUMBNAIL), READ),
    "without-end.jpg": (lambda: saved("JPEG")[:-2], READ),
    "without-end.png": (lambda: saved("PNG")[:-12], READ),
}


def test_files_come_out_of_the_workers_as_in_the_golden_table(tmp_path: Path) -> None:
    for name, (make, _) in TABLE.items():
        (tmp_path / name).write_bytes(make())
    found = outcomes(tmp_path)
    assert {one.name: one.outcome for one in found} == {
        name: outcome for name, (_, outcome) in TABLE.items()
    }
    assert "TGA\tunsupported-image\t1" in table(found)
    assert "lossless.jpg\tunsupported-image" in refusals(found)
    assert not any(line.startswith(("photo.", "painting.")) for line in refusals(found))


def test_pillows_test_images_have_a_golden_table() -> None:
    version, counts, refused = GOLDEN.read_text(encoding="utf-8").split("\n\n")
    rows = [line.split("\t") for line in counts.splitlines()]
    assert version.startswith("Pillow ")
    assert sum(int(count) for *_, count in rows) > 1000
    assert not [row for row in rows if row[1] == "worker-crashed"]
    assert all(line.count("\t") == 1 for line in refused.splitlines())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "AVIF", "BMP", "TIFF"])
def test_pillows_images_of_every_read_kind_are_read(kind: str) -> None:
    assert f"\n{kind}\tread\t" in GOLDEN.read_text(encoding="utf-8")
