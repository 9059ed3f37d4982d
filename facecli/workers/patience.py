"""The time limit of each task, which shrinks after tasks that took too long.

A folder may hold many files that each take a decoder its whole time. They must not keep the others
from their turn for hours, and a single slow file must not be refused for its neighbours' sake.
"""

from __future__ import annotations

from typing import NamedTuple

WHOLE_FOR = 3
"""Tasks that may reach the whole limit before it shrinks."""
SMALLEST_PART = 12
"""The limit shrinks to this part of the whole: 5 of 60 seconds."""
RESTORED_AFTER = 100
"""Tasks in a row that end in time, after which the limit is the whole again."""


class Allowance(NamedTuple):
    """The time of one task. seconds: the limit. late: the late tasks that have made it shorter."""

    seconds: float
    late: int

    @property
    def exceeded(self) -> str:
        """The reason why a task that took longer failed, as a sentence without its full stop."""
        after = f" after {self.late} that took too long" if self.late else ""
        return f"it took longer than the {self.seconds:g} s allowed for one{after}"


class Patience:
    """The limit of time for each task of a run.

    The first `WHOLE_FOR` late tasks have the whole limit. From then on, each late task halves it,
    down to one part in `SMALLEST_PART`.

    Args:
        seconds: the whole limit.
    """

    def __init__(self, seconds: float) -> None:
        self._whole = seconds
        self._late = 0
        self._in_time = 0  # in a row

    def allowance(self) -> Allowance:
        """Return what the next task may take."""
        late = self._late
        if late < WHOLE_FOR:
            return Allowance(self._whole, 0)
        part = min(SMALLEST_PART, 2.0 ** min(late - WHOLE_FOR + 1, SMALLEST_PART))
        return Allowance(self._whole / part, late)

    def note_late(self) -> None:
        """Note that a task has reached its limit."""
        self._late += 1
        self._in_time = 0

    def note_in_time(self) -> None:
        """Note that a task has ended, well or not."""
        self._in_time += 1
        if self._in_time >= RESTORED_AFTER:
            self._late = 0
