"""SIGKILL inside a command's act: its length is measured first, and the hits are counted."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests import waiting

MORE = 60  # attempts beside those that are asked for, until a kill has landed


def spawn(*command: object) -> int:
    """Start `python -m facecli` with these arguments and without output; its process id."""
    silent = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    arguments = [sys.executable, "-m", "facecli", *map(str, command)]
    return os.posix_spawn(sys.executable, arguments, os.environ, file_actions=silent)


class Kills:
    """Kills processes that do the same act, each at another moment of it.

    The act lasts from the first moment at which the process has a file of `folder` open until the
    process ends. `length` is the shortest that it took so far, in seconds.
    """

    def __init__(self, folder: Path, rehearsal: int, chance: Random) -> None:
        self._folder = f"{folder}/"
        self._chance = chance
        self.landed = 0
        with _watched(rehearsal) as process:
            self._wait_for_act(rehearsal, process)
            began = time.monotonic()
            select.select([process], [], [])
            self.length = time.monotonic() - began
        assert os.waitstatus_to_exitcode(os.waitpid(rehearsal, 0)[1]) == 0

    def attempts(self, count: int) -> Iterator[int]:
        """Yield `count` numbers, and more of them until a kill has landed; on a loaded machine an
        act can be far quicker than its rehearsal."""
        number = 0
        while number < count or (not self.landed and number < count + MORE):
            yield number
            number += 1

    def kill(self, pid: int) -> bool:
        """Kill the process at a random moment of its act. False: it had ended before."""
        with _watched(pid) as process:
            self._wait_for_act(pid, process)
            began = time.monotonic()
            ended, _, _ = select.select([process], [], [], self._chance.uniform(0, self.length))
            if ended:  # quicker than the rehearsal: look for a moment in what the act takes now
                self.length = min(self.length, time.monotonic() - began)
            os.kill(pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert code in (0, -signal.SIGKILL)
        self.landed += code != 0
        return code != 0

    def _wait_for_act(self, pid: int, process: int) -> None:
        waiting.or_readable(process, lambda: self._acts(pid))

    def _acts(self, pid: int) -> bool:
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            try:
                if os.readlink(f"/proc/{pid}/fd/{descriptor}").startswith(self._folder):
                    return True
            except FileNotFoundError:
                continue  # closed since
        return False


@contextmanager
def kills(folder: Path, rehearsal: int, chance: Random) -> Iterator[Kills]:
    """Measure the act of the process `rehearsal`; at the end at least one kill hit its act."""
    found = Kills(folder, rehearsal, chance)
    yield found
    assert found.landed, f"every act ended before its kill; the shortest took {found.length:.3f} s"


@contextmanager
def _watched(pid: int) -> Iterator[int]:
    """A descriptor that can be read once the process has ended; nobody has waited for it yet."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
