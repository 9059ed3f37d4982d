"""A pool whose processes run on the machines of a cluster.

It yields what `local.Pool` yields, in the same order. Tasks go out in lots, as bytes; nothing else
leaves this process: no name, no path, no template of the gallery. What comes back is checked like
the answer of a local worker, and must be about the very bytes that were sent.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar

from facecli.errors.base import FacecliError
from facecli.printable import printable
from facecli.workers import wire
from facecli.workers.answers import CRASHED, FORGED, Answers, Failure
from facecli.workers.child import MessageKind
from facecli.workers.closing import Closing
from facecli.workers.cluster.access import Access
from facecli.workers.cluster.client import SILENCE, Client
from facecli.workers.cluster.client_worker import CONNECT_SECONDS
from facecli.workers.cluster.lots import (
    LOT,
    LOT_BYTES,
    Done,
    Identity,
    LotAnswer,
    Outcome,
    Submission,
    Turn,
    pack_tasks,
)
from facecli.workers.wire import Forged

WAIT = 30.0
"""Seconds for which a pool waits for workers, at the start and after the last one was lost."""
LOTS_AHEAD = 4
"""Lots for each thread of the cluster that are under way."""
KEPT = 4
"""Tasks that are not handed out yet, in units of those that may be under way."""
BYTES_AHEAD = 64 * 2**20
"""Bytes under way after which no further task is taken."""
_SILENCES = 3  # in a row without an ended lot, after which a cluster counts as lost
_TURN = 1.0  # seconds for which the client's process may wait before it answers


class Task(Protocol):
    """A task that can be sent to another machine."""

    @property
    def path(self) -> str:
        """The name in errors."""

    def portable(self, name: str) -> Self:
        """Return the task with the content of its file, called `name`. Raises `FacecliError`."""

    @property
    def size(self) -> int:
        """Bytes of the content."""


class Result(Protocol):
    """An answer that names its task."""

    def renamed(self, path: str) -> Self:
        """Return the answer under the task's own name."""


T = TypeVar("T", bound=Task)
R = TypeVar("R", bound=Result)


@dataclass(slots=True, eq=False)
class _Job:
    task: Any
    sent: Any = None  # the portable task, until the job has ended
    again: bool = False  # it has failed once
    outcome: Any = None


@dataclass(slots=True)
class _Lot:
    jobs: list[_Job] = field(default_factory=list)
    avoid: str = ""

    @property
    def size(self) -> int:
        return sum(job.sent.size for job in self.jobs)

    @property
    def is_full(self) -> bool:
        return len(self.jobs) >= LOT or self.size >= LOT_BYTES


