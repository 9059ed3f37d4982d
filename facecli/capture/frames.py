"""Read the frames of a source, one after another, from a process that can be killed.

A camera that hangs, a stream that breaks off and a file that crashes its decoder end in an error
after a known time, never in an endless wait. `capture.frames_worker` is the worker's half.
"""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from facecli.capture import frames_worker
from facecli.capture.frames_worker import (
    FrameAnswer,
    FrameQuestion,
    FramesEnded,
    NextFrame,
    OpenSource,
    RawFrame,
    SourceOpened,
)
from facecli.capture.source_opening_worker import MAX_PIXELS
from facecli.capture.sources import Source
from facecli.errors.capture import BrokenOff, FilmDamaged, NoCamera, NotAVideo, StreamLost
from facecli.printable import counted
from facecli.workers import shared_memory
from facecli.workers.answers import CRASHED, FORGED, Failure
from facecli.workers.companion import TIMED_OUT, Companion
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.gate import Gate, resolve
from facecli.workers.confinement.profiles import Profile
from facecli.workers.shared_memory import SharedBytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from facecli.capture.tls import SecureCamera

Reader: TypeAlias = Companion[FrameQuestion, FrameAnswer]

OPEN_SECONDS = 10.0
READ_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
GRACE = 2.0  # seconds for the process, beyond the limit that the backend itself has
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0  # seconds between two attempts to reconnect


@dataclass(frozen=True)
class FrameLimits:
    """Longest waits in seconds.

    open: for the source to open. read: for each frame. patience: for a lost live source to return.
    """

    open: float = OPEN_SECONDS
    read: float = READ_SECONDS
    patience: float = PATIENCE_SECONDS


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """One frame.

    rgb: (height, width, 3) uint8 RGB, upright, read-only, in memory that workers share.
    number: from 0, skipped frames included.
    seconds: the media's time of a file; the time since opening of a live source.
    """

    rgb: NDArray[np.uint8]
    number: int
    seconds: float


