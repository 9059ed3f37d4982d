"""A command that prints a passphrase: in a shell, within a time, and able to ask on the terminal.

It gets a process group of its own, so that all of it can be ended, and is lent the terminal for as
long as it runs, so that pinentry and the like can ask there.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from facecli.errors.keys import UnusableKey

SECONDS = 60  # somebody may have to type
LONGEST = 65536  # bytes of what it prints
STOPPED = (-signal.SIGINT, 128 + signal.SIGINT)


def first_line(command: str, option: str) -> str:
    """The first line that a shell command prints.

    Args:
        command: as the user wrote it.
        option: where it was given, for messages.

    Raises:
        UnusableKey: it failed, did not end within `SECONDS`, or printed no text or too much. What
            was started of it is killed.
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
    """All that it printed, and its status."""
    deadline = time.monotonic() + SECONDS
    with subprocess.Popen(  # noqa: S602 -- a shell is what the option promises
        command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0
    ) as process:
        try:
            with _terminal_lent(process.pid):
                printed = _read_until(deadline, process.stdout)
                return printed, process.wait(max(0.0, deadline - time.monotonic()))
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise


@contextmanager
def _terminal_lent(group: int) -> Iterator[None]:
    """Let a process group be the one that the terminal serves, if until now that is ours."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # there is none
        yield
        return
    try:
        if os.tcgetpgrp(terminal) != os.getpgrp():
            yield
            return
        before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # or taking it back would stop us
        try:
            with suppress(OSError):  # it has ended already
                os.tcsetpgrp(terminal, group)
                os.killpg(group, signal.SIGCONT)  # it may have asked too early, and been stopped
            yield
        finally:
            with suppress(OSError):
                os.tcsetpgrp(terminal, os.getpgrp())
            signal.signal(signal.SIGTTOU, before)
    finally:
        os.close(terminal)


def _read_until(deadline: float, stream: IO[bytes] | None) -> bytes:
    """All that comes out of a pipe; one that never ends costs neither time nor memory.

    Raises:
        TimeoutError: it was not closed by the deadline.
        ValueError: more came than a secret can be.
    """
    assert stream is not None  # noqa: S101 -- it was asked for
    printed = b""
    while len(printed) <= LONGEST:
        left = max(0.0, deadline - time.monotonic())
        if not select.select([stream], [], [], left)[0]:
            raise TimeoutError
        if not (piece := os.read(stream.fileno(), LONGEST)):
            return printed
        printed += piece
    raise ValueError("the command printed more than a passphrase")
