"""Frames that no camera gives: the same picture for seconds, or the same seconds again.

A sensor has noise and a living face moves, so that no frame comes twice. What is fed in from a
file or from a virtual camera repeats: a still picture at once, a clip when it starts again. Pure;
of each frame only a print of 16 x 16 grey means is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from facecli.recognition.engines.engine import Rgb

    Prints = npt.NDArray[np.float32]

Replay: TypeAlias = Literal["frozen-frames", "looped-frames"]

CELLS = 16
"""Of a print, along each side."""
STILL = 0.01
"""Grey levels of 255 by which two prints must differ at some cell, if frames are two: the noise of
a sensor leaves several times that in the mean of a cell."""
STILL_SECONDS, STILL_FRAMES = 2.0, 10
"""Of the same frame, that no camera gives; a slow one repeats itself for less."""
ALIKE = 0.6
"""Grey levels of 255, over the 16 cells that differ most, within which a frame is another one
again, encoded anew."""
AGAIN = 12
"""Frames in a row that come again, in the same order."""
MOVING = 4 * ALIKE
"""How much must change within these frames: who sits still looks alike for long."""
APART_SECONDS = 1.0
"""Least time from a frame to the same one again."""
KEPT_SECONDS = 60.0
"""How far back a frame is looked for; bounds memory and time."""


def print_of(rgb: Rgb) -> bytes:
    """The grey means of a frame's 16 x 16 parts, 0..255, as little-endian float32."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return cv2.resize(grey, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype("<f4").tobytes()


class Replays:
    """Looks for repetition, frame after frame."""

    def __init__(self) -> None:
        import numpy as np

        self._prints: Prints = np.empty((0, CELLS * CELLS), np.float32)
        self._times: list[float] = []
        self._runs = np.empty(0, np.int64)  # for each frame: how long a run ended there
        self._still = 1

    def take(self, seconds: float, mark: bytes) -> Replay | None:
        """Take the print of the next frame; what it shows. Time must not run back."""
        import numpy as np

        now = np.frombuffer(mark, "<f4")
        self._forget(seconds)
        if len(self._times) and np.abs(self._prints[-1] - now).max() < STILL:
            self._still += 1
        else:
            self._still = 1
        self._runs = self._longer_runs(now, seconds)
        self._prints = np.concatenate([self._prints, now[None]])
        self._times.append(seconds)
        if self._is_frozen(seconds):
            return "frozen-frames"
        return "looped-frames" if self._is_looped() else None

    def _is_frozen(self, seconds: float) -> bool:
        if self._still < STILL_FRAMES:
            return False
        return seconds - self._times[-self._still] >= STILL_SECONDS

    def _longer_runs(self, now: Prints, seconds: float) -> npt.NDArray[np.int64]:
        """For each earlier frame that `now` is again: how many before it came again as well. A
        frame may have been passed over on either side."""
        import numpy as np

        before = np.concatenate([[0, 0], self._runs])
        longest = np.max([before[2:], before[1:-1], before[:-2]], axis=0, initial=0)
        return np.append(np.where(self._is_again(now, seconds), longest + 1, 0), 0)

    def _is_again(self, now: Prints, seconds: float) -> npt.NDArray[np.bool_]:
        import numpy as np

        squares = (self._prints - now) ** 2
        again = np.asarray(self._times) <= seconds - APART_SECONDS
        again &= squares.mean(axis=1) <= ALIKE**2
        for at in np.flatnonzero(again):
            most = np.partition(squares[at], -CELLS)[-CELLS:]
            again[at] = most.mean() <= ALIKE**2
        return again

    def _is_looped(self) -> bool:
        if not len(self._runs) or self._runs.max() < AGAIN:
            return False
        import numpy as np

        run = self._prints[-int(self._runs.max()) :]
        ways = np.sort((run - run[-1]) ** 2, axis=1)[:, -CELLS:].mean(axis=1)
        return bool(np.sqrt(ways.max()) >= MOVING)

    def _forget(self, seconds: float) -> None:
        while self._times and self._times[0] < seconds - KEPT_SECONDS:
            self._times.pop(0)
            self._prints, self._runs = self._prints[1:], self._runs[1:]
