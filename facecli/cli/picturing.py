"""Annotated pictures: drawn in a process of their own, written here, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from facecli.cli.output import atomic_file, failing_as_output, make_folder
from facecli.errors import OutputFailed
from facecli.recognition.annotation import picture_worker
from facecli.recognition.annotation.picture_worker import AnnotationRequest
from facecli.workers.closing import Closing
from facecli.workers.local import Failure, Pool


def make_picture_folder(folder: Path) -> None:
    """Make sure of a folder, and that files can be written there. Raises OutputFailed."""
    make_folder(folder)
    with failing_as_output(str(folder)), tempfile.TemporaryFile(dir=folder):
        pass


class Artist(Closing):
    """Draws and writes pictures one by one; its process ends with the context.

    A picture that fails costs that picture: `note` is told why, and `failed` counts.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self.failed = 0
        self._note = note
        self._pool: Pool[AnnotationRequest, bytes] = Pool(picture_worker.setup)

    def close(self) -> None:
        """End the process that draws."""
        self._pool.close()

    def draw(self, what: str, request: AnnotationRequest) -> None:
        """Write one picture; `what` is what messages call the thing it shows."""
        [(_, drawn)] = self._pool.map([request])
        if isinstance(drawn, Failure):
            self._fail(what, drawn.message)
            return
        try:
            with atomic_file(request.output, interrupted=False) as stream:
                stream.write(drawn)
        except OutputFailed as error:
            self._fail(what, error.message)

    def _fail(self, what: str, why: str) -> None:
        self.failed += 1
        self._note(f"{what}: not annotated: {why.removesuffix('.')}.")
