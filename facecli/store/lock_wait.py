"""Wait for another process as long as `--lock-wait` allows, or until Ctrl-C."""

from __future__ import annotations

import time


class Waiter:
    """Waits up to `seconds`, with jitter between attempts. Usable as SQLite's busy handler."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadline = 0.0
        self._interrupted = False

    def start(self) -> None:
        """Begin to count the seconds."""
        self._deadline = time.monotonic() + self.seconds
        self._interrupted = False

    def __call__(self, attempts: int) -> int:
        """Wait a little. Return 1 to try again, 0 to give up.

        Args:
            attempts: the number of attempts so far.
        """
        try:  # the import too takes long enough for a signal to come in it
            import random  # most commands never wait

            if time.monotonic() >= self._deadline:
                return 0
            time.sleep(random.uniform(0.001, min(0.1, 0.002 * (attempts + 1))))  # noqa: S311
            return 1
        except KeyboardInterrupt:
            self._interrupted = True
            return 0

    def raise_if_interrupted(self) -> None:
        """Raise the KeyboardInterrupt that ended the wait, which SQLite would swallow."""
        if self._interrupted:
            raise KeyboardInterrupt
