"""Run a function in a thread of its own while the caller does something else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

Result = TypeVar("Result")


class InBackground(Thread, Generic[Result]):
    """Calls `function` in a new thread, at once. `result` returns or raises what it did."""

    def __init__(self, function: Callable[[], Result]) -> None:
        super().__init__()
        self._function = function
        self._returned: list[Result] = []
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Call the function; the thread's own method."""
        try:
            self._returned.append(self._function())
        except BaseException as error:  # raised by `result`
            self._error = error

    def result(self) -> Result:
        """Wait for the function to end; return its result or raise its error."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._returned[0]
