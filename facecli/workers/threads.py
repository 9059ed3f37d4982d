"""Run a function in several threads of this process: for work that numerical libraries do.

They do not hold Python's lock while they compute. Nothing else is gained by threads here.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 2
"""Items taken for each thread before the first result is read: more would wait in memory."""


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], count: int | None = None
) -> Iterator[Result]:
    """Yield the results of a function for some items, in their order.

    Items are taken in the caller's thread, a few ahead. An error of the function is raised here.
    One item alone is not worth a thread.

    Args:
        count: threads; None: one for each processor that this process may use.
    """
    remaining = iter(items)
    first = list(islice(remaining, 2))
    if len(first) < 2:
        yield from map(function, first)
        return
    count = count or len(os.sched_getaffinity(0))
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(count) as pool:
        try:
            for item in chain(first, remaining):
                waiting.append(pool.submit(function, item))
                if len(waiting) > AHEAD * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
