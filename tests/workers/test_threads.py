"""Threads: results in order, items taken a few ahead, errors raised to the caller."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from facecli.workers.threads import AHEAD, map_in_order


def test_results_come_in_the_order_of_the_items_whichever_is_ready_first() -> None:
    second_is_done = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert second_is_done.wait(60)
        else:
            second_is_done.set()
        return number * 10

    assert list(map_in_order(work, range(9), 2)) == [number * 10 for number in range(9)]


def test_only_a_few_items_are_taken_ahead() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = map_in_order(str, items(), 2)
    assert next(results) == "0"
    assert len(taken) == 2 * AHEAD + 1
    results.close()  # type: ignore[attr-defined]
    assert len(taken) == 2 * AHEAD + 1


def test_an_error_is_raised_where_the_results_are_read() -> None:
    def work(number: int) -> int:
        return 1 // number

    results = map_in_order(work, [1, 0, 2], 1)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        list(results)


def test_one_item_takes_no_thread() -> None:
    assert list(map_in_order(lambda _: threading.get_ident(), [1])) == [threading.get_ident()]
    both = set(map_in_order(lambda _: threading.get_ident(), [1, 2]))
    assert threading.get_ident() not in both


def test_of_no_items_there_are_no_results() -> None:
    assert list(map_in_order(str, [])) == []
