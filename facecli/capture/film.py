"""Make an annotated video of frames, one after another: the parent's half of `film_worker`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from facecli.capture import film_worker
from facecli.capture.film_worker import FilmEnd, FilmFrame, FilmQuestion
from facecli.capture.font_places import FONTS
from facecli.capture.marks import Mark
from facecli.errors.command_line import OutputFailed
from facecli.workers.answers import Failure
from facecli.workers.closing import Closing
from facecli.workers.companion import Companion
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.profiles import Profile
from facecli.workers.confinement.steps import FILM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_SECONDS = 60.0
"""Seconds for drawing and encoding one frame, or for finishing the file."""


class Film(Closing):
    """An MP4 file that is being written by a process of its own, which ends with the context.

    Args:
        stream: the open file, which may have no name yet. Its content is replaced.
        name: name of the file in errors.
        rate: frames a second.
    """

    def __init__(self, stream: BinaryIO, name: str, rate: float) -> None:
        self._name = name
        # OpenCV opens a film by its path, and chooses the container by the suffix.
        self._folder = tempfile.TemporaryDirectory()
        target = Path(self._folder.name, "film.mp4")
        target.symlink_to(f"/proc/self/fd/{FILM}")
        self._companion: Companion[FilmQuestion, str | None] = Companion(
            partial(film_worker.write_film_worker, str(target), rate),
            bounds=Bounds(Profile.FILM, readable=FONTS),
            film=os.dup(stream.fileno()),
        )
        self._asked = 0

    def close(self) -> None:
        """End the process that encodes."""
        self._companion.close()
        self._folder.cleanup()

    def add(self, rgb: NDArray[np.uint8], marks: Sequence[Mark]) -> None:
        """Draw and append a frame, (height, width, 3) uint8 RGB. Raises `OutputFailed`."""
        self._ask(FilmFrame(rgb, marks))
        self._await_answers(but=1)  # this one is encoded while the next is read

    def finish(self) -> None:
        """Complete the file. Raises `OutputFailed`."""
        self._ask(FilmEnd())
        self._await_answers(but=0)

    def _ask(self, question: FilmQuestion) -> None:
        self._companion.ask(question)
        self._asked += 1

    def _await_answers(self, *, but: int) -> None:
        while self._asked > but:
            answer = self._companion.answer(FRAME_SECONDS)
            self._asked -= 1
            why = answer.message if isinstance(answer, Failure) else answer
            if why is not None:
                raise OutputFailed(path=self._name, why=why)
