"""Frames of a source, one after another, from a process that can be killed.

A camera that hangs, a stream that breaks off and a file that crashes its decoder end in an error
after a known time, never in a wait without end. See `capture.reading` for the other side.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from facecli.capture import reading
from facecli.capture.reading import Answer, Ended, Next, Open, Question, Shot
from facecli.capture.sources import Source
from facecli.errors import NoCamera, NotAVideo, StreamLost
from facecli.workers.companion import Companion
from facecli.workers.local import Failure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPEN_SECONDS = 10.0
READ_SECONDS = 5.0
GRACE = 2.0  # for the process, beyond the limit that FFmpeg itself is given


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """One frame. rgb: (height, width, 3) uint8 RGB, upright, read-only.

    number: from 0, counting frames that were passed over. seconds: the media's time of a file,
    the time since opening of a live source.
    """

    rgb: NDArray[np.uint8]
    number: int
    seconds: float


class Frames:
    """An open source. Iterate once: every frame of a file, the newest of a live source.

    live: whether frames come whether or not they are asked for. name: safe to print.
    """

    def __init__(
        self, source: Source, every: int, open_seconds: float, read_seconds: float
    ) -> None:
        self.live = source.live
        self.name = source.name
        self._source = source
        self._every = every
        self._open_seconds = open_seconds
        self._read_seconds = read_seconds
        self._reader = self._opened()
        self._start = time.monotonic()

    def close(self) -> None:
        """End the process that reads."""
        self._reader.close()

    def __iter__(self) -> Iterator[Frame]:
        """Yields frames until the end of a file. Raises `NotAVideo`, `StreamLost`."""
        ahead = 1 if self.live else 2  # a file is decoded while the last frame is looked at
        for _ in range(ahead):
            self._reader.ask(Next())
        any_came = False
        while True:
            answer = self._reader.answer(self._read_seconds + GRACE)
            if not isinstance(answer, Shot):
                if isinstance(answer, Ended) and answer.whole and any_came:
                    return
                raise self._lost(answer, any_came)
            any_came = True
            if not self.live:
                self._reader.ask(Next())
            yield self._frame(answer)
            if self.live:
                self._reader.ask(Next())

    def _frame(self, shot: Shot) -> Frame:
        import numpy as np

        pixels = np.frombuffer(shot.pixels, np.uint8).reshape(shot.height, shot.width, 3)
        seconds = max(0.0, shot.seconds - self._start) if self.live else shot.seconds
        return Frame(pixels, shot.number, seconds)

    def _opened(self) -> Companion[Question, Answer]:
        reader: Companion[Question, Answer] = Companion(
            partial(reading.setup, self._source, self._every)
        )
        reader.ask(Open(self._open_seconds))
        answer = reader.answer(self._open_seconds + GRACE)
        if answer is None:
            return reader
        reader.close()
        why = answer.message if isinstance(answer, Failure) else str(answer)
        raise self._refused(why)

    def _refused(self, why: str) -> NoCamera | NotAVideo:
        if self.live:
            return NoCamera(path=self.name, why=why)
        return NotAVideo(path=self.name, why=why)

    def _lost(self, answer: Answer | Failure, any_came: bool) -> NoCamera | NotAVideo | StreamLost:
        if isinstance(answer, Failure):
            why = answer.message
        elif any_came:
            why = "no more frames came"
        else:
            why = "it has no picture that can be shown"
        if self.live and any_came:
            return StreamLost(path=self.name, why=why)
        return self._refused(why)


@contextmanager
def open_frames(
    source: Source,
    *,
    every: int = 1,
    open_seconds: float = OPEN_SECONDS,
    read_seconds: float = READ_SECONDS,
) -> Iterator[Frames]:
    """Open a source of frames; its process ends with the context.

    every: yield each so-manieth frame of a file alone; the others are not even converted.
    open_seconds, read_seconds: how long to wait for the source, and for each frame.

    Raises:
        NoCamera: it is not there, refuses, or gives no frame.
        NotAVideo: the file cannot be read as one.
        StreamLost: while iterating: no more frames came from a live source.
        WorkersFailed: no process can be started.
    """
    frames = Frames(source, every, open_seconds, read_seconds)
    try:
        yield frames
    finally:
        frames.close()
