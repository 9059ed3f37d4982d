"""A function that runs in a thread of its own while something else goes on."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Beside(Thread, Generic[Result]):
    """Starts at once. What the function returns, or raises, is had from `result`."""

    def __init__(self, function: Callable[[], Result]) -> None:
        super().__init__()
        self._function = function
        self._found: list[Result] = []
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """What the thread does."""
        try:
            self._found.append(self._function())
        except BaseException as error:  # raised where it is asked for
            self._error = error

    def result(self) -> Result:
        """Wait for the end; the function's result, or its error."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._found[0]
