"""Read frames with OpenCV in a process of its own, which `capture.frames` starts.

Decoders and drivers are attack surface and may block for ever; a process can be killed. Files are
read frame by frame on request. A thread drains live sources, so that the newest frame is returned
and never one that waited in a buffer.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from facecli.capture.containers import ends_in_zeros, is_cut_off
from facecli.capture.ffmpeg_memory_worker import bound_allocations
from facecli.capture.ffmpeg_messages_worker import converted_frame
from facecli.capture.frame_geometry import is_dark, pixel_ratio, with_square_pixels
from facecli.capture.source_opening_worker import MAX_PIXELS, open_capture
from facecli.capture.sources import Source
from facecli.workers import files
from facecli.workers.wire import Between

Bgr: TypeAlias = Any
"""(height, width, 3) uint8 BGR, as OpenCV decodes it."""

FEW_A_SECOND = 10
"""Frames a second of a file where no other rate is asked for."""
FASTEST_RATE = 1000
"""Frames a second that a source may state."""
LARGEST_BLOCK = 4 * MAX_PIXELS
"""Bytes of the longest packet that FFmpeg takes: as many as the largest picture in four bytes a
pixel."""
_MOST_DAMAGED = 250
"""Packets in a row that may fail before a film or stream counts as ended: seconds of it."""
_SOUND_AFTER_THE_END = 1.0  # seconds
_SECONDS_MISSED = 2.0


@dataclass(frozen=True)
class OpenSource:
    """The first question: open the source. Answer: `SourceOpened`, or the reason as a clause.

    seconds: seconds that the backend may take for it. read_seconds: seconds for each frame.
    file: the path of a video file, which the parent opens for the worker; None for a camera.
    """

    seconds: float
    read_seconds: float
    file: str | None


@dataclass(frozen=True)
class SourceOpened:
    """The source is open.

    live: the newest frame is returned, not each in its order. rate: average frames a second.
    """

    live: bool
    rate: Annotated[float, Between(math.ulp(0.0), FASTEST_RATE)]


@dataclass(frozen=True)
class NextFrame:
    """The question for the next frame of a file, or a live source's newest unread frame.

    room: the descriptor, in the parent, of the memory in which its pixels are left.
    """

    room: int


@dataclass(frozen=True)
class RawFrame:
    """One frame, whose height * width * 3 bytes RGB lie in the room of the question.

    number: from 0, counting all frames that came.
    seconds: the media's time of a file, the monotonic clock's time of a live source.
    """

    height: int
    width: int
    number: int
    seconds: float

    @property
    def size(self) -> int:
        """Bytes of its pixels."""
        return 3 * self.height * self.width

    def is_answer_to(self, question: FrameQuestion, *_: object) -> bool:
        """Return False if no sound worker answers so."""
        sides = self.height, self.width
        return (
            isinstance(question, NextFrame)
            and min(sides) >= 1
            and math.prod(sides) <= MAX_PIXELS
            and self.number >= 0
        )


@dataclass(frozen=True)
class FramesEnded:
    """No more frames come.

    whole: a file has reached its end; False: the source broke off. damaged: frames are missing,
    whose packets could not be decoded or are zeros.
    """

    whole: bool
    damaged: bool = False


FrameQuestion: TypeAlias = OpenSource | NextFrame
FrameAnswer: TypeAlias = SourceOpened | RawFrame | FramesEnded | str


def read_frames_worker(source: Source, every: int | None) -> Callable[[FrameQuestion], FrameAnswer]:
    """Return the function that answers questions about one source, for a `Companion`.

    Args:
        every: return every N-th frame of a file only; None: about `FEW_A_SECOND`.
    """
    os.environ["OPENCV_LOG_LEVEL"] = "SILENT"
    os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "24"  # warnings, which `open_capture` reads
    import cv2

    cv2.setNumThreads(1)
    bound_allocations(LARGEST_BLOCK)
    reader: _FileReader | _LiveReader | None = None

    def reply(question: FrameQuestion) -> FrameAnswer:
        nonlocal reader
        if isinstance(question, OpenSource):
            capture, why = open_capture(source, question.seconds, question.read_seconds)
            if capture is None:
                return why
            live = source.live and not _has_an_end(source, capture)
            rate = _rate(capture)  # before a thread uses the capture
            reader = _LiveReader(capture, source) if live else _FileReader(capture, source, every)
            return SourceOpened(live, rate)
        return reader.next() if reader is not None else FramesEnded(whole=False)

    return reply


def _has_an_end(source: Source, capture: Any) -> bool:
    """Return True for a file on a web server, which is sent as fast as it is read."""
    import cv2

    served = source.address[:4].lower() == "http"
    return source.kind == "url" and served and capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0


def _rate(capture: Any) -> float:
    """Return the frames a second that the source states, or 25 where it states nothing usable."""
    import cv2

    rate = float(capture.get(cv2.CAP_PROP_FPS))
    return rate if 0 < rate <= FASTEST_RATE else 25.0


class _FileReader:
    """One frame of every N, in the order of the file: the first that is not dark.

    Lamps of some cameras light every second frame only. Where all N are dark, the last of them is
    returned.
    """

    def __init__(self, capture: Any, source: Source, every: int | None) -> None:
        self._capture = capture
        self._source = source
        self._every = every or max(1, round(_rate(capture) / FEW_A_SECOND))
        self._ratio = pixel_ratio(capture)
        self._number = -1  # of the last frame that was decoded
        self._due = 0  # the first frame that the next answer may show
        self._seconds = -1.0
        self._damaged = False
        self._file: int | None = None
        if source.kind == "video":
            with files.opened(source.address) as handle:
                self._file = os.dup(handle)

    def next(self) -> FrameAnswer:
        """Return the next frame, or `FramesEnded`."""
        import cv2

        while self._number < self._due - 1:
            if not self._grab():
                return self._end()
        self._due += self._every
        bgr = None
        while self._number < self._due - 1 and self._grab():
            bgr = converted_frame(self._capture)
            if bgr is None:
                return FramesEnded(whole=False)
            if isinstance(bgr, str):
                return bgr
            if self._every == 1 or not is_dark(bgr):
                break
        if bgr is None:
            return self._end()
        seconds = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if seconds <= self._seconds:  # a file without usable times: go by its rate
            seconds = max(self._seconds, self._number / _rate(self._capture))
        self._seconds = seconds
        bgr = with_square_pixels(bgr, self._ratio)
        return _raw_frame(bgr, self._source.rotate, self._number, seconds)

    def _grab(self) -> bool:
        """Decode the next frame, behind damaged packets if need be. Returns False at the end.

        What fails before the first frame was recorded without the frame that it builds on.
        """
        failed = _packets_before_a_frame(self._capture)
        if failed is None:
            return False
        self._damaged = self._damaged or (failed > 0 and self._number >= 0)
        self._number += 1
        return True

    def _end(self) -> FramesEnded:
        return FramesEnded(not self._is_cut_off(), self._damaged or self._is_blank_at_its_end())

    def _is_cut_off(self) -> bool:
        """Return True if the file states a greater length; FFmpeg reports no difference."""
        if self._file is None:
            return self._ends_early()
        try:
            return is_cut_off(os.dup(self._file))
        except OSError:
            return True

    def _is_blank_at_its_end(self) -> bool:
        """Return True for a file of which much is missing by its length, and zeros are there.

        Either alone is no sign: sound may be longer, and recorders reserve room behind a film.
        """
        import cv2

        stated = self._capture.get(cv2.CAP_PROP_FRAME_COUNT) / _rate(self._capture)
        seen = max(self._seconds, self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        if self._file is None or stated - seen <= max(_SECONDS_MISSED, stated / 10):
            return False
        try:
            return ends_in_zeros(os.dup(self._file))
        except OSError:
            return True

    def _ends_early(self) -> bool:
        """Return True for a film on a web server of which frames and seconds are missing.

        A film may have fewer frames than its length and rate let expect, or sound after its end.
        """
        import cv2

        stated = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        missing = stated / _rate(self._capture) - self._seconds
        return bool(self._number + 1 < stated and missing > _SOUND_AFTER_THE_END)


class _LiveReader:
    """The newest frame. A thread of this process takes every frame as it comes."""

    def __init__(self, capture: Any, source: Source) -> None:
        self._capture = capture
        self._source = source
        self._changed = threading.Condition()
        self._ratio = pixel_ratio(capture)
        self._newest: Bgr = None
        self._number = -1
        self._arrived = 0.0
        self._returned = -1
        self._over = False
        self._why: str | None = None
        self._is_device = source.kind == "device"
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        try:
            while self._grab():
                bgr = converted_frame(self._capture)
                with self._changed:
                    if bgr is None or isinstance(bgr, str):
                        self._why = bgr
                        break
                    self._newest, self._number = bgr, self._number + 1
                    self._arrived = time.monotonic()
                    self._changed.notify()
        finally:
            with self._changed:
                self._over = True
                self._changed.notify()

    def _grab(self) -> bool:
        if self._is_device:
            return bool(self._capture.grab())
        return _packets_before_a_frame(self._capture) is not None

    def next(self) -> FrameAnswer:
        """Wait for a frame that was not returned yet; return the newest, or `FramesEnded`."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > self._returned or self._over)
            if self._number == self._returned:
                return self._why or FramesEnded(whole=False)
            self._returned = self._number
            bgr, number, arrived = self._newest, self._number, self._arrived
        bgr = with_square_pixels(bgr, self._ratio)
        return _raw_frame(bgr, self._source.rotate, number, arrived)


def _packets_before_a_frame(capture: Any) -> int | None:
    """Decode the next frame; return the number of damaged packets before it, None at the end.

    OpenCV fails at a damaged packet as it fails at the end, and goes on when asked again.
    """
    return next((failed for failed in range(_MOST_DAMAGED) if capture.grab()), None)


def _raw_frame(bgr: Bgr, rotate: int, number: int, seconds: float) -> RawFrame:
    """Convert (height, width, 3) uint8 BGR to RGB, turned clockwise by `rotate` degrees."""
    import cv2

    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    if rotate:
        turns = {
            90: cv2.ROTATE_90_CLOCKWISE,
            180: cv2.ROTATE_180,
            270: cv2.ROTATE_90_COUNTERCLOCKWISE,
        }
        rgb = cv2.rotate(rgb, turns[rotate])
    height, width = rgb.shape[:2]
    files.fill(rgb.data)
    return RawFrame(height, width, number, seconds)
