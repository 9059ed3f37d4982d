"""A pool of processes on this machine in which one bad file costs one task.

In each of the usual pools, the death of one worker affects all tasks:

- `concurrent.futures.ProcessPoolExecutor`: a worker that dies fails every pending future with
  `BrokenProcessPool`, and the executor accepts no more (documented there).
- `loky`, and with it `joblib`: the same with `TerminatedWorkerError`. A new executor can be had,
  but the pending tasks are lost, and the task that killed the worker is not known.
- `multiprocessing.Pool`: replaces the worker, but does not notice that its task is lost, so that
  the iteration hangs (bpo-22393).
- `pebble`: comes nearest, with `ProcessExpired` for the one task. But its `map` schedules the whole
  input at once, it has no memory limit, and its workers share one channel behind a lock.

`multiprocessing`'s spawn does not fit either: it runs the parent's `__main__` again in each child,
starts another process to track resources, and its `Connection.recv` waits for ever for the rest of
a message whose sender hangs. So `process` and `child` use plain `subprocess` and pipes.

On Linux a worker is killed when the *thread* that started it ends (PR_SET_PDEATHSIG). Use a pool
from one thread.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from facecli.errors.workers import WorkersFailed
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
from facecli.workers.confinement.steps import Confinement
from facecli.workers.patience import Allowance, Patience
from facecli.workers.process import MEMORY_LIMIT, SETUP_LIMIT, WorkerProcess, end, exchange
from facecli.workers.wire import Forged

T = TypeVar("T")
R = TypeVar("R")

TIME_LIMIT = 60.0
"""Seconds that one task may take; fewer after several that took longer (see `patience`)."""
RENEWED_AFTER = 500
"""Tasks after which a confined worker is replaced: one that a file has taken over sees no more."""
RENEWED_AFTER_FAILURE = 10
"""The same for a worker whose decoder has failed at a task; it takes at least so many."""
_SPARE_AHEAD = 50  # tasks before the end of a worker at which its successor starts
_EARLY_DEATHS = 3  # workers in a row that die before they begin a task


@dataclass(slots=True)
class _Job:
    index: int
    task: Any
    outcome: Any = None


@dataclass(slots=True, eq=False)
class _Worker:
    process: WorkerProcess
    deadline: float
    allowance: Allowance  # of the task that it has begun
    left: int  # tasks that it may still be given
    given: int = 0
    jobs: deque[_Job] = field(default_factory=deque)
    ready: bool = False  # it is set up
    started: bool = False  # it has begun the first of `jobs`

    def suspect(self) -> None:
        """Let it have few further tasks, because a decoder has failed at one."""
        self.left = min(self.left, max(0, RENEWED_AFTER_FAILURE - self.given))

    def grant(self, allowance: Allowance) -> None:
        """Let the next task have this time from now on."""
        self.allowance = allowance
        self.deadline = time.monotonic() + allowance.seconds


class Pool(Closing, Generic[T, R]):
    """Up to `workers` processes that apply one function to tasks.

    Processes start when there is a task for them, or with `start`.

    Args:
        setup: a picklable callable of an importable module. Each worker calls it once; it returns
            the function to apply.
        memory_limit: bytes of address space for each worker, 0 for none.
        time_limit: seconds for each task, of which `Patience` grants less after late ones.
        setup_limit: seconds for `setup`.
        threads: threads that numeric libraries in a worker may use.
        ahead: tasks for each worker that are taken from the input before earlier outcomes are
            handed out.
        debug: let workers write to stderr. Default: `FACECLI_DEBUG_WORKERS` is set.
        bounds: what a worker may ask of the kernel; None: everything. A bounded worker is replaced
            after `RENEWED_AFTER` tasks, and soon after one at which a decoder failed
            (`RENEWED_AFTER_FAILURE`).
    """

    def __init__(
        self,
        setup: Callable[[], Callable[[T], R]],
        *,
        workers: int = 1,
        memory_limit: int = MEMORY_LIMIT,
        time_limit: float = TIME_LIMIT,
        setup_limit: float = SETUP_LIMIT,
        threads: int = 1,
        ahead: int = 2,
        debug: bool | None = None,
        bounds: Bounds | None = IMAGES,
    ) -> None:
        if workers < 1 or ahead < 1:
            raise ValueError("a pool needs a worker and a task for it")
        if getattr(setup, "func", setup).__module__ == "__main__":
            raise ValueError("setup must be importable, and what __main__ defines is not")
        self._setup = pickle.dumps(setup)
        self._answers = Answers(setup)
        self.confinement: Confinement | None = None  # of the last worker that was set up
        self._bounds = bounds and bounds.for_setup(setup)
        self._size = workers
        self._memory_limit = memory_limit
        self._patience = Patience(time_limit)
        self._setup_limit = setup_limit
        self._threads = threads
        self._ahead = ahead
        self._debug = "FACECLI_DEBUG_WORKERS" in os.environ if debug is None else debug
        self._workers: list[_Worker] = []
        self._waiting: deque[_Job] = deque()
        self._early_deaths = 0
        self._running = False
        self._closed = False
        # Also called when the pool is forgotten, and at exit.
        self._finish = weakref.finalize(self, _end, self._workers)

    def start(self, tasks: int) -> None:
        """Start the processes for `tasks` tasks, so that they set up while the caller is busy.

        An error of `setup` is raised by `map`.

        Raises:
            WorkersFailed: workers cannot be started.
        """
        while len(self._workers) < min(tasks, self._size):
            self._hire()

    def wait(self) -> None:
        """Start a process and return when it is set up.

        Raises:
            FacecliError: the one that `setup` raised.
            WorkersFailed: workers cannot be started.
        """
        while not any(worker.ready for worker in self._workers):
            self.start(1)
            [worker] = self._workers
            if time.monotonic() > worker.deadline:
                raise self._not_ready()
            exchange([worker.process], worker.deadline)
            self._receive(worker)

    def close(self) -> None:
        """Kill every worker. Workers hold nothing that could be lost."""
        self._closed = True
        _end(self._workers)

    def map(self, tasks: Iterable[T], ordered: bool = True) -> Iterator[tuple[T, R | Failure]]:
        """Yield each task with its result or `Failure`, in the input's order or as they end.

        A `FacecliError` of the function becomes a failure with its reason and message, any other
        exception one with the code `failed` and the name of its type. The code is `worker-crashed`
        if the worker died, exceeded the time limit, ran out of memory, or sent what the task cannot
        have for an answer. A task that a dead worker had not begun goes to another worker.

        Only one iteration runs at a time. Leaving it early kills the workers that are busy.

        Raises:
            FacecliError: the one that `setup` raised.
            WorkersFailed: workers cannot be started.
        """
        if self._running or self._closed:
            raise RuntimeError("a pool runs one map at a time, and none once closed")
        self._running = True
        try:
            yield from self._in_order(tasks) if ordered else self._as_they_come(tasks)
        finally:
            self._running = False
            self._waiting.clear()
            self._dismiss([worker for worker in self._workers if worker.jobs])

    def _in_order(self, tasks: Iterable[T]) -> Iterator[tuple[T, R | Failure]]:
        early: dict[int, _Job] = {}
        due = 0
        for job in self._finished(tasks, lambda: len(early)):
            early[job.index] = job
            while due in early:
                job = early.pop(due)
                due += 1
                yield job.task, job.outcome

    def _as_they_come(self, tasks: Iterable[T]) -> Iterator[tuple[T, R | Failure]]:
        for job in self._finished(tasks, lambda: 0):
            yield job.task, job.outcome

    def _finished(self, tasks: Iterable[T], kept: Callable[[], int]) -> Iterator[_Job]:
        """Yield jobs as they end. `kept`: how many of them the caller still holds back."""
        source = enumerate(tasks)
        exhausted = False
        done: deque[_Job] = deque()
        while True:
            open_jobs = len(self._waiting) + sum(len(worker.jobs) for worker in self._workers)
            room = self._ahead * self._size - open_jobs - kept()
            if room > 0 and not exhausted:
                # One at a time, and results in between: the input may be slow.
                item = next(source, None)
                exhausted = item is None
                if item is not None:
                    self._waiting.append(_Job(*item))
            elif not open_jobs:
                return
            self._hand_out()
            done.extend(self._collect(wait=exhausted or room <= 1))
            while done:
                yield done.popleft()

    # -- giving -------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        while self._waiting:
            worker = min(self._at_work(), key=lambda each: len(each.jobs), default=None)
            if worker is None or (worker.jobs and len(self._at_work()) < self._size):
                worker = self._hire()
            if len(worker.jobs) >= self._ahead:
                return
            job = self._waiting.popleft()
            worker.jobs.append(job)
            worker.left -= 1
            worker.given += 1
            if worker.ready and len(worker.jobs) == 1:
                worker.grant(self._patience.allowance())
            worker.process.send_task(job.task)
            if worker.left <= _SPARE_AHEAD and len(self._able()) <= self._size:
                self._hire()  # it sets up while the other still works

    def _able(self) -> list[_Worker]:
        """Return the workers that may be given a task, the longest-serving first."""
        able = [each for each in self._workers if each.left > 0]
        return sorted(able, key=lambda each: (not each.ready, -each.given))

    def _at_work(self) -> list[_Worker]:
        """Return the workers that are given tasks; the others are spares."""
        return self._able()[: self._size]

    def _hire(self) -> _Worker:
        if self._closed:
            raise RuntimeError("the pool was closed while its results were being read")
        process = WorkerProcess(
            self._setup,
            memory_limit=self._memory_limit,
            threads=self._threads,
            debug=self._debug,
            bounds=self._bounds,
        )
        left = sys.maxsize if self._bounds is None else RENEWED_AFTER
        until = time.monotonic() + self._setup_limit
        worker = _Worker(process, until, self._patience.allowance(), left)
        self._workers.append(worker)
        return worker

    # -- taking -------------------------------------------------------------------------------

    def _collect(self, *, wait: bool) -> list[_Job]:
        """Return the jobs that have ended. With `wait`, let time pass until something happens."""
        deadlines = [worker.deadline for worker in self._workers if worker.jobs]
        until = min(deadlines, default=0.0) if wait else 0.0
        exchange([worker.process for worker in self._workers], until)
        done: list[_Job] = []
        for worker in list(self._workers):
            done += self._receive(worker)
        return done

    def _receive(self, worker: _Worker) -> list[_Job]:
        messages, more = worker.process.receive()
        done = []
        try:
            for kind, content in messages:
                done += self._take(worker, kind, content)
        except Forged:
            return done + self._lose(worker, f"the worker that had it {FORGED}")
        if not more:
            return done + self._lose(worker, f"the worker that had it {worker.process.epitaph()}")
        if worker.jobs and time.monotonic() > worker.deadline:
            if not worker.ready:
                raise self._not_ready()
            worker.started = True  # or it was stopped before it could report that
            self._patience.note_late()
            return done + self._lose(worker, worker.allowance.exceeded)
        if not worker.jobs and worker.left <= 0:
            self._dismiss([worker])
        return done

    def _take(self, worker: _Worker, kind: MessageKind, content: bytes) -> list[_Job]:
        """Take one message. Raises `Forged` for one that is out of order or not an answer."""
        worker.grant(self._patience.allowance())
        if kind in (MessageKind.REFUSED, MessageKind.BROKEN) and not worker.ready:
            raise refusal_in(kind, content)
        if kind is MessageKind.READY and not worker.ready:
            self.confinement = confinement_in(content)
            worker.ready = True
        elif kind is MessageKind.STARTED and worker.ready and worker.jobs and not worker.started:
            worker.started = True
            self._early_deaths = 0
        elif kind in ANSWERS and worker.started:
            job = worker.jobs[0]
            job.outcome = self._answers.read(kind, content, job.task)
            worker.jobs.popleft()
            worker.started = False
            self._patience.note_in_time()
            if self._bounds is not None and kind is MessageKind.FAILED:
                worker.suspect()
            return [job]
        else:
            raise Forged("a message out of order")
        return []

    def _lose(self, worker: _Worker, why: str) -> list[_Job]:
        """Fail the current job of a dead or dying worker; queue those it had not begun again."""
        self._dismiss([worker])
        failed = []
        if worker.started and worker.jobs:
            job = worker.jobs.popleft()
            job.outcome = Failure(CRASHED, why)
            failed.append(job)
        elif not worker.ready or worker.jobs:
            self._early_deaths += 1
            if self._early_deaths >= _EARLY_DEATHS:
                how = worker.process.epitaph()
                raise WorkersFailed(why=f"{_EARLY_DEATHS} died before any work; the last {how}")
        self._waiting.extendleft(reversed(worker.jobs))
        worker.jobs.clear()
        return failed

    def _not_ready(self) -> WorkersFailed:
        return WorkersFailed(why=f"one was not ready within {self._setup_limit:g} s")

    def _dismiss(self, workers: list[_Worker]) -> None:
        self._workers[:] = [each for each in self._workers if each not in workers]
        _end(workers)


def _end(workers: list[_Worker]) -> None:
    end([worker.process for worker in workers])
    workers.clear()
