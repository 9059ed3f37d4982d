"""Run the program of a hook: without a shell, without open files, and with a time limit."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from facecli.interruption import Held
from facecli.printable import printable

TICK = 0.05
"""Seconds after which a program that prints nothing is asked whether it has ended."""
CHUNK = 1 << 16
"""Bytes that are passed on at once."""


def run(program: Sequence[str], environment: Mapping[str, str], seconds: float) -> str | None:
    """Run the program to its end. Return a sentence about what went wrong, or None.

    What it prints goes to stderr, because stdout has the results of the command. It has a process
    group of its own, which is killed after `seconds` and when the command is interrupted. A process
    that it leaves running does not hold stderr: whoever reads that would wait for it.
    """
    target = _stderr()
    process: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + seconds
    try:
        with Held():  # Ctrl-C while it starts would leave it running
            process = _started(program, environment, target)
        if target is not None:
            _pass_on(process, target, deadline)
        status = process.wait(max(0, deadline - time.monotonic()))
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "it cannot be started").lower()
        return f"The hook {printable(program[0])} did not start: {why}."
    except subprocess.TimeoutExpired:
        return f"The hook {printable(program[0])} did not end within {seconds:g} s."
    except KeyboardInterrupt:
        return f"The hook {printable(program[0])} was interrupted."
    finally:
        if process is not None:
            _end(process)
    if status < 0:
        return f"The hook {printable(program[0])} was ended by signal {-status}."
    return f"The hook {printable(program[0])} ended with status {status}." if status else None


def _started(
    program: Sequence[str], environment: Mapping[str, str], target: int | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- the configuration's owner is checked
        list(program),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if target is None else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        process_group=0,
    )


def _pass_on(process: subprocess.Popen[bytes], target: int, deadline: float) -> None:
    """Copy what the program prints to `target`, until it has ended or its time is over."""
    assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
    source = process.stdout.fileno()
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        if select.select([source], [], [], 0 if ended else TICK)[0]:
            chunk = os.read(source, CHUNK)
            if not chunk:
                return
            if not _written(target, chunk):
                process.stdout.close()  # the program finds that nobody reads it
                return
        elif ended:
            return


def _written(target: int, chunk: bytes) -> bool:
    """Write all of `chunk`. Return False if nobody reads it."""
    try:
        while chunk:
            chunk = chunk[os.write(target, chunk) :]
    except OSError:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that still runs, with all that it has started, and close its pipe."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _stderr() -> int | None:
    """Return the descriptor of stderr, or None if it is closed."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return None
