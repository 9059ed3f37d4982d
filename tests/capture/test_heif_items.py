from __future__ import annotations

import struct

import pytest

from facecli.capture.heif_items import unread_variant
from facecli.capture.images import decode
from facecli.errors.capture import CaptureFailed


def item(kind: bytes, version: int = 2) -> bytes:
    """The description of an item (ISO/IEC 14496-12, 8.11.6)."""
    number = struct.pack(">H" if version == 2 else ">I", 1)
    body = b"infe" + bytes((version, 0, 0, 0)) + number + bytes(2) + kind + b"\0"
    return struct.pack(">I", len(body) + 4) + body


def heif(*items: bytes) -> bytes:
    return b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf" + b"".join(items) + bytes(64)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (b"av01", "it is a HEIF file with AV1"),
        (b"vvc1", "it is a HEIF file with VVC"),
        (b"jpeg", "it is a HEIF file with JPEG"),
        (b"hvc1", None),
        (b"none", None),
    ],
)
def test_the_coding_of_the_pictures(kind: bytes, why: str | None, version: int) -> None:
    assert unread_variant(heif(item(b"Exif", version), item(kind, version))) == why


def test_hevc_beside_another_coding_is_read() -> None:
    assert unread_variant(heif(item(b"hvc1"), item(b"jpeg"))) is None


def test_another_coding_is_unsupported_and_not_damaged() -> None:
    with pytest.raises(CaptureFailed) as caught:
        decode(heif(item(b"av01")), "p")
    assert caught.value.reason == "unsupported-image"