class ClusterPool(Closing, Generic[T, R]):
    """The workers of a cluster, which apply one function to tasks.

    Args:
        setup: the callable with which the workers were started (see `local.Pool`): it states the
            type of the answers.
        identity: what the workers must be.
        way: the scheduler.
        wait: seconds for workers to come.
        connect: seconds for each step of connecting.
        silence: seconds without an ended lot after which the lots that are worked on have failed.
        tell: gets a sentence when the pool begins to wait for workers.

    Raises:
        ClusterFailed, NotEncrypted, WorkersFailed: see `client.Client`.
    """

    def __init__(
        self,
        setup: Callable[[], Callable[[T], R]],
        identity: Identity,
        way: Access,
        *,
        wait: float = WAIT,
        connect: float = CONNECT_SECONDS,
        silence: float = SILENCE,
        tell: Callable[[str], object] = str,
    ) -> None:
        self._answers = Answers(setup)
        self._identity = identity
        self._wait = wait
        self._silence = silence
        self._tell = tell
        self._client = Client(way, identity.text, connect, silence)
        self._threads = 0  # of the workers that fit
        self._missed: float | None = None  # since when there is no worker
        self._heard = 0.0  # when a lot ended
        self._lots: dict[int, _Lot] = {}  # under way, by number
        self._unsent: list[int] = []
        self._numbers = iter(range(2**62))
        self._named = 0

    def start(self, tasks: int) -> None:
        """Do nothing: the workers of a cluster are there, and the client's process starts."""

    def close(self) -> None:
        """End the client's process; the scheduler forgets what it was given."""
        self._client.close()

    def map(self, tasks: Iterable[T]) -> Iterator[tuple[T, R | Failure]]:
        """Yield each task with its result or `Failure`, in the input's order.

        A task that fails, or whose answer cannot be true, is tried once more, by another worker
        if there is one. Tasks of a lost worker go to others.

        Raises:
            ClusterFailed: there is no scheduler, or no worker that fits, or they were lost.
        """
        source = iter(tasks)
        jobs: deque[_Job] = deque()
        exhausted = False
        self._missed, self._heard = None, time.monotonic()
        while not exhausted or jobs:
            exhausted = exhausted or self._fill(source, jobs)
            while jobs and jobs[0].outcome is not None:
                job = jobs.popleft()
                yield job.task, job.outcome
            if self._lots:
                self._exchange()

    # -- giving -------------------------------------------------------------------------------

    def _fill(self, source: Iterator[T], jobs: deque[_Job]) -> bool:
        """Make lots while there is room. Return True at the end of the source."""
        while self._has_room(len(jobs)):
            lot = _Lot()
            while not lot.is_full:
                task = next(source, None)
                if task is None:
                    self._send(lot)
                    return True
                jobs.append(self._job(task))
                if jobs[-1].outcome is None:
                    lot.jobs.append(jobs[-1])
            self._send(lot)
        return False

    def _has_room(self, kept: int) -> bool:
        """Return True if a further lot may be made. kept: jobs that are not handed out yet."""
        lots = LOTS_AHEAD * max(1, self._threads)
        few = len(self._lots) < lots and kept < KEPT * LOT * lots
        return few and self._bytes() < BYTES_AHEAD

    def _job(self, task: T) -> _Job:
        self._named += 1
        try:
            return _Job(task, task.portable(f"image-{self._named}"))
        except FacecliError as error:
            return _Job(task, outcome=Failure(error.reason, error.message))

    def _bytes(self) -> int:
        return sum(lot.size for lot in self._lots.values())

    def _send(self, lot: _Lot) -> None:
        if lot.jobs:
            number = next(self._numbers)
            self._lots[number] = lot
            self._unsent.append(number)

    # -- taking -------------------------------------------------------------------------------

    def _exchange(self) -> None:
        """Submit what is unsent, and take what has ended. Raises `ClusterFailed`."""
        lots = tuple(self._submission(number) for number in self._unsent)
        self._unsent.clear()
        report = self._client.take(Turn(lots, _TURN))
        for done in report.done:
            self._heard = time.monotonic()
            self._take(done)
        if report.threads is not None:
            self._note_workers(report.threads, report.others)
        if time.monotonic() - self._heard > _SILENCES * self._silence:
            raise self._client.failed("no work on it has ended for long", _AGAIN)

    def _submission(self, number: int) -> Submission:
        lot = self._lots[number]
        return Submission(number, pack_tasks([job.sent for job in lot.jobs]), lot.avoid)

    def _note_workers(self, threads: int, others: tuple[str, ...]) -> None:
        """Note how many threads there are. Raise an error if there are none for too long."""
        now = time.monotonic()
        if threads:
            self._threads, self._missed = threads, None
            return
        self._heard = now  # nobody is there to be silent
        if self._missed is None:
            self._missed = now
            if self._wait:
                what = "lost all its workers" if self._threads else "has no worker that fits yet"
                self._tell(f"The cluster {what}. Waiting for one, at most {self._wait:g} s.")
        if now - self._missed < self._wait:
            return
        if self._threads:
            raise self._client.failed("all its workers were lost", f"{_START}. {_AGAIN}")
        found = ", ".join(printable(other) or "no facecli" for other in others)
        why = f"its workers have {found}, and {self._identity.text} is needed"
        raise self._client.failed(why if others else "it has no workers", _START)

    def _take(self, done: Done) -> None:
        """Take a lot that has ended: settle each of its tasks."""
        lot = self._lots.pop(done.number, None)
        if lot is None:
            raise self._client.failed("its client answers what was not asked", _AGAIN)
        answer = _read(done.answer)
        node = done.holder if answer is None else answer.node
        for at, job in enumerate(lot.jobs):
            if answer is not None and self._fits(answer, lot):
                self._settle(job, self._outcome(answer.outcomes[at], job), node)
            else:
                self._settle(job, Failure(CRASHED, f"the worker that had it {_NOTHING}"), node)

    def _fits(self, answer: LotAnswer, lot: _Lot) -> bool:
        return answer.identity == self._identity and len(answer.outcomes) == len(lot.jobs)

    def _outcome(self, outcome: Outcome, job: _Job) -> Any:
        """Return the result or failure of one task under its own name."""
        kind = MessageKind.FAILED if outcome.failed else MessageKind.RESULT
        try:
            read = self._answers.read(kind, outcome.content, job.sent)
        except Forged:
            return Failure(CRASHED, f"the worker that had it {FORGED}")
        if isinstance(read, Failure):
            return Failure(read.code, read.message.replace(job.sent.path, job.task.path))
        return read.renamed(job.task.path)

    def _settle(self, job: _Job, outcome: Any, node: str) -> None:
        """Keep an outcome, or let another worker try a task that has failed for the first time."""
        if isinstance(outcome, Failure) and not job.again:
            job.again = True
            self._send(_Lot([job], avoid=node))
        else:
            job.outcome, job.sent = outcome, None


def _read(content: bytes | None) -> LotAnswer | None:
    """Return the answer of a worker; None if it is something else."""
    try:
        answer: LotAnswer = wire.unpack(content or b"", LotAnswer)
    except Forged:
        return None
    return answer


_START = "Start some with `facecli cluster worker`, of this version and engine"
_NOTHING = "gave no answer that can be used"
_AGAIN = "What was reported is done: run the command again, with --resume if it has it"
