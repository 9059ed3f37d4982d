"""A worker of a cluster: Dask's, with a pool of sealed processes that decode and recognise.

Dask runs `answer` here for each lot. Each of its threads has a pool of one process. Nothing is
written to disk: spilling is off, and Dask's folder is in memory where the system has such a place.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from facecli.errors.workers import ClusterFailed
from facecli.workers import wire
from facecli.workers.answers import Failure
from facecli.workers.cluster.access import Access
from facecli.workers.cluster.greeting import greeted
from facecli.workers.cluster.lots import Identity, LotAnswer, Outcome, Trouble, unpack_tasks
from facecli.workers.cluster.tls import security
from facecli.workers.cluster.troubles import failure
from facecli.workers.local import Pool

DEATH_SECONDS = 60
"""Seconds for which a worker looks for its scheduler."""
GREETING_SECONDS = 10.0
"""Seconds that a scheduler has to greet before it is asked again."""
AGAIN_SECONDS = 0.5
"""Seconds after which a scheduler that is absent is looked for again."""
GRACE_SECONDS = 3.0
"""Seconds that a worker has to end by itself when it is told to."""
_MEMORY = "/dev/shm"  # noqa: S108 - in memory; a folder of our own is made in it
_M_PERTURB = -6  # malloc.h
_OVERWRITTEN_BY = 0xA5
_OPTIONS = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.use-file-locking": False,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.http.routes": [],
    "distributed.worker.preload": [],
    "logging": {"distributed": "warning", "distributed.diskutils": "critical"},  # folder is gone
}


@dataclass(frozen=True)
class Terms:
    """The offer of a worker to its cluster.

    setup: of its processes, as `local.Pool` takes it. count: number of them. host: the number or
    name of this machine at which it listens, None: the one from which it reaches the scheduler.
    """

    way: Access
    identity: Identity
    setup: Callable[[], Callable[[Any], Any]]
    count: int = 1
    host: str | None = None


class Station:
    """The pools of this process, one for each thread that Dask gives lots to."""

    def __init__(self, terms: Terms) -> None:
        self.identity = terms.identity
        self._setup = terms.setup
        self._pools: list[Pool[Any, Any]] = []
        self._own = threading.local()
        self._all_there = threading.Barrier(terms.count)
        self.threads = ThreadPoolExecutor(terms.count, "facecli-lots")

    def load(self, count: int) -> None:
        """Start every process and wait until each is set up. Raises what the setup raises."""
        for made in [self.threads.submit(self._load_one) for _ in range(count)]:
            made.result()

    def _load_one(self) -> None:
        self._all_there.wait()  # so that each thread takes one
        pool: Pool[Any, Any] = Pool(self._setup)
        self._own.pool = pool
        self._pools.append(pool)
        pool.wait()

    def outcomes(self, tasks: list[Any], wanted: Callable[[], bool]) -> Iterator[Outcome]:
        """Yield the outcome of each task, in order. Stop where nobody wants them any more."""
        for _, outcome in self._own.pool.map(tasks):
            if not wanted():
                return
            yield packed(outcome)

    def close(self) -> None:
        """End the processes; a lot that is being worked on is lost."""
        for pool in self._pools:
            pool.close()
        self.threads.shutdown(wait=False, cancel_futures=True)


def packed(outcome: Any) -> Outcome:
    """Return an outcome of a pool as it travels."""
    if isinstance(outcome, Failure):
        return Outcome(True, wire.pack((outcome.code, outcome.message)))
    return Outcome(False, wire.pack(outcome))


_station: Station | None = None


def answer(identity: str, content: bytes) -> bytes:
    """Do a lot: Dask runs this. An empty answer refuses it."""
    if _station is None or _station.identity.text != identity:
        return b""
    outcomes = tuple(_station.outcomes(unpack_tasks(content), _wanted()))
    return wire.pack(LotAnswer(_here(), _station.identity, outcomes))


def _here() -> str:
    from distributed import get_worker

    return str(get_worker().address)


def _wanted() -> Callable[[], bool]:
    """Return a function that tells whether the lot of this thread is still wanted."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    return wanted


# -- the process --------------------------------------------------------------------------


def serve(terms: Terms, tell: Callable[[str], None]) -> None:
    """Work for a scheduler until it ends, or until this process is told to end.

    Args:
        tell: gets a sentence when the worker is ready, and one when it ends.

    Raises:
        ClusterFailed: the scheduler cannot be reached.
        FacecliError: what the setup raises.
    """
    global _station
    _overwrite_freed_memory()
    _station = Station(terms)
    try:
        _station.load(terms.count)
        asyncio.run(_work(terms, _station.threads, tell))
    finally:
        _station.close()
        _station = None


