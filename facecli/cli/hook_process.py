"""Run the program of a hook: without a shell, without open files, and with a time limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from facecli.printable import printable


def run(program: Sequence[str], environment: Mapping[str, str], seconds: float) -> str | None:
    """Run the program to its end. Return a sentence about what went wrong, or None.

    What it prints goes to stderr, because stdout has the results of the command. It has a process
    group of its own, which is killed after `seconds` and when the command is interrupted.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 -- the configuration's owner is checked
            list(program),
            stdin=subprocess.DEVNULL,
            stdout=_stderr(),
            stderr=_stderr(),
            env=dict(environment),
            process_group=0,
        )
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "it cannot be started").lower()
        return f"The hook {printable(program[0])} did not start: {why}."
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return f"The hook {printable(program[0])} did not end within {seconds:g} s."
    except KeyboardInterrupt:
        return f"The hook {printable(program[0])} was interrupted."
    finally:
        _end(process)
    if status < 0:
        return f"The hook {printable(program[0])} was ended by signal {-status}."
    return f"The hook {printable(program[0])} ended with status {status}." if status else None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that still runs, with all that it has started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _stderr() -> int:
    """Return the descriptor of stderr, or that of nothing if it is closed."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return subprocess.DEVNULL