class Frames:
    """An open source. Iterate once: every frame of a file, the newest of a live source.

    live: frames come whether or not they are asked for. rate: average frames a second.
    name: safe to print. interruptions: number of times a live source was lost and came back.
    """

    def __init__(self, source: Source, every: int | None, limits: FrameLimits) -> None:
        self.name = source.name
        self.interruptions = 0
        self._source = source
        self._every = every
        self._limits = limits
        self._reader: Reader | None = None
        self._tls: SecureCamera | None = None  # the way to a camera behind TLS
        self._rooms: deque[int] = deque()  # of the frames that were asked for
        self._next_number = 0
        self._first_number = 0  # of the present connection
        answer = self._open()
        if not isinstance(answer, SourceOpened):
            raise self._refused(_why(answer))
        self.live = answer.live
        self.rate = answer.rate
        self._start = time.monotonic()

    def close(self) -> None:
        """End the process that reads."""
        while self._rooms:
            os.close(self._rooms.popleft())
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if self._tls is not None:
            self._tls.close()
            self._tls = None

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames until the end of a file.

        Raises:
            NoCamera, NotAVideo, StreamLost: see `open_frames`.
        """
        # A file's next frame is decoded while the caller uses this one. Of a camera, only the
        # newest frame is of use.
        self._ask(1 if self.live else 2)
        while True:
            answer = self._next()
            if isinstance(answer, Frame):
                if not self.live:
                    self._ask()
                yield answer
                if self.live:
                    self._ask()
            elif self._next_number == 0:
                raise self._refused(_why(answer))
            elif self.live:
                self._reconnect(_why(answer))
                self._ask()
            elif isinstance(answer, FramesEnded):
                if not answer.whole:
                    raise BrokenOff(path=self.name, frames=self._next_number)
                if answer.damaged:
                    raise FilmDamaged(path=self.name, frames=self._next_number)
                return
            else:
                raise self._refused(f"{_why(answer)} after {counted(self._next_number, 'frame')}")

    def _ask(self, times: int = 1) -> None:
        for _ in range(times):
            if self._reader is not None:
                self._rooms.append(shared_memory.room(3 * MAX_PIXELS))
                self._reader.ask(NextFrame(self._rooms[-1]))

    def _answer(self, limit: float) -> FrameAnswer | Failure:
        if self._reader is None:
            return FramesEnded(whole=False)
        return self._reader.answer(limit + GRACE)

    def _next(self) -> Frame | FrameAnswer | Failure:
        answer = self._answer(self._limits.read)
        if not isinstance(answer, RawFrame):
            return answer
        try:
            return self._frame(answer, SharedBytes.sealed(self._rooms.popleft(), answer.size))
        except OSError:
            self.close()
            return Failure(CRASHED, f"the process that had it {FORGED}")

    def _frame(self, raw: RawFrame, shared: SharedBytes) -> Frame:
        import numpy as np

        pixels = np.frombuffer(shared, np.uint8).reshape(raw.height, raw.width, 3)
        seconds = max(0.0, raw.seconds - self._start) if self.live else raw.seconds
        number = self._first_number + raw.number
        self._next_number = number + 1
        return Frame(pixels, number, seconds)

    def _open(self) -> FrameAnswer | Failure:
        self.close()
        answer: FrameAnswer | Failure = ""
        try:
            answer = self._opened()
        finally:
            if not isinstance(answer, SourceOpened):
                self.close()
        return answer

    def _opened(self) -> FrameAnswer | Failure:
        reader = self._connect() if self._source.kind == "url" else self._launch(self._source)
        if isinstance(reader, str | Failure):
            return reader
        file = self._source.address if self._source.kind == "video" else None
        reader.ask(OpenSource(self._limits.open, self._limits.read, file))
        answer = self._answer(self._limits.open)
        if isinstance(answer, SourceOpened) or self._tls is None:
            return answer
        return self._tls.trouble or answer

    def _connect(self) -> Reader | Failure | str:
        """Start the process that reads a network camera, or return why it cannot be reached."""
        peer = resolve(*self._source.endpoint, self._limits.open)
        if peer is None:
            return "there is no host of that name"
        by_number = self._source.at(peer.number)
        if not self._source.secure:
            return self._launch(by_number, Gate(peer, self._limits.open))
        from facecli.capture import tls

        self._tls = tls.SecureCamera(self._source, peer, self._limits.open)
        reader = self._launch(by_number, Gate(self._tls, self._limits.open))
        begun = self._tls.wait()
        if isinstance(begun, Failure):
            return begun
        reader.wait()
        # Without its gate the decoder would send the password to the camera unencrypted.
        gated = reader.confinement is not None and reader.confinement.gate
        return reader if gated else tls.NO_GATE

    def _launch(self, source: Source, gate: Gate | None = None) -> Reader:
        setup = partial(frames_worker.read_frames_worker, source, self._every)
        self._reader = Companion(setup, bounds=_bounds(source), gate=gate)
        return self._reader

    def _reconnect(self, why: str) -> None:
        """Try to open a lost camera again, after longer and longer waits. Raises `StreamLost`."""
        self.close()
        given_up = time.monotonic() + self._limits.patience
        wait = _FIRST_WAIT
        while True:
            left = given_up - time.monotonic()
            if left <= 0:
                seconds = f"{self._limits.patience:g}"
                raise StreamLost(path=self.name, why=why, seconds=seconds)
            time.sleep(min(wait, left))
            wait = min(2 * wait, _LONGEST_WAIT)
            answer = self._open()
            if isinstance(answer, SourceOpened):
                self._first_number = self._next_number
                self.interruptions += 1
                return
            why = _why(answer)

    def _refused(self, why: str) -> NoCamera | NotAVideo:
        if self._source.live:
            return NoCamera(path=self.name, why=why)
        return NotAVideo(path=self.name, why=why)


def _bounds(source: Source) -> Bounds | None:
    """Return what the process that reads this source may ask of the kernel."""
    if source.kind == "video":
        return Bounds(Profile.VIDEO)
    if source.kind == "url":
        return Bounds(Profile.STREAM, port=source.endpoint[1])
    with suppress(OSError):
        if stat.S_ISCHR(os.stat(source.address).st_mode):
            return Bounds(Profile.DEVICE, device=source.address)
    return Bounds(Profile.DEVICE)


def _why(answer: FrameAnswer | Failure) -> str:
    if isinstance(answer, Failure):
        late = answer.code == TIMED_OUT
        return "no frame came in time" if late else answer.message
    return answer if isinstance(answer, str) else "no frame came"


@contextmanager
def open_frames(
    source: Source, *, every: int | None = 1, limits: FrameLimits | None = None
) -> Iterator[Frames]:
    """Open a source of frames. Its process ends with the context.

    Args:
        every: yield every N-th frame of a file; the others are not even converted. None: about ten
            a second. Of a live source every new frame comes.
        limits: longest waits.

    Raises:
        NoCamera: it is not there, refuses, or delivers no frame (also while iterating).
        NotAVideo: the file cannot be read as a video (also while iterating); `BrokenOff`: it ends
            too early; `FilmDamaged`: frames are missing.
        StreamLost: while iterating: a live source was lost and did not come back.
        WorkersFailed: no process can be started.
    """
    frames = Frames(source, every, limits or FrameLimits())
    try:
        yield frames
    finally:
        frames.close()
