"""What every test keeps to: it waits for what happens, and needs nothing outside its own folder."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from facecli.cli import config
from tests.conftest import Facecli
from tests.mirror import TESTS

MISSING = "/nonexistent"


def nodes() -> Iterator[tuple[Path, ast.AST]]:
    """Everything in the test files in which one of the words stands."""
    for path in TESTS.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "sleep" in text or MISSING in text:
            for node in ast.walk(ast.parse(text)):
                yield path.relative_to(TESTS), node


def test_no_test_sleeps_or_counts_on_a_path_that_is_missing() -> None:
    """`tests.waiting` waits for a file, a line or a state; `tests.kills` for a part of an act."""
    sleeping, counting = [], []
    for path, node in nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep"):
            sleeping.append(f"{path}:{node.lineno}")
        elif isinstance(node, ast.Constant) and str(node.value).startswith(MISSING):
            counting.append(f"{path}:{node.lineno}")
    assert sleeping == []
    assert [one for one in counting if not one.startswith("test_tests.py")] == []


def test_a_process_of_a_test_reads_no_configuration_of_the_machine(facecli: Facecli) -> None:
    """It has one of its own, which states nothing, and so it does not look into /etc."""
    done = facecli.process("config", "show", "--format", "json")
    values = {one["setting"]: one["value"] for one in done.json()}
    read = Path(values["config"])
    assert (read.parents[1], read.stat().st_size) == (Path(os.environ["XDG_CONFIG_HOME"]), 0)
    assert read != config.SYSTEM
    assert not [name for name in os.environ if name.startswith("FACECLI_")]
