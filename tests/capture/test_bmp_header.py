from __future__ import annotations

import struct

import pytest

from facecli.capture.bmp_header import is_plausible
from facecli.capture.images import decode
from facecli.errors.capture import CaptureFailed


def bmp(
    width: int = 8, height: int = 8, planes: int = 1, depth: int = 24, compression: int = 0,
    palette: int = 0, size: int = 40,
) -> bytes:  # fmt: skip
    info = struct.pack("<IiiHHI", size, width, height, planes, depth, compression)
    info += struct.pack("<IIIII", 0, 0, 0, palette, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + info + bytes(4096)


def reason(data: bytes) -> str:
    with pytest.raises(CaptureFailed) as caught:
        decode(data, "p")
    return caught.value.reason


@pytest.mark.parametrize(
    "data",
    [
        bmp(depth=2),
        bmp(depth=0, compression=4),  # a JPEG in a BMP
        bmp(depth=0, compression=5),
        bmp(depth=32, compression=6),
        bmp(depth=8, palette=300),
        bmp(size=66),
    ],
)
def test_unusual_files_are_unsupported(data: bytes) -> None:
    assert is_plausible(data)
    assert reason(data) == "unsupported-image"


@pytest.mark.parametrize(
    "data",
    [
        bmp(depth=30_000),
        bmp(depth=8, palette=305_402_420),
        bmp(width=500, height=500),  # cut
    ],
)
def test_damaged_files_are_damaged(data: bytes) -> None:
    assert reason(data) == "unreadable-image"


def test_a_core_header_is_understood() -> None:
    core = b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 8, 8, 1, 24)
    assert is_plausible(core + bytes(400))
    assert decode(core[:10] + struct.pack("<I", 26) + core[14:] + bytes(400), "p").size == (8, 8)
    assert not is_plausible(core[:20])
