"""Take out of a PNG what is not needed for its pixels, colours and orientation (PNG, W3C, 2025).

A checksum, a profile or a text that is wrong or too large must not cost the picture.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TEXT = 4 * 1024 * 1024
"""Most bytes of a profile or text after decompression."""
_END = b"\0\0\0\0IEND\xaeB`\x82"
_KEPT_TEXTS = {b"Raw profile type exif", b"XML:com.adobe.xmp"}  # they can hold the orientation


@dataclass(frozen=True, slots=True)
class _Chunk:
    """One chunk. whole: all its bytes, from its length to its checksum."""

    name: bytes
    body: bytes
    whole: bytes
    cut: bool

    @property
    def intact(self) -> bool:
        """True if the checksum is right."""
        return not self.cut and zlib.crc32(self.name + self.body) == int.from_bytes(
            self.whole[-4:], "big"
        )


def without_unneeded(data: bytes) -> bytes:
    """Return a PNG with its critical chunks, and those others that are needed and readable.

    Animation chunks are left out, which leaves the default image. A missing end is added; a cut
    critical chunk is kept, so that decoding fails.
    """
    kept = [SIGNATURE]
    for chunk in _chunks(data):
        if chunk.name == b"IEND":
            break
        if _is_critical(chunk) or (chunk.intact and _is_needed(chunk)):
            kept.append(chunk.whole)
            if chunk.cut:
                return b"".join(kept)
    return b"".join((*kept, _END))


def _chunks(data: bytes) -> Iterator[_Chunk]:
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        whole = data[at:end]
        yield _Chunk(data[at + 4 : at + 8], data[at + 8 : end - 4], whole, cut=end > len(data))
        at = end


def _is_critical(chunk: _Chunk) -> bool:
    return not chunk.name[0] & 0x20


def _is_needed(chunk: _Chunk) -> bool:
    """Return True for transparency, EXIF, and a profile or text that can be read."""
    if chunk.name in (b"tRNS", b"eXIf"):
        return True
    keyword, _, rest = chunk.body.partition(b"\0")
    if chunk.name == b"iCCP":
        return rest[:1] == b"\0" and _can_be_inflated(rest[1:])
    if keyword not in _KEPT_TEXTS:
        return False
    if chunk.name == b"zTXt":
        return rest[:1] == b"\0" and _can_be_inflated(rest[1:])
    if chunk.name == b"iTXt":
        text = rest[2:].split(b"\0", 2)
        return len(text) == 3 and (rest[:1] == b"\0" or _can_be_inflated(text[2]))
    return chunk.name == b"tEXt"


def _can_be_inflated(data: bytes) -> bool:
    inflater = zlib.decompressobj()
    try:
        return len(inflater.decompress(data, MAX_TEXT)) > 0 and not inflater.unconsumed_tail
    except zlib.error:
        return False
