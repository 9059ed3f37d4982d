"""Dask's client, in a process that has neither key nor database.

Dask unpickles what scheduler and workers answer: whoever has taken one of them over runs code
here. So this process is confined as a camera's is: no file, and one peer, the scheduler. It passes
answers on as bytes, which the parent checks.

Dask itself starts in the first turn, after the seal, in a thread that is sealed too.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from facecli.workers import wire
from facecli.workers.cluster import node
from facecli.workers.cluster.access import Access
from facecli.workers.cluster.greeting import greeted
from facecli.workers.cluster.lots import (
    Done,
    LotAnswer,
    Report,
    Submission,
    Trouble,
    Turn,
    is_identity,
)
from facecli.workers.cluster.tls import security

CONNECT_SECONDS = 10.0
"""Seconds for each step of connecting."""
LOOK_SECONDS = 5.0
"""Seconds after which the workers are counted again; earlier where no lot ends."""
PING_SECONDS = 20.0
"""Seconds after which a scheduler that does not answer counts as lost."""
MOST_ANSWER = 2**27
"""Bytes of the answer to a lot, and of the answers in a report: what is longer is no answer."""
_OPTIONS = {
    "distributed.diagnostics.computations.nframes": 0,  # the code of the caller stays here
    "distributed.comm.retry.count": 0,
    "distributed.client.preload": [],
    "distributed.comm.require-encryption": None,
}


def submit_lots_worker(
    way: Access, identity: str, seconds: float, silence: float
) -> Callable[[Turn], Report]:
    """Prepare Dask's client for a scheduler; return the function that takes a turn.

    Args:
        way: the scheduler, its host as a number.
        identity: the text of the identity that workers must have.
        seconds: for each step of connecting.
        silence: seconds without an ended lot after which the lots that are worked on have failed.
    """
    import dask
    import distributed
    import distributed.protocol.serialize  # nothing can be imported once it is sealed

    dask.config.set(_OPTIONS)
    _warm_up()
    loop = asyncio.new_event_loop()  # makes its socket pair
    client = _Client(distributed, way, identity, security(way, "client"), seconds, silence)

    def task(turn: Turn) -> Report:
        if not client.started:
            threading.Thread(target=loop.run_forever, daemon=True).start()
            client.started = True
        return asyncio.run_coroutine_threadsafe(client.take(turn), loop).result()

    return task


def _warm_up() -> None:
    """Import what Dask would import when it connects, sends and receives."""
    import tornado.platform.asyncio  # noqa: F401
    from distributed.protocol import dumps, loads
    from distributed.protocol.serialize import Serialize, ToPickle
    from distributed.versions import get_versions

    get_versions()
    loads(dumps({"op": "warm", "data": Serialize([b"x"]), "more": ToPickle((node.answer, b""))}))


@dataclass(slots=True)
class _Waiting:
    """A lot without an answer.

    may: the workers that may have it; empty: all. holder: the worker that gave no answer, or an
    empty text.
    """

    number: int
    may: frozenset[str]
    holder: str = ""


class _Client:
    """Dask's client and its lots, all in one event loop."""

    def __init__(
        self,
        distributed: Any,
        way: Access,
        identity: str,
        settings: Any,
        seconds: float,
        silence: float,
    ) -> None:
        self._dask = distributed
        self._way = way
        self._identity = identity
        self._seconds = seconds
        self._silence = silence
        self._security = settings
        self._context = settings.get_connection_args("client")["ssl_context"]
        self._client: Any = None
        self._trouble: Trouble | None = None
        self._done: deque[Done] = deque()
        self._happened = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._run = uuid.uuid4().hex
        self._fitting: dict[str, int] = {}  # threads by the worker's address
        self._waiting: dict[Any, _Waiting] = {}  # by Dask's future
        self._submitted = 0
        self._looked = 0.0
        self._heard = 0.0  # when a lot ended, or there was nothing to do or nobody to do it
        self.started = False

    async def take(self, turn: Turn) -> Report:
        """Submit lots, wait, and report what has ended."""
        if self._client is None and self._trouble is None:
            self._trouble = await self._connect()
        if self._trouble is not None:
            return Report(trouble=self._trouble)
        for lot in turn.lots:
            self._keep(self._carry(lot))
        if not self._done:
            self._happened.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._happened.wait(), turn.wait)
        if not self._done or time.monotonic() > self._looked + LOOK_SECONDS:
            return await self._look()
        return Report(taken(self._done))

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, lot: Submission) -> None:
        """Submit a lot and keep its answer."""
        others = frozenset(each for each in self._fitting if lot.avoid and each != lot.avoid)
        answer, holder = await self._tried(lot, others)
        if answer is None and others and not others & self._fitting.keys():  # they were lost
            answer, holder = await self._tried(lot, frozenset())
        self._done.append(Done(lot.number, answer, holder))
        self._happened.set()

    async def _tried(self, lot: Submission, others: frozenset[str]) -> tuple[bytes | None, str]:
        """Submit a lot; return its answer, or None and the worker that gave something else.

        others: the workers that may have it; empty: all. Dask's `allow_other_workers` would also
        give it to workers of other identities.
        """
        self._submitted += 1
        future = self._client.submit(
            node.answer,
            self._identity,
            lot.content,
            key=f"facecli-{self._run}-{self._submitted}",
            resources={self._identity: 1},
            priority=-lot.number,
            workers=list(others) or None,
        )
        if not self._waiting:
            self._heard = time.monotonic()
        self._waiting[future] = waiting = _Waiting(lot.number, others)
        answer = None
        with suppress(Exception, asyncio.CancelledError):  # a lost lot has no answer
            found = await future
            answer = found if is_answer(found) else None
            if answer is None:
                [waiting.holder] = (await self._client.who_has([future]))[future.key]
        del self._waiting[future]
        self._heard = time.monotonic()
        with suppress(Exception):
            future.release()
        return answer, waiting.holder

    # -- looking --------------------------------------------------------------------------

    async def _look(self) -> Report:
        """Count the workers, which also shows whether the scheduler still answers."""
        try:
            if self._client.status != "running":  # Dask would connect again, and forget the lots
                raise ConnectionError
            found = await asyncio.wait_for(
                self._client.scheduler.identity(n_workers=-1), PING_SECONDS
            )
            workers = found["workers"].items()
            self._fitting = {
                str(address): int(worker["nthreads"])
                for address, worker in workers
                if self._identity in worker["resources"]
            }
            await self._give_up()
            others = {
                _stated(worker["resources"])
                for address, worker in workers
                if address not in self._fitting
            }
        except Exception as error:
            self._trouble = Trouble("lost", type(error).__name__)
            return Report(trouble=self._trouble)
        self._looked = time.monotonic()
        return Report(taken(self._done), sum(self._fitting.values()), tuple(sorted(others))[:10])

    async def _give_up(self) -> None:
        """Cancel the lots whose workers were lost, and those of workers that are silent."""
        for future, lot in self._waiting.items():
            if lot.may and not lot.may & self._fitting.keys():
                await future.cancel()
        now = time.monotonic()
        if not self._fitting:
            self._heard = now
        if self._waiting and now - self._heard > self._silence:
            await self._cancel_begun()
            self._heard = now  # the next ones begin

    async def _cancel_begun(self) -> None:
        """Cancel what each worker works on: its earliest lots, one for each thread."""
        given = await asyncio.wait_for(self._client.processing(), PING_SECONDS)
        for address, keys in given.items():
            held = [
                (lot.number, future) for future, lot in self._waiting.items() if future.key in keys
            ]
            for _, future in sorted(held, key=itemgetter(0))[: self._fitting.get(address, 0)]:
                self._waiting[future].holder = address
                await future.cancel()

    # -- connecting -----------------------------------------------------------------------

    async def _connect(self) -> Trouble | None:
        trouble = await greeted(self._way, self._context, self._seconds)
        if trouble is not None:
            return trouble
        arguments = self._security.get_connection_args("client")
        try:
            async with self._dask.rpc(self._way.address, connection_args=arguments) as asked:
                theirs = await asyncio.wait_for(asked.versions(), self._seconds)
            version = str(theirs["packages"]["distributed"])
            if version != self._dask.__version__:
                return Trouble("version", f"{version[:40]} instead of {self._dask.__version__}")
            self._client = await self._dask.Client(
                self._way.address,
                asynchronous=True,
                security=self._security,
                timeout=self._seconds,
                set_as_default=False,
                direct_to_workers=False,
            )
        except TimeoutError:
            return Trouble("late")
        except Exception as error:
            return Trouble("not-dask", f" ({type(error).__name__})")
        looked = await self._look()  # a task that is tried again goes to another worker
        self._looked = 0.0  # the first turn reports it
        return looked.trouble


def taken(ended: deque[Done]) -> tuple[Done, ...]:
    """Take lots from the left, and leave those that would make a report too long."""
    found: list[Done] = []
    size = 0
    while ended and (not found or size + len(ended[0].answer or b"") <= MOST_ANSWER):
        found.append(ended.popleft())
        size += len(found[-1].answer or b"")
    return tuple(found)


def is_answer(found: Any) -> bool:
    """Return True for the packed answer to a lot."""
    if type(found) is not bytes or len(found) > MOST_ANSWER:
        return False
    try:
        wire.unpack(found, LotAnswer)
    except Exception:  # whatever it is
        return False
    return True


def _stated(resources: Any) -> str:
    """Return the identity that a worker states, or an empty text."""
    return next((name for name in map(str, resources) if is_identity(name)), "")
