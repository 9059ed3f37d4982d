"""The header of a BMP file, to tell an unusual one from a damaged one."""

from __future__ import annotations

import struct

_DEPTHS = {0, 1, 2, 4, 8, 16, 24, 32, 64}  # 0: a JPEG or PNG in a BMP
_LARGEST_COMPRESSION = 13
_LARGEST_PALETTE = 4096
_CORE_HEADER = 12


def is_plausible(data: bytes) -> bool:
    """Return True if every number in the header is one that some BMP has."""
    try:
        (size,) = struct.unpack_from("<I", data, 14)
        if size == _CORE_HEADER:
            width, height, planes, depth = struct.unpack_from("<HHHH", data, 18)
            compression = palette = 0
        else:
            width, height, planes, depth, compression = struct.unpack_from("<iiHHI", data, 18)
            palette = struct.unpack_from("<I", data, 46)[0] if size >= 40 else 0
    except struct.error:
        return False
    return (
        width > 0
        and height != 0
        and planes == 1
        and depth in _DEPTHS
        and compression <= _LARGEST_COMPRESSION
        and palette <= _LARGEST_PALETTE
    )
