"""Bound the memory that FFmpeg may take for one packet or picture of a stream.

A camera states how long a packet is, and FFmpeg keeps all that comes until it is whole: two
gigabytes, if the camera states so. None of FFmpeg's options for a stream bounds that. Its
allocator has a bound, which `av_max_alloc` of libavutil sets for the whole process.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

_MAPPINGS = Path("/proc/self/maps")
_SOME = 1 << 20  # bytes of a block that a worker without work needs at most
_PATH = 5  # the field of a mapping that names its file


def bound_allocations(size: int) -> bool:
    """Let FFmpeg allocate no block of more than `size` bytes in this process.

    Call it after the import of OpenCV, which loads FFmpeg.

    Returns:
        False where libavutil is not found: outside Linux, or linked into OpenCV.
    """
    library = _library()
    if library is None:
        return False
    library.av_max_alloc(ctypes.c_size_t(size))
    return True


def bounding_worker() -> Callable[[int], bool]:
    """Return the function that tells whether FFmpeg's blocks can be bounded here."""
    import cv2  # noqa: F401 - loads FFmpeg

    bounded = bound_allocations(_SOME)

    def reply(_: int) -> bool:
        return bounded

    return reply


def _library() -> ctypes.CDLL | None:
    """Return the libavutil that is loaded already; another copy would bound nothing."""
    try:
        mappings = [line.split(maxsplit=_PATH) for line in _MAPPINGS.read_text().splitlines()]
    except OSError:
        return None
    for fields in mappings:
        if len(fields) > _PATH and Path(fields[_PATH]).name.startswith("libavutil"):
            return ctypes.CDLL(fields[_PATH])
    return None
