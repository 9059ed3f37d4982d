"""Commands on a terminal of a given width: a real pseudo-terminal, and one process for all."""

from __future__ import annotations

import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from fcntl import ioctl

from tests.conftest import PROJECT

END = "\x1e"


def on_terminal(
    words: Sequence[object],
    columns: int,
    *,
    answers: str = "",
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a program with a terminal of so many columns, and return what is shown on it.

    Args:
        answers: what is typed.
    """
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 200, columns, 0, 0))
    modes = termios.tcgetattr(theirs)
    modes[3] &= ~termios.ECHO  # what is typed would be among what is shown
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    os.write(ours, answers.encode())
    shown = b""
    with subprocess.Popen(
        ["setsid", "--ctty", *map(str, words)],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=PROJECT,
        env={**os.environ, "TERM": "xterm", **(env or {})},
    ):  # fmt: skip
        os.close(theirs)
        try:
            while block := os.read(ours, 65536):
                shown += block
        except OSError:  # how Linux ends the other side of a terminal
            pass
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def typed(
    commands: Sequence[Sequence[object]], columns: int, *, answers: str = ""
) -> list[tuple[int, str]]:
    """Run commands of facecli one after the other; return the exit code and the text of each.

    Args:
        answers: what is typed, for all of them.
    """
    words = json.dumps([list(map(str, command)) for command in commands])
    shown = on_terminal([sys.executable, "-m", "tests.terminal", words], columns, answers=answers)
    parts = shown.split(END)
    assert len(parts) == 2 * len(commands) + 1, parts[-1]
    return [(int(parts[at + 1]), parts[at]) for at in range(0, len(parts) - 1, 2)]


def _run(commands: Sequence[Sequence[str]]) -> None:
    from facecli.cli.main import main

    for command in commands:
        code = main(list(command))
        sys.stdout.write(f"{END}{code}{END}")
        sys.stdout.flush()


if __name__ == "__main__":
    _run(json.loads(sys.argv[1]))
