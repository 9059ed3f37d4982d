"""The steps of long work, for whoever shows them.

A room states how much there is to do and what is done. The frame may show that on a terminal; until
it asks to, nobody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Step = Callable[[int], object]
Show = Callable[[str, int], AbstractContextManager[Step]]

_show: Show | None = None


def show_with(show: Show | None) -> None:
    """Let `show` be called with a unit and a total at the beginning of long work.

    It returns a context manager of the function to call with the number of units just done.
    """
    global _show
    _show = show


@contextmanager
def counting(unit: str, total: int) -> Iterator[Step]:
    """Yield a function to call with the number of units just done.

    Args:
        unit: such as `subject`; `B` for bytes.
        total: the number of units.
    """
    if _show is None:
        yield int
        return
    with _show(unit, total) as step:
        yield step


def each(items: Iterable[Item], unit: str, total: int) -> Iterator[Item]:
    """Yield the items, and count each as done when the next is asked for."""
    with counting(unit, total) as step:
        for item in items:
            yield item
            step(1)
