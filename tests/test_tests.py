"""What every test keeps to: it waits for what happens, and needs nothing outside its own folder."""

from __future__ import annotations

import ast

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
