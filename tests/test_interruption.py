"""Ctrl-C and SIGTERM: at once, or at the end of what must not be interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest

from facecli import interruption
from facecli.interruption import Held

SIGNALS = (signal.SIGINT, signal.SIGTERM)
CHANGED = (*SIGNALS, signal.SIGALRM)


@pytest.fixture
def _handlers() -> Iterator[None]:
    before, hook = [signal.getsignal(number) for number in CHANGED], sys.unraisablehook
    yield
    sys.unraisablehook = hook
    for number, handler in zip(CHANGED, before, strict=True):
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


class Owner:
    """Something that is finalized."""


def finalized_by(act: Callable[[], object]) -> None:
    weakref.finalize(Owner(), act)


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interruption_in_a_finalizer_is_raised_after_it(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python prints what a finalizer raises, and goes on."""
    interruption.install()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - it comes in one of the two
        finalized_by(lambda: signal.raise_signal(number))
        threading.Event().wait(60)
    assert capsys.readouterr().err == ""


def twice() -> None:
    """Interrupt, and interrupt what ends then."""
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("finalizers", [1, 2])
def test_two_interruptions_in_finalizers_are_raised_once(
    finalizers: int, capsys: pytest.CaptureFixture[str]
) -> None:
    interruption.install()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - it comes in one of the two
        for _ in range(finalizers):
            finalized_by(twice)
        threading.Event().wait(60)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("held", [False, True])
def test_an_interruption_after_a_dropped_one_is_raised_once(held: bool) -> None:
    interruption.install()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the dropped one may come first
        finalized_by(lambda: signal.raise_signal(signal.SIGINT))
        with Held() if held else nullcontext():
            signal.raise_signal(signal.SIGINT)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


ENDING = """
import atexit, signal, sys
from facecli import interruption

interruption.install()
# The last to register is the first to be called. The other one is still at work a while later.
atexit.register(lambda: sum(range(10_000_000)))
atexit.register(signal.raise_signal, signal.{name})
sys.exit(7)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interruption_while_the_process_ends_leaves_its_exit_code(
    number: signal.Signals,
) -> None:
    script = ENDING.format(name=number.name)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (7, b"")


def test_another_exception_in_a_finalizer_is_printed_as_before() -> None:
    printed: list[type[BaseException]] = []
    sys.unraisablehook = lambda what: printed.append(what.exc_type)
    for _ in range(2):  # main installs it anew for each command of a process
        interruption.install()
    finalized_by(lambda: [].pop())
    assert printed == [IndexError]


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
