"""The frame of a JPEG stream, and streams that lost their end (ITU-T T.81)."""

from __future__ import annotations

END = b"\xff\xd9"
_READ_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}  # sequential and progressive, Huffman and arithmetic
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}  # 0xF7: JPEG-LS
_DEPTHS = range(2, 17)  # bits of a sample; any other number is damage
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


def _frame(data: bytes) -> tuple[int, int] | None:
    """Return the marker and the bits per sample of the first frame header, or None."""
    at = 2
    while at + 4 < len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _FRAMES:
            return marker, data[at + 4]
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)
    return None
