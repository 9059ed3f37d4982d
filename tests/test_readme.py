"""The README's tour, typed as printed: every block of it, in order, in a real bash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import typed

PROJECT = Path(__file__).resolve().parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_block_of_the_tour_is_one_that_this_test_runs() -> None:
    kinds = [kind for kind, _ in typed.BLOCK.findall(section("A tour in two minutes"))]
    assert kinds
    assert set(kinds) == {"console"}
    assert README.count("```console\n") == len(kinds)


def test_the_tour_does_what_it_shows(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "sample_data", tmp_path / "sample_data")
    typed.check(typed.steps(section("A tour in two minutes")), tmp_path)


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
    assert typed.shows(pattern, line) is expected
