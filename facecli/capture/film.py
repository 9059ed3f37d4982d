"""Making an annotated video of frames, one after another; light, for the parent process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from facecli.capture import film_worker
from facecli.capture.film_worker import Finish, Question, Still
from facecli.capture.marks import Mark
from facecli.errors.command_line import OutputFailed
from facecli.workers.answers import Failure
from facecli.workers.closing import Closing
from facecli.workers.companion import Companion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_SECONDS = 60.0
"""Seconds that drawing and encoding a frame may take, or finishing the file."""


class Film(Closing):
    """An MP4 in the making; what encodes it is a process of its own, and ends with the context.

    Args:
        stream: the open file, which may have no name yet; what it has is replaced.
        name: what errors call it.
        rate: frames a second.
    """

    def __init__(self, stream: BinaryIO, name: str, rate: float) -> None:
        target = f"/proc/{os.getpid()}/fd/{stream.fileno()}"
        self._name = name
        self._companion: Companion[Question, str | None] = Companion(
            partial(film_worker.setup, target, rate)
        )
        self._asked = 0

    def close(self) -> None:
        """End the process that encodes."""
        self._companion.close()

    def add(self, rgb: NDArray[np.uint8], marks: Sequence[Mark]) -> None:
        """Draw and append a frame, (height, width, 3) uint8. Raises `OutputFailed`."""
        self._ask(Still(rgb, marks))
        self._hear(but=1)  # this one is encoded while the next is read

    def finish(self) -> None:
        """Complete the file. Raises `OutputFailed`."""
        self._ask(Finish())
        self._hear(but=0)

    def _ask(self, question: Question) -> None:
        self._companion.ask(question)
        self._asked += 1

    def _hear(self, *, but: int) -> None:
        while self._asked > but:
            answer = self._companion.answer(FRAME_SECONDS)
            self._asked -= 1
            why = answer.message if isinstance(answer, Failure) else answer
            if why is not None:
                raise OutputFailed(path=self._name, why=why)
