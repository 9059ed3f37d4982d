"""One process that keeps a state: it is asked one thing after another and answers in order.

Beside `local.Pool`, whose workers are interchangeable and replaced in silence, this is for what
must be opened once and asked often, such as a camera. A question may be put ahead of the answer
to the one before; an answer that does not come in time ends the process.
"""

from __future__ import annotations

import pickle
import select
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from facecli.errors.base import FacecliError
from facecli.errors.workers import WorkersFailed
from facecli.workers.child import Kind
from facecli.workers.closing import Closing
from facecli.workers.local import MEMORY_LIMIT, SETUP_LIMIT, Failure
from facecli.workers.process import WorkerProcess

T = TypeVar("T")
R = TypeVar("R")

TIMED_OUT = "timed-out"
_TICK = 1.0  # seconds between two looks whether a silent process still lives


class Companion(Closing, Generic[T, R]):
    """A process that answers questions with one function.

    `setup` is a picklable callable of an importable module; it is called once there, and what it
    returns answers the questions. `memory_limit` is in bytes of address space, 0 for none;
    `threads` is what numeric libraries there may use. What it writes to stderr is discarded.

    Raises `WorkersFailed` if no process can be started.
    """

    def __init__(
        self,
        setup: Callable[[], Callable[[T], R]],
        *,
        memory_limit: int = MEMORY_LIMIT,
        threads: int = 1,
    ) -> None:
        try:
            self._process = WorkerProcess(
                pickle.dumps(setup), memory_limit=memory_limit, threads=threads, debug=False
            )
        except OSError as error:
            raise WorkersFailed(why=(error.strerror or "no reason given").lower()) from None
        self._heard: deque[tuple[Kind, bytes]] = deque()
        self._ready = False
        self._finish = weakref.finalize(self, _end, self._process)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def close(self) -> None:
        """Kill the process; harmless if it has ended."""
        self._finish()

    def wait(self) -> None:
        """Return once it is set up; before the first question. Raises as `answer`."""
        deadline = time.monotonic() + SETUP_LIMIT
        while not self._ready:
            if self._heard:
                self._begin(*self._heard.popleft())
            elif time.monotonic() >= deadline or not self._listen(deadline):
                raise self._stillborn()

    def ask(self, question: T) -> None:
        """Put a question; `answer` gives the answers in the order of the questions."""
        if self._finish.alive:
            self._process.send(Kind.TASK, pickle.dumps(question, pickle.HIGHEST_PROTOCOL))

    def answer(self, limit: float) -> R | Failure:
        """The answer to the oldest open question, within `limit` seconds of its being taken up.

        A `Failure` has the code `timed-out` or `worker-crashed` where the process was killed or
        has died, and otherwise that of the exception there. Raises the `FacecliError` that
        `setup` raised, or `WorkersFailed` if the process never became ready.
        """
        deadline = time.monotonic() + (limit if self._ready else SETUP_LIMIT)
        while self._finish.alive:
            while self._heard:
                kind, content = self._heard.popleft()
                if kind in (Kind.RESULT, Kind.FAILED):
                    told: R | Failure = _answer(kind, content)
                    return told
                self._begin(kind, content)
                deadline = time.monotonic() + limit
            if time.monotonic() >= deadline:
                self.close()
                return Failure(TIMED_OUT, f"it took longer than {limit:g} seconds")
            if not self._listen(deadline):
                if not self._ready:
                    raise self._stillborn()
                how = self._process.epitaph()
                self.close()
                return Failure("worker-crashed", f"the process that had it {how}")
        return Failure("worker-crashed", "the process that had it was ended")

    def _begin(self, kind: Kind, content: bytes) -> None:
        """It is set up, or at work on a question; or its setup has refused, which is raised."""
        if kind is Kind.REFUSED:
            raise _refusal(content)
        self._ready = True

    def _stillborn(self) -> WorkersFailed:
        how = self._process.epitaph()
        self.close()
        return WorkersFailed(why=f"one died before any work: it {how}")

    def _listen(self, deadline: float) -> bool:
        """Wait for something to be said; False where no more can come."""
        poll = select.poll()
        poll.register(self._process.results, select.POLLIN)
        if self._process.has_unsent:
            poll.register(self._process.tasks, select.POLLOUT)
        patience = min(_TICK, max(0.0, deadline - time.monotonic()))
        happened = {handle for handle, _ in poll.poll(1000 * patience)}
        if self._process.tasks in happened:
            self._process.flush()
        gone = self._process.is_dead()  # asked first: what it said before is then all there
        messages, more = self._process.receive()
        self._heard += messages
        return bool(messages) or (more and not gone)


def _end(process: WorkerProcess) -> None:
    process.kill()
    process.bury()


def _refusal(content: bytes) -> FacecliError:
    told: Any = pickle.loads(content)  # noqa: S301 - see `local._unpickled`
    if isinstance(told, FacecliError):
        return told
    return WorkersFailed(why=f"their setup ended with {told}")


def _answer(kind: Kind, content: bytes) -> Any:
    told: Any = pickle.loads(content)  # noqa: S301
    return Failure(*told) if kind is Kind.FAILED else told
