"""A pool of processes on this machine in which one bad file costs one task.

Why not one of the usual pools: in each a death is everybody's.

- `concurrent.futures.ProcessPoolExecutor`: a worker that dies fails every pending future with
  `BrokenProcessPool`, and the executor takes no more (documented there).
- `loky` and with it `joblib`: likewise `TerminatedWorkerError`; loky's reusable executor can be
  had anew, but the pending tasks are lost, and which of them killed the worker is not known.
- `multiprocessing.Pool`: replaces the worker, but never notices that its task is gone, so that
  the iteration hangs (bpo-22393).
- `pebble`: the nearest, `ProcessExpired` for that task alone; but its `map` schedules the whole
  input at once, it has no memory limit, and its workers share one channel behind a lock.

`multiprocessing`'s spawn was left aside too: it runs the parent's `__main__` again in each
child, starts a process of its own beside them to track resources, and its `Connection.recv`
waits for ever for the rest of a message whose sender hangs. So `process` and `child` beside this
file are plain `subprocess` and pipes.

On Linux a worker is killed when the *thread* that started it ends (PR_SET_PDEATHSIG), so use a
pool from one thread.
"""

from __future__ import annotations

import os
import pickle
import select
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from facecli.errors.base import FacecliError
from facecli.errors.workers import WorkersFailed
from facecli.workers.child import Kind
from facecli.workers.closing import Closing
from facecli.workers.process import WorkerProcess

T = TypeVar("T")
R = TypeVar("R")

