"""Writing an annotated video with OpenCV, in a process of its own: see `capture.film`.

Of what OpenCV's wheel can encode into MP4, MPEG-4 Part 2 (`mp4v`) plays most widely: H.264 and
H.265 it has only for hardware, AV1 not, VP9 takes many times as long and not every player has it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from facecli.capture.marks import Mark

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BITS_A_PIXEL = 0.2
LEAST_BITS = 500_000
"""A second."""
_FINEST_RATE = 65  # frames a second; MPEG-4 counts time in parts of 65,535 of a second at most


@dataclass(frozen=True, eq=False)
class Still:
    """The next frame: (height, width, 3) uint8 RGB, and what is to be drawn onto it."""

    rgb: NDArray[np.uint8] = field(repr=False)
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Finish:
    """That was the last one."""


Question: TypeAlias = Still | Finish


def setup(target: str, rate: float) -> Callable[[Question], str | None]:
    """The function that draws and encodes frames into `target`, a file that is there, whatever it
    is called; for a `Companion`. It answers with why it failed, if it did.

    rate: frames a second.
    """
    import cv2

    from facecli.capture.annotate import annotate

    cv2.setNumThreads(1)
    writer: Any = None
    size = (0, 0)

    def reply(question: Question) -> str | None:
        nonlocal writer, size
        if isinstance(question, Finish):
            return _closed(writer, target)
        drawn: Any = annotate(question.rgb, question.marks)
        if writer is None:
            size = drawn.shape[1], drawn.shape[0]
            writer = _opened(target, rate, size)
            if not writer.isOpened():
                return "this OpenCV cannot encode frames of their size as MPEG-4"
        if (drawn.shape[1], drawn.shape[0]) != size:  # a stream may change its size, a file not
            drawn = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)
        writer.write(cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
        return None

    return reply


def _opened(target: str, rate: float, size: tuple[int, int]) -> Any:
    import cv2

    bits = max(LEAST_BITS, round(BITS_A_PIXEL * size[0] * size[1] * rate))
    os.environ["OPENCV_FFMPEG_WRITER_OPTIONS"] = f"b;{bits}"
    codec = cv2.VideoWriter.fourcc(*"mp4v")
    rate = round(rate, 3 if rate < _FINEST_RATE else 1)
    with tempfile.TemporaryDirectory() as folder:
        name = Path(folder, "film.mp4")  # by the ending OpenCV chooses the container
        name.symlink_to(target)
        return cv2.VideoWriter(str(name), cv2.CAP_FFMPEG, codec, rate, size)


def _closed(writer: Any, target: str) -> str | None:
    """OpenCV tells nothing of what could not be written: see whether it is all there."""
    from facecli.capture.containers import is_whole_mp4

    if writer is not None:
        writer.release()
    whole = is_whole_mp4(Path(target))
    return None if whole else "the disk is full, or no file may grow so large"
