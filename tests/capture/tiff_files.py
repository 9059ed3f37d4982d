"""TIFF files with several directories, written by hand, since no library here writes them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Picture:
    """A gray picture and its tags. under: its sub-directories."""

    width: int
    height: int
    tags: dict[int, int] = field(default_factory=dict)
    under: tuple[Picture, ...] = ()


def tiff(*pictures: Picture, order: str = "<", big: bool = False) -> bytes:
    """Return a TIFF, or a BigTIFF, whose directories are chained in this order."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 43 if big else 42)
    data = bytearray(head + (struct.pack(f"{order}HHQ", 8, 0, 0) if big else bytes(4)))
    _chain(data, pictures, 8 if big else 4, order, big)
    return bytes(data)


def _chain(
    data: bytearray, pictures: tuple[Picture, ...], link: int, order: str, big: bool
) -> None:
    """Append directories. link: where the offset of the first one is written."""
    offset = "Q" if big else "I"
    for picture in pictures:
        subs = []
        for sub in picture.under:
            place = len(data)
            data += struct.pack(f"{order}{offset}", 0)
            _chain(data, (sub,), place, order, big)
            subs.append(struct.unpack_from(f"{order}{offset}", data, place)[0])
        pixels = len(data)
        data += bytes(picture.width * picture.height)
        tags = {
            256: picture.width, 257: picture.height, 258: 8, 259: 1, 262: 1, 273: pixels,
            277: 1, 278: picture.height, 279: picture.width * picture.height, **picture.tags,
        }  # fmt: skip
        listed = len(data)
        data += struct.pack(f"{order}{len(subs)}{offset}", *subs)
        struct.pack_into(f"{order}{offset}", data, link, len(data))
        data += struct.pack(f"{order}{'Q' if big else 'H'}", len(tags) + bool(subs))
        entry = f"{order}HH{offset}{offset}"
        for tag, value in sorted(tags.items()):
            data += struct.pack(entry, tag, 16 if big else 4, 1, value)
        if subs:
            value = listed if len(subs) > 1 else subs[0]
            data += struct.pack(entry, 330, 18 if big else 13, len(subs), value)
        link = len(data)
        data += struct.pack(f"{order}{offset}", 0)