MEMORY_LIMIT = 3 * 2**30
TIME_LIMIT = 60.0
SETUP_LIMIT = 300.0  # converting a network for the cache takes its time, once
_STILLBIRTHS = 3  # workers in a row that die without a task begun
_TICK = 1.0  # seconds between two looks whether a silent process still lives


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that gave no result: a reason code, and a sentence without its full stop."""

    code: str
    message: str


@dataclass(slots=True)
class _Job:
    index: int
    task: Any
    outcome: Any = None


@dataclass(slots=True, eq=False)
class _Worker:
    process: WorkerProcess
    deadline: float
    jobs: deque[_Job] = field(default_factory=deque)
    ready: bool = False
    started: bool = False  # whether it has begun the first of `jobs`


class Pool(Closing, Generic[T, R]):
    """Up to `workers` processes that apply one function to tasks.

    `setup` is a picklable callable of an importable module; each worker calls it once, and it
    returns the function to apply. Processes start when there is a task for them, or with `start`.
    `memory_limit` is in bytes of address space for each (0: none), `time_limit` in seconds for each
    task, `setup_limit` for `setup`. `threads` is what numeric libraries in a worker may use.
    `ahead` tasks for each worker are taken from the input beyond those whose outcome was handed
    out.
    `debug` (default: whether `FACECLI_DEBUG_WORKERS` is set) lets workers write to stderr.
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
    ) -> None:
        if workers < 1 or ahead < 1:
            raise ValueError("a pool needs a worker and a task for it")
        if getattr(setup, "func", setup).__module__ == "__main__":
            raise ValueError("setup must be importable, and what __main__ defines is not")
        self._setup = pickle.dumps(setup)
        self._size = workers
        self._memory_limit = memory_limit
        self._time_limit = time_limit
        self._setup_limit = setup_limit
        self._threads = threads
        self._ahead = ahead
        self._debug = "FACECLI_DEBUG_WORKERS" in os.environ if debug is None else debug
        self._workers: list[_Worker] = []
        self._waiting: deque[_Job] = deque()
        self._stillbirths = 0
        self._running = False
        self._closed = False
        # Also called when the pool is forgotten, and at exit.
        self._finish = weakref.finalize(self, _end, self._workers)

    def start(self, tasks: int) -> None:
        """Start the processes that so many tasks need, so that they set themselves up while the
        caller has something else to do first. What `setup` raises is raised by `map`.

        Raises `WorkersFailed` if workers cannot be started.
        """
        while len(self._workers) < min(tasks, self._size):
            self._hire()

    def close(self) -> None:
        """Kill every worker; they hold nothing that could be lost."""
        self._closed = True
        _end(self._workers)

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that run now."""
        return [worker.process.pid for worker in self._workers]

    def map(self, tasks: Iterable[T], ordered: bool = True) -> Iterator[tuple[T, R | Failure]]:
        """Each task with its result or `Failure`, in the input's order or as they come.

        The function's `FacecliError` becomes its reason and message; any other exception the code
        `failed` and its type's name; a worker that died, hung beyond the time limit or ran out of
        memory `worker-crashed`. A task that a dead worker had not begun goes to another one.

        Raises the `FacecliError` that `setup` raised, or `WorkersFailed` if workers cannot be
        started. One iteration at a time; leaving it early kills the workers that are busy.
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
        """The jobs as they end; `kept` of those handed out count as not handed out."""
        source = enumerate(tasks)
        exhausted = False
        done: deque[_Job] = deque()
        while True:
            open_jobs = len(self._waiting) + sum(len(worker.jobs) for worker in self._workers)
            room = self._ahead * self._size - open_jobs - kept()
            if room > 0 and not exhausted:
                # One at a time, with a look at the results between: the input may be slow.
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
            worker = min(self._workers, key=lambda each: len(each.jobs), default=None)
            if worker is None or (worker.jobs and len(self._workers) < self._size):
                worker = self._hire()
            if len(worker.jobs) >= self._ahead:
                return
            job = self._waiting.popleft()
            content = pickle.dumps(job.task, pickle.HIGHEST_PROTOCOL)
            worker.jobs.append(job)
            if worker.ready and len(worker.jobs) == 1:
                worker.deadline = time.monotonic() + self._time_limit
            worker.process.send(Kind.TASK, content)

    def _hire(self) -> _Worker:
        if self._closed:
            raise RuntimeError("the pool was closed while its results were being read")
        try:
            process = WorkerProcess(
                self._setup,
                memory_limit=self._memory_limit,
                threads=self._threads,
                debug=self._debug,
            )
        except OSError as error:
            raise WorkersFailed(why=(error.strerror or "no reason given").lower()) from None
        worker = _Worker(process, time.monotonic() + self._setup_limit)
        self._workers.append(worker)
        return worker

    # -- taking -------------------------------------------------------------------------------

    def _collect(self, *, wait: bool) -> list[_Job]:
        """The jobs that have ended; with `wait`, after something has happened."""
        if not self._workers:
            return []
        poll = select.poll()
        for worker in self._workers:
            poll.register(worker.process.results, select.POLLIN)
            if worker.process.has_unsent:
                poll.register(worker.process.tasks, select.POLLOUT)
        wait = wait and any(worker.jobs for worker in self._workers)
        happened = {handle for handle, _ in poll.poll(self._patience() if wait else 0)}
        done: list[_Job] = []
        for worker in list(self._workers):
            if worker.process.tasks in happened:
                worker.process.flush()
            done += self._listen(worker)
        return done

    def _patience(self) -> float:
        """Milliseconds until a deadline, or until it is time to look whether all still live."""
        now = time.monotonic()
        deadlines = [worker.deadline - now for worker in self._workers if worker.jobs]
        return 1000 * max(0.0, min([_TICK, *deadlines]))

    def _listen(self, worker: _Worker) -> list[_Job]:
        gone = worker.process.is_dead()  # asked first: what it said before is then all there
        messages, more = worker.process.receive()
        done = []
        for kind, content in messages:
            done += self._heed(worker, kind, content)
        if gone or not more:
            return done + self._lose(worker, f"the worker that had it {worker.process.epitaph()}")
        if worker.jobs and time.monotonic() > worker.deadline:
            if not worker.ready:
                raise WorkersFailed(why=f"one was not ready within {self._setup_limit:g} seconds")
            why = f"it took longer than the {self._time_limit:g} seconds allowed for one"
            worker.started = True  # or was stopped before it could say so
            return done + self._lose(worker, why)
        return done

    def _heed(self, worker: _Worker, kind: Kind, content: bytes) -> list[_Job]:
        worker.deadline = time.monotonic() + self._time_limit
        if kind is Kind.REFUSED:
            raise _refusal(content)
        if kind is Kind.READY:
            worker.ready = True
        elif kind is Kind.STARTED:
            worker.started = True
            self._stillbirths = 0
        elif kind in (Kind.RESULT, Kind.FAILED) and worker.jobs:
            worker.started = False
            job = worker.jobs.popleft()
            job.outcome = _outcome(kind, content)
            return [job]
        return []

    def _lose(self, worker: _Worker, why: str) -> list[_Job]:
        """A dead or dying worker's current job failed; those it had not begun wait again."""
        self._dismiss([worker])
        failed = []
        if worker.started and worker.jobs:
            job = worker.jobs.popleft()
            job.outcome = Failure("worker-crashed", why)
            failed.append(job)
        elif not worker.ready or worker.jobs:
            self._stillbirths += 1
            if self._stillbirths >= _STILLBIRTHS:
                how = worker.process.epitaph()
                raise WorkersFailed(why=f"{_STILLBIRTHS} died before any work; the last {how}")
        self._waiting.extendleft(reversed(worker.jobs))
        worker.jobs.clear()
        return failed

    def _dismiss(self, workers: list[_Worker]) -> None:
        self._workers[:] = [each for each in self._workers if each not in workers]
        _end(workers)


def _end(workers: list[_Worker]) -> None:
    """Kill all, then wait for all."""
    for worker in workers:
        worker.process.kill()
    for worker in workers:
        worker.process.bury()
    workers.clear()


def _refusal(content: bytes) -> FacecliError:
    told = _unpickled(content)
    if isinstance(told, FacecliError):
        return told
    return WorkersFailed(why=f"their setup ended with {told}")


def _outcome(kind: Kind, content: bytes) -> object:
    outcome = _unpickled(content)
    return Failure(*outcome) if kind is Kind.FAILED and isinstance(outcome, tuple) else outcome


def _unpickled(content: bytes) -> object:
    """What a worker sent; workers are our own code, trusted as far as decoders are sound."""
    try:
        return pickle.loads(content)  # noqa: S301
    except Exception as error:
        return Failure("failed", f"its result cannot be read ({type(error).__name__})")
