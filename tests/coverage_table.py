"""Prints which share of the statements each folder of the package had run, and the total."""

from __future__ import annotations

import coverage

from tests.conftest import PROJECT

PACKAGE = PROJECT / "facecli"


def measured() -> dict[str, tuple[int, int]]:
    """Map each folder to how many statements its files have, and how many of them ran."""
    found = coverage.Coverage()
    found.load()
    folders: dict[str, tuple[int, int]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        _, statements, _, missing, _ = found.analysis2(str(file))
        folder = str(file.parent.relative_to(PROJECT))
        before, ran = folders.get(folder, (0, 0))
        folders[folder] = (before + len(statements), ran + len(statements) - len(missing))
    return folders


def table(folders: dict[str, tuple[int, int]]) -> str:
    """Return a line for each folder that has statements, and one for the total."""
    every, ran = (sum(column) for column in zip(*folders.values(), strict=True))
    width = max(len(name) for name in folders)
    return "\n".join(
        f"{name:{width}} {ran:6} of {statements:6} {ran / statements:7.1%}"
        for name, (statements, ran) in {**folders, "total": (every, ran)}.items()
        if statements
    )


if __name__ == "__main__":
    print(table(measured()))
