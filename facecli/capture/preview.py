"""Showing frames in a window as they are looked at; light, for the parent process."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

from facecli.capture.marks import Picture
from facecli.errors.capture import NoDisplay
from facecli.errors.command_line import Interrupted
from facecli.errors.workers import WorkersFailed
from facecli.workers.answers import Failure
from facecli.workers.closing import Closing
from facecli.workers.local import Pool

if TYPE_CHECKING:
    pass

Item = TypeVar("Item")


class Preview(Closing):
    """A window, open from `with` on. Whoever closes it, or presses Escape in it, interrupts.

    Raises:
        NoDisplay: no window can be opened.
    """

    def __init__(self) -> None:
        self._pool: Pool[Picture, bool] = Pool(_setup, ahead=1)

    def __enter__(self) -> Self:
        import numpy as np

        blank = np.zeros((480, 640, 3), np.uint8)
        try:
            for _ in self.follow([(None, Picture(blank, "Opening the camera."))]):
                pass
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Take the window away."""
        self._pool.close()

    def follow(self, shown: Iterable[tuple[Item, Picture]]) -> Iterator[Item]:
        """Show pictures one after the other; yields what each came with.

        Raises:
            Interrupted: the window was closed.
            NoDisplay: it can be shown no more.
        """
        items: deque[Item] = deque()

        def pictures() -> Iterator[Picture]:
            for item, picture in shown:
                items.append(item)
                yield picture

        try:
            for _, wanted in self._pool.map(pictures()):
                if isinstance(wanted, Failure):
                    raise NoDisplay(why="the window was lost")
                if not wanted:
                    raise Interrupted
                yield items.popleft()
        except WorkersFailed:
            raise NoDisplay(why="the display does not answer") from None


def _setup() -> Any:
    from facecli.capture import preview_worker

    return preview_worker.setup()
