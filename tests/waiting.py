"""Wait for something that another process or thread does."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

LOOK = 0.001  # seconds between two looks


def until(happened: Callable[[], object], within: float = 120) -> None:
    """Return as soon as `happened()` is true.

    Raises:
        TimeoutError: it is still false after `within` seconds.
    """
    end = time.monotonic() + within
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within} s")
        select.select([], [], [], LOOK)


def or_readable(descriptor: int, happened: Callable[[], object]) -> None:
    """Return as soon as `happened()` is true or the descriptor can be read."""
    while not happened() and not select.select([descriptor], [], [], LOOK)[0]:
        pass
