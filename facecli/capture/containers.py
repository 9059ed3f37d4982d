"""Find video files that were cut off, which FFmpeg reads as if they were complete.

Only sizes are read: of the outermost boxes of MP4 and MOV (ISO/IEC 14496-12, 4.2), of the chunks of
AVI (RIFF), and of the segment of Matroska and WebM (RFC 8794). Nothing can be found out about other
containers, and about files that do not state their size, such as a recorded stream.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_BOXES = frozenset(
    b"ftyp moov mdat free skip wide pnot moof mfra sidx ssix styp uuid meta udta pdin prft "
    b"emsg".split()
)
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_TAIL = 4096
_RIFF_OPEN = (0, 0xFFFFFFFF)  # written by a program that could not go back and state the length


def is_cut_off(path: Path | int) -> bool:
    """Return True if the file is shorter than it states. Raises OSError.

    path: of the file, or a descriptor of it, which is closed.
    """
    with open(path, "rb") as file:
        file.seek(0)
        length = os.fstat(file.fileno()).st_size
        head = file.read(12)
        if head[4:8] in _BOXES:
            ends = [end for _, end in _boxes(file, length)]
        elif head[:4] == b"RIFF":
            ends = list(_riff(file, length))
        elif head[:4] == _EBML:
            ends = list(_segment(file))
        else:
            return False
    return max(ends, default=0) > length


def ends_in_zeros(path: Path | int) -> bool:
    """Return True if the last bytes of a file are zeros, as a copy that failed leaves them.

    path: of the file, or a descriptor of it, which is closed. Raises OSError.
    """
    with open(path, "rb") as file:
        length = os.fstat(file.fileno()).st_size
        file.seek(max(0, length - _TAIL))
        return not any(file.read(_TAIL))


def is_whole_mp4(path: Path) -> bool:
    """Return True if the file is a complete MP4 with its index. Raises OSError."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        boxes = list(_boxes(file, length))
    return {b"ftyp", b"mdat", b"moov"} <= {kind for kind, _ in boxes} and boxes[-1][1] == length


def _boxes(file: BinaryIO, length: int) -> Iterator[tuple[bytes, int]]:
    """Yield the kind of each outermost box, and the offset at which it should end."""
    at = 0
    while at + 8 <= length:
        file.seek(at)
        head = file.read(16)
        size, kind = int.from_bytes(head[:4]), head[4:8]
        if kind not in _BOXES:
            return
        if size == 1:
            size = int.from_bytes(head[8:])
        at = at + size if size >= 8 else length  # 0: to the end of the file
        yield kind, at


def _riff(file: BinaryIO, length: int) -> Iterator[int]:
    """Yield the offset at which each outermost chunk should end; large files have several."""
    at = 0
    while at + 8 <= length:
        file.seek(at)
        head = file.read(8)
        size = int.from_bytes(head[4:], "little")
        if head[:4] != b"RIFF" or size in _RIFF_OPEN:
            return
        yield at + 8 + size
        at += 8 + size + size % 2


def _segment(file: BinaryIO) -> Iterator[int]:
    """Yield the offset at which the segment after the header should end, if it is stated."""
    file.seek(len(_EBML))
    size = _vint(file)
    if size is None:
        return
    file.seek(size, os.SEEK_CUR)
    if file.read(len(_SEGMENT)) != _SEGMENT:
        return
    size = _vint(file)
    if size is not None:
        yield file.tell() + size


def _vint(file: BinaryIO) -> int | None:
    """Read an element's data size; None if it is unknown or malformed."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    bits = 7 * (more + 1)
    value: int = int.from_bytes(first + file.read(more)) & ((1 << bits) - 1)
    return None if value == (1 << bits) - 1 else value
