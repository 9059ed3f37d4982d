"""Wait for another process as long as `--lock-wait` allows, or until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Generator


class Waiter:
    """Waits up to `seconds`, with jitter between attempts.

    try_again: SQLite's busy handler: from the number of attempts to 1 (try again) or 0 (give up).
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadline = 0.0
        self._interrupted = False
        # Ctrl-C before the first line of a function would be SQLite's to swallow; a generator
        # waits within its `try`.
        answers = self._answers()
        next(answers)
        self.try_again = answers.send

    def start(self) -> None:
        """Begin to count the seconds."""
        self._deadline = time.monotonic() + self.seconds
        self._interrupted = False

    def _answers(self) -> Generator[int, int, None]:
        answer = 0
        while True:
            try:
                while True:
                    answer = self._waited((yield answer))
            except KeyboardInterrupt:
                self._interrupted = True
                answer = 0

    def _waited(self, attempts: int) -> int:
        import random  # most commands never wait

        if time.monotonic() >= self._deadline:
            return 0
        time.sleep(random.uniform(0.001, min(0.1, 0.002 * (attempts + 1))))  # noqa: S311
        return 1

    def raise_if_interrupted(self) -> None:
        """Raise the KeyboardInterrupt that ended the wait, which SQLite would swallow."""
        if self._interrupted:
            raise KeyboardInterrupt