def _overwrite_freed_memory() -> None:
    """Let glibc overwrite what is freed, here and in the decoders: a picture does not stay.

    See mallopt(3), M_PERTURB. Other C libraries do not know it.
    """
    os.environ["MALLOC_PERTURB_"] = f"{_OVERWRITTEN_BY}"
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_PERTURB, _OVERWRITTEN_BY)


def _place() -> str | None:
    return _MEMORY if os.path.isdir(_MEMORY) and os.access(_MEMORY, os.W_OK) else None


def _end_soon() -> None:
    """End this process for certain: Dask's worker was seen to outlive what told it to end."""
    timer = threading.Timer(GRACE_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()


async def _work(terms: Terms, threads: ThreadPoolExecutor, tell: Callable[[str], None]) -> None:
    import dask

    dask.config.set(_OPTIONS)  # first: `distributed` sets its logging up when it is imported
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    ended = asyncio.ensure_future(told.wait())
    finding = asyncio.ensure_future(_found(terms.way, tell))
    await asyncio.wait({finding, ended}, return_when=asyncio.FIRST_COMPLETED)
    if not finding.done():
        return
    if (trouble := finding.result()) is not None:
        raise failure(terms.way, trouble)
    await _serve_until(ended, terms, threads, tell)


async def _found(way: Access, tell: Callable[[str], None]) -> Trouble | None:
    """Wait until the scheduler greets; return the reason why it cannot be used, or None."""
    context = security(way, "worker").get_connection_args("worker").get("ssl_context")
    deadline = time.monotonic() + DEATH_SECONDS
    waiting = False
    while True:
        trouble = await greeted(way, context, GREETING_SECONDS)
        if trouble is None or trouble.kind not in ("absent", "late"):
            return trouble
        if time.monotonic() > deadline:
            return trouble
        if not waiting:
            tell(f"{way.address} does not answer yet. Waiting for it, at most {DEATH_SECONDS} s.")
            waiting = True
        await asyncio.sleep(AGAIN_SECONDS)


async def _serve_until(
    ended: asyncio.Future[Any],
    terms: Terms,
    threads: ThreadPoolExecutor,
    tell: Callable[[str], None],
) -> None:
    worker = _quiet_node(terms, threads)
    try:
        starting = asyncio.ensure_future(_started(worker, terms.way))
        await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            return
        await starting
        tell(f"This worker serves {terms.way.address} as {terms.identity.text}.")
        lost = asyncio.ensure_future(worker.finished())
        await asyncio.wait({lost, ended}, return_when=asyncio.FIRST_COMPLETED)
        tell(
            "This worker ends." if ended.done() else "The scheduler has ended; so does this worker."
        )
    finally:
        await worker.close(reason="told to")


async def _started(worker: Any, way: Access) -> None:
    try:
        await worker
    except Exception as error:
        why = f"its scheduler did not take this worker ({type(error).__name__})"
        cure = "Check the address, the certificates and that the scheduler runs"
        raise ClusterFailed(address=way.address, why=why, cure=cure) from None


def _own_number(way: Access) -> str:
    """Return the address of this machine towards the scheduler: no other interface is opened."""
    from distributed.utils import get_ip, get_ipv6

    return str((get_ipv6 if ":" in way.host else get_ip)(way.host, way.port))


def _quiet_node(terms: Terms, threads: ThreadPoolExecutor) -> Any:
    """Return Dask's worker, not started yet.

    Its folder exists only while it is made: nothing is ever in it, and a killed worker leaves none.
    """
    import dask
    from distributed import Worker

    class Quiet(Worker):  # type: ignore[misc]
        """A worker that opens no HTTP server, and ends without waiting for its lots."""

        def start_http_server(self, *_: Any, **__: Any) -> None:
            """Start none."""

        async def close(self, *_: Any, reason: str = "", **__: Any) -> Any:
            """End. Dask calls this too, when the scheduler is lost."""
            _end_soon()
            return await super().close(timeout=1, executor_wait=False, reason=reason)

    made = partial(
        Quiet,
        terms.way.address,
        nthreads=terms.count,
        executor=threads,
        resources={terms.identity.text: terms.count},
        host=terms.host or _own_number(terms.way),
        security=security(terms.way, "worker"),
        memory_limit=0,
        death_timeout=DEATH_SECONDS,
        dashboard=False,
    )
    with (
        tempfile.TemporaryDirectory(prefix=f"facecli-{os.getpid()}-", dir=_place()) as folder,
        dask.config.set({"temporary-directory": folder}),
    ):
        return made(local_directory=folder)
