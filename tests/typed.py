"""Console blocks of the README and the man pages, typed as printed into a real bash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = "--- end of command, status "


@dataclass
class Step:
    """A command as shown, and the lines that are shown under it."""

    command: str
    shown: list[str] = field(default_factory=list)


def steps(text: str) -> list[Step]:
    """What the console blocks of a text type and show, in order."""
    found: list[Step] = []
    for kind, block in BLOCK.findall(text):
        for line in block.splitlines() if kind == "console" else ():
            if line.startswith("$ "):
                found.append(Step(line.removeprefix("$ ")))
            else:
                found[-1].shown.append(line)
    return found


def shows(pattern: str, line: str) -> bool:
    """Does `line` read as shown? `…` stands for anything, columns may be wider or narrower."""
    pieces = (re.escape(" ".join(piece.split())) for piece in pattern.split("…"))
    return re.fullmatch(r"\s*.*\s*".join(pieces), " ".join(line.split())) is not None


def prints(shown: list[str], output: list[str]) -> bool:
    """Is the output as shown? A line of `…` alone stands for any lines, or none."""
    if not shown or not output:
        return [line for line in shown if line != "…"] == output
    if shown[0] == "…":
        return prints(shown[1:], output) or prints(shown, output[1:])
    return shows(shown[0], output[0]) and prints(shown[1:], output[1:])


def check(tour: list[Step], folder: Path, variables: Mapping[str, str] | None = None) -> None:
    """Type every step in `folder`, and compare what is printed with what is shown.

    Each step must end with status 0, unless the next one is `echo $?` and shows its status.
    """
    script = "".join(
        f"{step.command}\nstatus=$?; echo '{MARK}'$status; (exit $status)\n" for step in tour
    )
    environment = {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "USER": "tester",
        "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"],
        **(variables or {}),
    }
    assert shutil.which("facecli", path=environment["PATH"]), "facecli is not installed"
    done = subprocess.run(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    printed = re.split(re.escape(MARK) + r"(\d+)\n", done.stdout)
    assert len(printed) == 2 * len(tour) + 1, done.stdout
    for number, step in enumerate(tour):
        output, status = printed[2 * number].splitlines(), int(printed[2 * number + 1])
        asked_for = tour[number + 1 : number + 2] == [Step("echo $?", [str(status)])]
        assert status == 0 or asked_for, (step.command, status, output)
        assert prints(step.shown, output), (step.command, step.shown, output)
