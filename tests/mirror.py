"""Where the test of a source file is: `facecli/A/B.py` has `tests/A/test_B.py`, or more than one
file `tests/A/test_B_*.py`. The half of a worker (`B_worker.py`) may be tested with its parent's."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.conftest import PROJECT

PACKAGE, TESTS = PROJECT / "facecli", PROJECT / "tests"
ELSEWHERE = {
    "commands/completion.py": "the scripts that it prints are tried in tests/tools/docs",
    "workers/closing.py": "a base class without a resource of its own",
}
"""Files without a test file of their own, and where their behaviour is tested instead."""

_LOGIC = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.Match, ast.BoolOp, ast.comprehension)


def has_logic(source: str) -> bool:
    """True where a function decides, loops or handles an error."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return any(isinstance(node, _LOGIC) for function in functions for node in ast.walk(function))


def mirrored(file: Path, tests: Path = TESTS) -> list[Path]:
    """Return the test files of a source file, which is given relative to the package."""
    folder = tests / file.parent
    names = {file.stem, file.stem.removesuffix("_worker")}
    return sorted(
        found
        for name in names
        for pattern in (f"test_{name}.py", f"test_{name}_*.py")
        for found in folder.glob(pattern)
    )


def untested() -> list[str]:
    """Return the files with logic that have no test file and are no exception."""
    return [
        name
        for file in sorted(PACKAGE.rglob("*.py"))
        if (name := str(file.relative_to(PACKAGE))) not in ELSEWHERE
        and has_logic(file.read_text(encoding="utf-8"))
        and not mirrored(file.relative_to(PACKAGE))
    ]


if __name__ == "__main__":
    print("\n".join(untested()))
