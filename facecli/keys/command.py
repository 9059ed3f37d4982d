"""Run the command that prints a passphrase, in a shell and with a time limit.

The command has a process group of its own, so that all of it can be ended. It is the terminal's
foreground group while it runs, so that pinentry and similar programs can ask there.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO

from facecli.errors.keys import UnusableKey
from facecli.interruption import Held

SECONDS = 60  # a person may have to type
LONGEST = 65536  # bytes of its output
STOPPED = (-signal.SIGINT, 128 + signal.SIGINT)


def first_line(command: str, option: str) -> str:
    """Return the first line that a shell command prints.

    Args:
        command: as the user wrote it.
        option: the option or variable that gave it, for messages.

    Raises:
        UnusableKey: it failed, did not end within `SECONDS`, printed too much, or printed bytes
            that are not UTF-8. All its processes are killed.
        KeyboardInterrupt: it was interrupted at the terminal.
    """
    try:
        printed, status = _run(command)
        if status in STOPPED:
            raise KeyboardInterrupt
        if status:
            raise ValueError(f"the command ended with status {status}")
        return printed.decode().partition("\n")[0]
    except (TimeoutError, subprocess.TimeoutExpired):
        why = f"the command did not end within {SECONDS} s"
        raise UnusableKey(source=option, why=why) from None
    except UnicodeDecodeError:
        raise UnusableKey(source=option, why="it is not UTF-8 text") from None
    except ValueError as error:
        raise UnusableKey(source=option, why=str(error)) from None


def _run(command: str) -> tuple[bytes, int]:
    """Run the command; return its output and its exit status."""
    deadline = time.monotonic() + SECONDS
    with ExitStack() as stack:
        with Held():  # Ctrl-C while it starts would leave it running
            process = stack.enter_context(
                subprocess.Popen(  # noqa: S602 -- a shell is what the option promises
                    command,
                    shell=True,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    process_group=0,
                )
            )
            stack.enter_context(_killed_on_error(process.pid))
        with _terminal_lent(process.pid):
            printed = _read_until(deadline, process.stdout)
            return printed, process.wait(max(0.0, deadline - time.monotonic()))


@contextmanager
def _killed_on_error(group: int) -> Iterator[None]:
    """Kill a process group if the block ends with an exception."""
    try:
        yield
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        raise


@contextmanager
def _terminal_lent(group: int) -> Iterator[None]:
    """Make a process group the terminal's foreground group, if ours is."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # there is no terminal
        yield
        return
    try:
        if os.tcgetpgrp(terminal) != os.getpgrp():
            yield
            return
        before = signal.signal(
            signal.SIGTTOU, signal.SIG_IGN
        )  # otherwise taking the terminal back would stop us
        try:
            with suppress(OSError):  # it has ended already
                os.tcsetpgrp(terminal, group)
                os.killpg(group, signal.SIGCONT)  # it may have been stopped for asking too early
            yield
        finally:
            with suppress(OSError):
                os.tcsetpgrp(terminal, os.getpgrp())
            signal.signal(signal.SIGTTOU, before)
    finally:
        os.close(terminal)


def _read_until(deadline: float, stream: IO[bytes] | None) -> bytes:
    """Read a pipe to its end; one that never ends costs neither time nor memory.

    Raises:
        TimeoutError: it was not closed by the deadline.
        ValueError: there is more than a secret can have.
    """
    assert stream is not None  # noqa: S101 -- Popen made a pipe
    printed = b""
    while len(printed) <= LONGEST:
        left = max(0.0, deadline - time.monotonic())
        if not select.select([stream], [], [], left)[0]:
            raise TimeoutError
        if not (piece := os.read(stream.fileno(), LONGEST)):
            return printed
        printed += piece
    raise ValueError("the command printed more than a passphrase")
