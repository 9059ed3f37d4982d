"""Waiting for another process: up to a limit, and no longer than Ctrl-C."""

from __future__ import annotations

import _thread
import operator
import time
from functools import partial
from typing import Any

import pytest

from facecli.store.lock_wait import Waiter


class _Clock:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """The clock of `time`, held by the test."""
    clock = _Clock()
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    return clock


@pytest.mark.parametrize("seconds", [0.05, 3.0])
def test_it_gives_up_when_its_seconds_are_over(waited: _Clock, seconds: float) -> None:
    waiter = Waiter(seconds)
    waiter.start()
    attempts = 0
    while waiter.try_again(attempts):
        attempts += 1
    assert seconds <= waited.now - 100 <= seconds + 0.1
    assert all(0.001 <= each <= 0.1 for each in waited.slept)


def test_without_patience_there_is_one_attempt(waited: _Clock) -> None:
    waiter = Waiter(0)
    waiter.start()
    assert not waiter.try_again(0)
    assert waited.slept == []


def test_each_start_has_all_its_seconds_again(waited: _Clock) -> None:
    waiter = Waiter(1)
    waiter.start()
    waited.now += 2
    assert not waiter.try_again(0)
    waiter.start()
    assert waiter.try_again(0)


def test_ctrl_c_ends_the_wait_and_is_raised_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite calls the waiter, and would swallow what it raises."""

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    waiter = Waiter(60)
    waiter.start()
    assert not waiter.try_again(0)
    with pytest.raises(KeyboardInterrupt):
        waiter.raise_if_interrupted()
    waiter.start()
    waiter.raise_if_interrupted()


def test_ctrl_c_before_the_first_line_of_the_wait_is_not_lost() -> None:
    """No Python code runs between the signal and the call, as when SQLite calls."""
    waiter = Waiter(60)
    waiter.start()
    calls: tuple[partial[Any], ...] = (
        partial(_thread.interrupt_main), partial(waiter.try_again, 0),
    )  # fmt: skip
    assert [*map(operator.call, calls)] == [None, 0]
    with pytest.raises(KeyboardInterrupt):
        waiter.raise_if_interrupted()
    waiter.start()
    assert waiter.try_again(0) == 1
