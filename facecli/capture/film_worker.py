"""Write an annotated video with OpenCV in a process of its own, which `capture.film` starts.

Of the codecs that OpenCV's wheel can write into MP4, MPEG-4 Part 2 (`mp4v`) plays most widely. It
has H.264 and H.265 for hardware only and no AV1; VP9 takes many times as long, and not every player
knows it.
"""

from __future__ import annotations

import os
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
"""Bits a second."""
_FINEST_RATE = 65  # frames a second; MPEG-4 divides a second into at most 65,535 parts


@dataclass(frozen=True, eq=False)
class FilmFrame:
    """The next frame, (height, width, 3) uint8 RGB, and the marks to draw onto it."""

    rgb: NDArray[np.uint8] = field(repr=False)
    marks: Sequence[Mark]


@dataclass(frozen=True)
class FilmEnd:
    """The end of the film."""


FilmQuestion: TypeAlias = FilmFrame | FilmEnd


def write_film_worker(target: str, rate: float) -> Callable[[FilmQuestion], str | None]:
    """Return the function that draws and encodes frames, for a `Companion`.

    It answers None, or the reason for a failure as a clause.

    Args:
        target: path of an existing file to write to, whose name ends in `.mp4`.
        rate: frames a second.
    """
    import cv2

    from facecli.capture import (
        containers,  # noqa: F401 - needed at the end
        joined_letters,
    )
    from facecli.capture.annotate import annotate

    cv2.setNumThreads(1)
    joined_letters.warm_up()
    writer: Any = None
    size = (0, 0)

    def reply(question: FilmQuestion) -> str | None:
        nonlocal writer, size
        if isinstance(question, FilmEnd):
            return _closed(writer, target)
        drawn: Any = annotate(question.rgb, question.marks)
        if writer is None:
            size = drawn.shape[1], drawn.shape[0]
            writer = _opened(target, rate, size)
            if not writer.isOpened():
                return "this OpenCV cannot encode frames of their size as MPEG-4"
        if (drawn.shape[1], drawn.shape[0]) != size:  # a stream may change its size, a film may not
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
    return cv2.VideoWriter(target, cv2.CAP_FFMPEG, codec, rate, size)


def _closed(writer: Any, target: str) -> str | None:
    """Close the file and check that it is complete: OpenCV does not report write errors."""
    from facecli.capture.containers import is_whole_mp4

    if writer is not None:
        writer.release()
    whole = is_whole_mp4(Path(target))
    return None if whole else "the disk is full, or no file may grow so large"
