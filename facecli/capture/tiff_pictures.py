"""Read the directories of a TIFF, to refuse camera raw files and those that begin with a thumbnail.

Pillow reads the first directory. That of a raw file or of a scan can be a thumbnail of the picture.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_MOST_DIRECTORIES = 64
_MOST_ENTRIES = 4096
_MOST_VALUES = 64
_BIG_ENDIAN_BIGTIFF = b"MM\0+"  # Pillow reads the other order only
_FORMATS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Numbers of a type in a directory (TIFF 6.0, BigTIFF), as in `struct`."""

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
          17: 8, 18: 8}  # fmt: skip
"""Bytes of one value of each type."""

# Tags (TIFF 6.0, TIFF/EP, DNG 1.7).
_SUBFILE, _WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC = 254, 256, 257, 259, 262
_SUB_DIRECTORIES, _DNG_VERSION = 330, 50706
_WANTED = {
    _SUBFILE, _WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _SUB_DIRECTORIES, _DNG_VERSION,
}  # fmt: skip
_RAW_PHOTOMETRICS = {32803, 34892}  # colour filter array, linear raw
_COMPRESSIONS = {1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34925, 50000}
"""None, CCITT, LZW, JPEG, Deflate, PackBits, LZMA and Zstandard: those of Pillow's own libtiff."""
_NOT_A_PICTURE = 0b101  # of a reduced image, or a mask


@dataclass(frozen=True, slots=True)
class _Layout:
    """The order of bytes, "<" or ">" as in `struct`; big: a BigTIFF, with offsets of 64 bits."""

    order: str
    big: bool


def unread_variant(data: bytes) -> str | None:
    """Return why a TIFF is not read, as a clause, or None if its first picture is all of it.

    A TIFF with several pictures is read where the first is the largest. A malformed directory ends
    the search; decoding decides about such a file.
    """
    directories = list(_directories(data))
    if not directories:
        return None
    if any(_is_raw(directory) for directory in directories):
        return "it is a camera raw file"
    first, *others = directories
    if _pixels(first) < max(
        (_pixels(other) for other in others if not _first(other, _SUBFILE) & _NOT_A_PICTURE),
        default=0,
    ):
        return "it holds several pictures, and the first is a smaller one"
    if data.startswith(_BIG_ENDIAN_BIGTIFF):
        return "it is a BigTIFF in big-endian order"
    if _first(first, _COMPRESSION, 1) not in _COMPRESSIONS:
        return "it is a TIFF with a compression that is not read"
    return None


def is_cut_off(data: bytes) -> bool:
    """Return True if the first directory, or a value that it names, is not wholly in the file."""
    layout = _layout(data)
    width = 8 if layout.big else 4
    try:
        for entry in _entries(data, _first_directory(data, layout), layout):
            count = _number(data, entry + 4, "Q" if layout.big else "I", layout)
            size = count * _SIZES.get(_number(data, entry + 2, "H", layout), 0)
            value = _number(data, entry + 4 + width, "Q" if layout.big else "I", layout)
            if size > width and value + size > len(data):
                return True
    except struct.error:
        return True
    return False


def _is_raw(directory: dict[int, tuple[int, ...]]) -> bool:
    return _DNG_VERSION in directory or _first(directory, _PHOTOMETRIC) in _RAW_PHOTOMETRICS


def _pixels(directory: dict[int, tuple[int, ...]]) -> int:
    return _first(directory, _WIDTH) * _first(directory, _HEIGHT)


def _first(directory: dict[int, tuple[int, ...]], tag: int, default: int = 0) -> int:
    values = directory.get(tag)
    return values[0] if values else default


def _directories(data: bytes) -> Iterator[dict[int, tuple[int, ...]]]:
    """Yield the directories: the first, those linked from it, and their sub-directories."""
    layout = _layout(data)
    try:
        waiting = [_first_directory(data, layout)]
    except struct.error:
        return
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        at = waiting.pop(0)
        if not at or at in seen:
            continue
        seen.add(at)
        try:
            directory, following = _directory(data, at, layout)
        except struct.error:
            continue
        yield directory
        waiting += [following, *directory.get(_SUB_DIRECTORIES, ())]


def _directory(data: bytes, at: int, layout: _Layout) -> tuple[dict[int, tuple[int, ...]], int]:
    """Return the wanted numbers of the directory at an offset, and the offset of the next one.

    Raises:
        struct.error: the directory is not whole.
    """
    entries = _entries(data, at, layout)
    found = {}
    for entry in entries:
        tag = _number(data, entry, "H", layout)
        if tag in _WANTED:
            found[tag] = _values(data, entry, layout)
    try:
        return found, _number(data, entries.stop, "Q" if layout.big else "I", layout)
    except struct.error:
        return found, 0


def _layout(data: bytes) -> _Layout:
    return _Layout("<" if data[:2] == b"II" else ">", big=43 in data[2:4])


def _first_directory(data: bytes, layout: _Layout) -> int:
    """Return the offset of the first directory. Raises `struct.error` if the file is too short."""
    return _number(data, 8, "Q", layout) if layout.big else _number(data, 4, "I", layout)


def _entries(data: bytes, at: int, layout: _Layout) -> range:
    """Return the offsets of the entries of a directory.

    Raises:
        struct.error: the directory does not begin in the file, or states too many entries.
    """
    count = _number(data, at, "Q" if layout.big else "H", layout)
    if count > _MOST_ENTRIES:
        raise struct.error
    size, start = (20, at + 8) if layout.big else (12, at + 2)
    return range(start, start + count * size, size)


def _values(data: bytes, entry: int, layout: _Layout) -> tuple[int, ...]:
    """Return the first numbers of an entry, which stand in it or at the offset that it gives."""
    offset = "Q" if layout.big else "I"
    width = struct.calcsize(offset)
    kind = _FORMATS.get(_number(data, entry + 2, "H", layout))
    count = min(_number(data, entry + 4, offset, layout), _MOST_VALUES)
    if kind is None:
        return ()
    value = entry + 4 + width
    if count * struct.calcsize(f"={kind}") > width:
        value = _number(data, value, offset, layout)
    try:
        return _numbers(data, value, kind, count, layout)
    except struct.error:
        return ()


def _number(data: bytes, at: int, kind: str, layout: _Layout) -> int:
    """Return the number at an offset. Raises `struct.error` if it is not in the file."""
    return _numbers(data, at, kind, 1, layout)[0]


def _numbers(data: bytes, at: int, kind: str, count: int, layout: _Layout) -> tuple[int, ...]:
    if at > len(data):  # an offset of 64 bits can be too large for `struct`
        raise struct.error
    return struct.unpack_from(f"{layout.order}{count}{kind}", data, at)
