"""Ctrl-C and SIGTERM: at once, or at the end of what must not be interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from facecli.workers import interruption
from facecli.workers.interruption import Held

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def _handlers() -> Iterator[None]:
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)


pytestmark = pytest.mark.usefixtures("_handlers")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts_at_once(number: signal.Signals) -> None:
    interruption.install()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


@pytest.mark.parametrize("number", SIGNALS)
def test_while_it_is_held_back_nothing_is_raised_until_the_end(number: signal.Signals) -> None:
    interruption.install()
    done: list[str] = []

    def act() -> None:
        with Held():
            signal.raise_signal(number)
            done.append("inner part")
        done.append("never")

    with pytest.raises(KeyboardInterrupt):
        act()
    assert done == ["inner part"]


def test_the_outermost_of_several_raises_it() -> None:
    interruption.install()
    done: list[str] = []

    def act() -> None:
        with Held():
            with Held():
                signal.raise_signal(signal.SIGINT)
            done.append("still held")

    with pytest.raises(KeyboardInterrupt):
        act()
    assert done == ["still held"]


def test_one_interruption_is_raised_once() -> None:
    interruption.install()

    def both() -> None:
        with Held():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        both()
    with Held():
        pass


def test_another_thread_holds_nothing_back() -> None:
    interruption.install()
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with Held():
            entered.set()
            leave.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert entered.wait(60)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        leave.set()
        other.join()


def test_ctrl_c_stays_ignored_where_it_was() -> None:
    """As after nohup."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interruption.install()
    signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
