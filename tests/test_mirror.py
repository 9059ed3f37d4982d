"""A reader finds the test of a source file by its path."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import mirror


def test_each_file_with_logic_has_a_test_at_the_mirrored_path() -> None:
    assert mirror.untested() == []


@pytest.mark.parametrize("name", mirror.ELSEWHERE)
def test_an_exception_is_a_file_without_a_test_of_its_own(name: str) -> None:
    assert (mirror.PACKAGE / name).is_file()
    assert mirror.mirrored(Path(name)) == []


@pytest.mark.parametrize(
    ("source", "logic"),
    [
        ("LIMIT = 3 if x else 4", False),
        ("class A:\n    name: str", False),
        ("def f(x): return x + 1", False),
        ("def f(x):\n    if x: return 1", True),
        ("def f(x): return [y for y in x]", True),
    ],
)
def test_what_counts_as_logic(source: str, logic: bool) -> None:
    assert mirror.has_logic(source) is logic


def test_where_a_test_is_looked_for(tmp_path: Path) -> None:
    folder = tmp_path / "capture"
    folder.mkdir()
    for name in ("test_film.py", "test_live_rtsp.py", "test_filming.py"):
        (folder / name).touch()
    found = {
        name: [path.name for path in mirror.mirrored(Path("capture", name), tmp_path)]
        for name in ("film_worker.py", "live.py", "frames.py")
    }
    assert found == {
        "film_worker.py": ["test_film.py"],
        "live.py": ["test_live_rtsp.py"],
        "frames.py": [],
    }
