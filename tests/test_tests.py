"""What every test keeps to: it waits for what happens, and needs nothing outside its own folder."""

from __future__ import annotations

import ast
import os
from pathlib import Path

from facecli.cli import config
from tests.conftest import Facecli
from tests.mirror import TESTS

SOURCES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("*.py")}


def test_no_test_sleeps() -> None:
    """`tests.waiting` waits for a file, a line or a state; `tests.kills` for a part of an act."""
    found = [
        f"{path.relative_to(TESTS)}:{node.lineno}"
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep")
    ]
    assert found == []


def test_no_test_counts_on_a_path_that_is_missing() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{node.lineno}"
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("/nonexistent")
        and path.name != "test_tests.py"
    ]
    assert found == []


def test_a_process_of_a_test_reads_no_configuration_of_the_machine(facecli: Facecli) -> None:
    """It has one of its own, which states nothing, and so it does not look into /etc."""
    done = facecli.process("config", "show", "--format", "json")
    values = {one["setting"]: one["value"] for one in done.json()}
    read = Path(values["config"])
    assert (read.parents[1], read.stat().st_size) == (Path(os.environ["XDG_CONFIG_HOME"]), 0)
    assert read != config.SYSTEM
    assert not [name for name in os.environ if name.startswith("FACECLI_")]
