"""One process that keeps a state and answers questions in order.

The workers of `local.Pool` are interchangeable, and a dead one is replaced. A companion opens
something once and is asked often, such as a camera. A question may be asked before the answer to
the one before has come. An answer that does not come in time ends the process.
"""

from __future__ import annotations

import pickle
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from facecli.errors.workers import WorkersFailed
from facecli.interruption import Held
from facecli.workers.answers import (
    ANSWERS,
    CRASHED,
    FORGED,
    Answers,
    Failure,
    confinement_in,
    refusal_in,
)
from facecli.workers.child import MessageKind
from facecli.workers.closing import Closing
from facecli.workers.confinement.bounds import IMAGES, Bounds
from facecli.workers.confinement.gate import Gate
from facecli.workers.confinement.steps import Confinement
from facecli.workers.process import MEMORY_LIMIT, SETUP_LIMIT, WorkerProcess, end, exchange
from facecli.workers.wire import Forged

T = TypeVar("T")
R = TypeVar("R")

TIMED_OUT = "timed-out"


class Companion(Closing, Generic[T, R]):
    """A process that answers questions with one function.

    Whatever it writes to stderr is discarded.

    Args:
        setup: a picklable callable of an importable module. The process calls it once; it returns
            the function that answers questions.
        memory_limit: bytes of address space, 0 for none.
        threads: threads that numeric libraries there may use.
        bounds: what it may ask of the kernel; None: everything.
        film: the open file that it writes, for the profile `FILM`. It is closed here.
        gate: what connects it to its camera, for the profile `STREAM`.

    Raises:
        WorkersFailed: no process can be started.
    """

    def __init__(
        self,
        setup: Callable[[], Callable[[T], R]],
        *,
        memory_limit: int = MEMORY_LIMIT,
        threads: int = 1,
        bounds: Bounds | None = IMAGES,
        film: int | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._process = WorkerProcess(
            pickle.dumps(setup),
            memory_limit=memory_limit,
            threads=threads,
            debug=False,
            bounds=bounds and bounds.for_setup(setup),
            film=film,
        )
        self._answers = Answers(setup)
        self._received: deque[tuple[MessageKind, bytes]] = deque()
        self._gate = gate
        self._questions: deque[T] = deque()  # those without an answer
        self.confinement: Confinement | None = None
        self._ready = False
        self._started = False  # it has begun the first of `questions`
        self._finish = weakref.finalize(self, end, [self._process])

    def close(self) -> None:
        """Kill the process. Calling it again does nothing."""
        self._finish()

    def wait(self) -> None:
        """Return when it is set up. Call it before the first question; it raises as `answer`."""
        deadline = time.monotonic() + SETUP_LIMIT
        while not self._ready:
            if self._received:
                self._begin(*self._received.popleft())
            elif time.monotonic() >= deadline or not self._receive(deadline):
                raise self._early_death()

    def ask(self, question: T) -> None:
        """Ask a question. `answer` returns the answers in the order of the questions."""
        with Held():  # both or neither
            if self._finish.alive:
                self._process.send_task(question)
                self._questions.append(question)

    def answer(self, limit: float) -> R | Failure:
        """Return the answer to the oldest open question.

        A `Failure` has the code `timed-out` or `worker-crashed` if the process was killed or has
        died, and otherwise the code of the exception there. A process that sends what no question
        can have for an answer is killed.

        Args:
            limit: seconds, from the moment at which the process takes the question up.

        Raises:
            FacecliError: the one that `setup` raised.
            WorkersFailed: the process never became ready.
        """
        deadline = time.monotonic() + (limit if self._ready else SETUP_LIMIT)
        while self._finish.alive:
            while self._received:
                kind, content = self._received.popleft()
                try:
                    if kind in ANSWERS:
                        return self._read(kind, content)
                    self._begin(kind, content)
                except Forged:
                    self.close()
                    return Failure(CRASHED, f"the process that had it {FORGED}")
                deadline = time.monotonic() + limit
            if time.monotonic() >= deadline:
                self.close()
                return Failure(TIMED_OUT, f"it took longer than {limit:g} s")
            if not self._receive(deadline):
                if not self._ready:
                    raise self._early_death()
                how = self._process.epitaph()
                self.close()
                return Failure(CRASHED, f"the process that had it {how}")
        return Failure(CRASHED, "the process that had it was ended")

    def _read(self, kind: MessageKind, content: bytes) -> R | Failure:
        if not self._started:
            raise Forged("an answer without a question")
        self._started = False
        answer: R | Failure = self._answers.read(kind, content, self._questions.popleft())
        return answer

    def _begin(self, kind: MessageKind, content: bytes) -> None:
        """Note how far it is. Raise the error if its setup has refused."""
        if not self._ready and kind in (MessageKind.REFUSED, MessageKind.BROKEN):
            raise refusal_in(kind, content)
        if not self._ready and kind is MessageKind.READY:
            self.confinement = confinement_in(content)
            self._open_gate()
            self._ready = True
        elif self._ready and kind is MessageKind.STARTED and self._questions and not self._started:
            self._started = True
        else:
            raise Forged("a message out of order")

    def _open_gate(self) -> None:
        if self._gate is not None and self.confinement is not None and self.confinement.gate:
            try:
                self._gate.serve(self._process.receive_listener())
            except OSError:
                raise Forged("a gate without a listener") from None

    def _early_death(self) -> WorkersFailed:
        how = self._process.epitaph()
        self.close()
        return WorkersFailed(why=f"one died before any work: it {how}")

    def _receive(self, deadline: float) -> bool:
        """Wait for messages; return False if no more can come."""
        exchange([self._process], deadline)
        messages, more = self._process.receive()
        self._received += messages
        return bool(messages) or more
