"""The segments of a JPEG stream, and streams that lost their end (ITU-T T.81)."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_SEGMENTS = 10_000
"""A file of 512 MiB has fewer, if they are as long as segments can be."""
END = b"\xff\xd9"
_READ_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}  # sequential and progressive, Huffman and arithmetic
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}  # 0xF7: JPEG-LS
_DEPTHS = range(2, 17)  # bits of a sample; any other number is damage
_SCAN = 0xDA
_NO_FILL = re.compile(rb"[^\xff]")
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_FILL = 64
_FILLS = (b"", b"\x55" * _FILL, b"\xaa" * _FILL)


def unread_variant(data: bytes) -> str | None:
    """Return why a JPEG is not read, as a clause, or None if it is an ordinary one."""
    frame = _frame(data)
    if frame is None:
        return None
    marker, depth = frame
    if depth not in _DEPTHS:
        return None
    if marker not in _READ_FRAMES:
        return "it is a lossless or hierarchical JPEG"
    return f"it is a JPEG of {depth} bits" if depth != 8 else None


def completions(data: bytes) -> list[bytes]:
    """Return copies of a stream without its end marker, each with an end.

    Different bytes stand before the end of each. A decoder ignores them where all of the picture
    is there; otherwise it takes them for a part of it, and the pictures differ.
    """
    rest = data[:-1] if data.endswith(b"\xff") else data
    return [rest + fill + END for fill in _FILLS]


def has_too_many_segments(data: bytes) -> bool:
    """Return True for a JPEG of at least `MOST_SEGMENTS` segments before its first scan."""
    return sum(1 for _ in _markers(data)) >= MOST_SEGMENTS


def without_fill(data: bytes) -> bytes:
    """Return a JPEG without the fill bytes that stand before its first scan.

    Pillow reads them one by one, which takes half a second for a megabyte.
    """
    parts, kept = [], 0
    for start, code in _markers(data):
        if code - start > 1:
            parts.append(data[kept:start])
            kept = code - 1
    return b"".join((*parts, data[kept:]))


def _frame(data: bytes) -> tuple[int, int] | None:
    """Return the marker and the bits per sample of the first frame header, or None."""
    for _, code in _markers(data):
        if data[code] in _FRAMES and code + 3 < len(data):
            return data[code], data[code + 3]
    return None


def _markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each marker begins, and where its code stands behind fill bytes.

    The first scan is the last one, or the segment with the number `MOST_SEGMENTS`.
    """
    at = 2
    for _ in range(MOST_SEGMENTS):
        found = _NO_FILL.search(data, at)
        if found is None or data[at] != 0xFF:
            return
        code = found.start()
        yield at, code
        if data[code] == _SCAN:
            return
        at = code + 1
        if data[code] not in _WITHOUT_LENGTH:
            at += max(int.from_bytes(data[at : at + 2]), 2)
