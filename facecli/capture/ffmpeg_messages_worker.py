"""Read what FFmpeg prints, to find out what OpenCV does not tell. Runs in workers only."""

from __future__ import annotations

import ctypes
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

_STANDARD = (1, 2)  # the descriptors of stdout and stderr
_NOT_CONVERTED = re.compile(r"\bfmt:\S+ csp:")  # of libswscale, at a picture that it refuses
INTERLACED = "its frames are interlaced (deinterlace it, or set the camera to progressive frames)"
_UNKNOWN_PIXELS = "its pixels have an unknown form (convert it to MP4 with H.264)"


def converted_frame(capture: Any) -> Any:
    """Return the frame that an open `cv2.VideoCapture` has grabbed, (height, width, 3) uint8 BGR.

    Where FFmpeg refuses to convert a frame, OpenCV gives whatever was in its memory.

    Returns:
        None if there is no frame; a text, the reason as a clause, if it cannot be converted.
    """
    with ffmpeg_messages() as messages:
        done, bgr = capture.retrieve()
    said = "".join(messages)
    if _NOT_CONVERTED.search(said):
        return INTERLACED if "interlaced" in said else _UNKNOWN_PIXELS
    return bgr if done else None


@contextmanager
def ffmpeg_messages() -> Iterator[list[str]]:
    """Collect what FFmpeg prints in the block: nothing else says why it does not do something.

    OpenCV prints it to the streams of C. Both go to a file without a name meanwhile; otherwise
    they are discarded.
    """
    messages: list[str] = []
    with _nameless_file() as file:
        kept = [os.dup(handle) for handle in _STANDARD]
        for handle in _STANDARD:
            os.dup2(file.fileno(), handle)
        try:
            yield messages
        finally:
            ctypes.CDLL(None).fflush(None)
            for handle, before in zip(_STANDARD, kept, strict=True):
                os.dup2(before, handle)
                os.close(before)
            file.seek(0)
            messages.append(file.read(1 << 16).decode("utf-8", "replace"))


def _nameless_file() -> BinaryIO:
    """Return a file in memory where that exists: a sealed worker can make no other."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("messages"), "w+b")
    return tempfile.TemporaryFile()
