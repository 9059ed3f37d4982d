"""Show camera frames in a window: the parent's half of `preview_worker`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Self, TypeVar

from facecli.capture.marks import PreviewPicture
from facecli.errors.capture import NoDisplay
from facecli.errors.command_line import Interrupted
from facecli.errors.workers import WorkersFailed
from facecli.workers.answers import Failure
from facecli.workers.closing import Closing
from facecli.workers.local import Pool

Item = TypeVar("Item")


class Preview(Closing):
    """A window, open inside the `with` block. Closing it, or Escape in it, interrupts.

    Raises:
        NoDisplay: no window can be opened.
    """

    def __init__(self) -> None:
        self._pool: Pool[PreviewPicture, bool] = Pool(
            _show_preview_worker,
            ahead=1,
            bounds=None,  # it needs the display, and shows our own pixels only
        )

    def __enter__(self) -> Self:
        import numpy as np

        blank = np.zeros((480, 640, 3), np.uint8)
        try:
            for _ in self.follow([(None, PreviewPicture(blank, "Opening the camera."))]):
                pass
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Close the window."""
        self._pool.close()

    def follow(self, shown: Iterable[tuple[Item, PreviewPicture]]) -> Iterator[Item]:
        """Show pictures one after the other; yield the item that came with each.

        Raises:
            Interrupted: the window was closed.
            NoDisplay: the window was lost.
        """
        items: deque[Item] = deque()

        def pictures() -> Iterator[PreviewPicture]:
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


def _show_preview_worker() -> Callable[[PreviewPicture], bool]:
    from facecli.capture import preview_worker  # OpenCV, which the parent does not load

    return preview_worker.show_preview_worker()
