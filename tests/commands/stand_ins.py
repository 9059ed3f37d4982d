"""Setups for worker processes that do something else than recognise, and workers kept alive."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.workers.local import Pool

real_setup = image_analysis.load_analysis_worker


def deadly(engine: str) -> Callable[[AnalysisRequest], ImageAnalysis]:
    """The real work, except that an image called `deadly` kills its worker."""
    work = real_setup(engine)

    def task(request: AnalysisRequest) -> ImageAnalysis:
        if "deadly" in request.path:
            os.abort()  # a sealed worker may end itself by no other signal
        return work(request)

    return task


class Keeper:
    """Lends the same real pools again and again, so that a test need not wait for new workers."""

    def __init__(self) -> None:
        self._pools: dict[tuple[bytes, int, int], Pool[Any, Any]] = {}
        self.tasks: list[Any] = []

    def __getitem__(self, _: object) -> Keeper:
        return self

    def __call__(self, setup: Callable[[], Any], *, workers: int = 1, ahead: int = 2) -> Lent:
        key = (pickle.dumps(setup), workers, ahead)
        if key not in self._pools:
            self._pools[key] = Pool(setup, workers=workers, ahead=ahead)
        return Lent(self, self._pools[key])

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()


class Lent:
    """A kept pool in the hands of one command; notes the tasks in its keeper."""

    def __init__(self, keeper: Keeper, pool: Pool[Any, Any]) -> None:
        self._keeper = keeper
        self._pool = pool

    def __enter__(self) -> Lent:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def start(self, tasks: int) -> None:
        self._pool.start(tasks)

    def map(self, tasks: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        def noted() -> Iterator[Any]:
            for task in tasks:
                self._keeper.tasks.append(task)
                yield task

        return self._pool.map(noted())
