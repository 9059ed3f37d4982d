"""A function in a thread of its own: its result or its error arrives where it is asked for."""

from __future__ import annotations

import threading

import pytest

from facecli.store.background import InBackground


def test_the_result_arrives() -> None:
    assert InBackground(lambda: 42).result() == 42


def test_none_is_a_result_too() -> None:
    assert InBackground(lambda: None).result() is None


def test_it_runs_while_the_caller_goes_on() -> None:
    go = threading.Event()
    running = InBackground(lambda: go.wait(60))
    go.set()  # only now can it end
    assert running.result() is True


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_error_is_raised_where_the_result_is_asked_for(error: type[BaseException]) -> None:
    def fail() -> None:
        raise error

    running = InBackground(fail)
    running.join()
    for _ in range(2):
        with pytest.raises(error):
            running.result()
