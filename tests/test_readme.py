"""The README's tour, typed as printed: every block of it, in order, in a real bash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = "--- end of command, status "


@dataclass
class Step:
    """A command as shown, and the lines that are shown under it."""

    command: str
    shown: list[str] = field(default_factory=list)


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def steps(text: str) -> list[Step]:
    found: list[Step] = []
    for _, block in BLOCK.findall(text):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line.removeprefix("$ ")))
            else:
                found[-1].shown.append(line)
    return found


def shows(pattern: str, line: str) -> bool:
    """Does `line` read as shown? `…` stands for anything, columns may be wider or narrower."""
    pieces = (re.escape(" ".join(piece.split())) for piece in pattern.split("…"))
    return re.fullmatch(r"\s*.*\s*".join(pieces), " ".join(line.split())) is not None


def test_every_block_of_the_tour_is_one_that_this_test_runs() -> None:
    kinds = [kind for kind, _ in BLOCK.findall(section("A tour in two minutes"))]
    assert kinds
    assert set(kinds) == {"console"}
    assert README.count("```console\n") == len(kinds)


def test_the_tour_does_what_it_shows(tmp_path: Path) -> None:
    tour = steps(section("A tour in two minutes"))
    shutil.copytree(PROJECT / "sample_data", tmp_path / "sample_data")
    script = "".join(
        f"{step.command}\nstatus=$?; echo '{MARK}'$status; (exit $status)\n" for step in tour
    )
    environment = {
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "USER": "tester",
    }
    assert shutil.which("facecli", path=environment["PATH"]), "facecli is not installed"
    done = subprocess.run(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        cwd=tmp_path,
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
        assert len(output) == len(step.shown), (step.command, output)
        for pattern, line in zip(step.shown, output, strict=True):
            assert shows(pattern, line), (step.command, pattern, line)


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("A  …  enrolled", "A      94   enrolled", True),
        ("A  …  enrolled", "A      94   refused", False),
        ("4", "4", True),
        ("4", "14", False),
        ("Created …/facecli.db with the engine …", "Created /x/facecli.db with the engine y", True),
    ],
)
def test_the_comparison_tells_lines_apart(pattern: str, line: str, expected: bool) -> None:
    assert shows(pattern, line) is expected
