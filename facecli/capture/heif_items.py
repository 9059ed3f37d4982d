"""The coding of the pictures in a HEIF file (ISO/IEC 23008-12)."""

from __future__ import annotations

from collections.abc import Iterator

_SEARCHED = 256 * 1024
_CODINGS = {
    b"av01": "AV1",
    b"vvc1": "VVC",
    b"avc1": "H.264",
    b"jpeg": "JPEG",
    b"j2k1": "JPEG 2000",
    b"unci": "no compression",
}
_HEVC = b"hvc1"


def unread_variant(data: bytes) -> str | None:
    """Return why a HEIF file is not read, as a clause, or None if its pictures are HEVC."""
    types = set(_item_types(data[:_SEARCHED]))
    if _HEVC in types:
        return None
    coding = next((name for kind, name in _CODINGS.items() if kind in types), None)
    return f"it is a HEIF file with {coding}" if coding is not None else None


def _item_types(data: bytes) -> Iterator[bytes]:
    """Yield the type of each item that is described (`infe`, versions 2 and 3)."""
    at = data.find(b"infe")
    while at >= 0:
        start = at + (12 if data[at + 4 : at + 5] == b"\x02" else 14)
        yield data[start : start + 4]
        at = data.find(b"infe", at + 4)
