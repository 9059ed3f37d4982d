"""Find frames that no camera gives: one picture for seconds, or the same seconds again.

A sensor has noise and a living face moves, so no frame comes twice. A file or a virtual camera
repeats: a still picture at once, a clip when it starts again. Pure: of each frame it takes only a
print of 16 x 16 grey means.
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
"""Cells of a print along each side."""
STILL = 0.01
"""Grey levels (of 255) by which prints of two frames differ in at least one cell. The noise of a
sensor leaves several times that in the mean of a cell."""
STILL_SECONDS, STILL_FRAMES = 2.0, 10
"""Seconds and frames of one picture that no camera gives; a slow camera repeats for less."""
ALIKE = 0.6
"""Grey levels (of 255), over the 16 cells that differ most, within which a frame is an earlier one
encoded again."""
AGAIN = 12
"""Frames in a row that must come again, in the same order."""
MOVING = 4 * ALIKE
"""Grey levels by which these frames must differ: a person who sits still looks alike for long."""
APART_SECONDS = 1.0
"""Least seconds between a frame and the same frame again."""
KEPT_SECONDS = 60.0
"""Seconds for which frames are remembered: bounds memory and time."""


def print_of(rgb: Rgb) -> bytes:
    """Return the grey means of the 16 x 16 parts of a frame, 0..255, as little-endian float32.

    rgb: (height, width, 3) uint8.
    """
    import cv2
    import numpy as np

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return cv2.resize(grey, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype("<f4").tobytes()


class Replays:
    """Finds repetition, frame by frame."""

    def __init__(self) -> None:
        import numpy as np

        self._prints: Prints = np.empty((0, CELLS * CELLS), np.float32)
        self._times: list[float] = []
        self._runs = np.empty(0, np.int64)  # for each frame: how long a run ended there
        self._still = 1

    def take(self, seconds: float, frame_print: bytes) -> Replay | None:
        """Take the next frame's print, and return a repetition if there is one.

        Time never runs back.
        """
        import numpy as np

        now = np.frombuffer(frame_print, "<f4")
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
        """Return (n,) int64: the length of the run of repeated frames that ends at each frame.

        One frame may be missing on either side.
        """
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
