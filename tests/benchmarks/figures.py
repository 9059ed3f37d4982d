"""What a benchmark found: figures, each with what it was measured against in the same run.

A benchmark is a module `bench_NAME` with a `main()` that takes `--output FILE` and writes there
what `document` returns. `python -m tests.benchmarks` runs them all; the README's table of figures
is made from what it keeps.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    *("click", "dlib-bin", "face-recognition", "faiss-cpu", "numpy"),
    *("onnxruntime", "opencv-python", "sqlcipher3"),
)


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    what: what was done, to how much. measured: with its unit. against: the peer or the bound, and
    what it gave in the same run. ratio: of the two, in the sense that `aim` speaks of, such as
    "5.8x" where the aim is "8x or more". reached: whether it is.
    """

    what: str
    measured: str
    against: str
    ratio: str
    aim: str
    reached: bool


def at_least(what: str, measured: str, against: str, ratio: float, aim: float) -> Figure:
    """A figure whose ratio should be `aim` or more: how many times faster than a peer."""
    return Figure(what, measured, against, f"{ratio:.3g}x", f"{aim:g}x or more", ratio >= aim)


def within(what: str, measured: str, against: str, ratio: float, aim: float) -> Figure:
    """A figure whose ratio should be `aim` or less: how many times a bound."""
    return Figure(what, measured, against, f"{ratio:.3g}x", f"within {aim:g}x", ratio <= aim)


@dataclass(frozen=True)
class Table:
    """Further figures for RESULTS.md, as text."""

    head: list[str]
    rows: list[list[str]]


def document(
    figures: Iterable[Figure], details: Mapping[str, Any], table: Table | None = None
) -> dict[str, Any]:
    """What a benchmark writes: its figures, everything measured, and where."""
    return {
        **({} if table is None else {"table": asdict(table)}),
        "machine": machine(),
        "figures": [asdict(figure) for figure in figures],
        "details": dict(details),
    }


def machine() -> dict[str, Any]:
    """Processors and versions that the figures depend on; nothing that names the machine."""
    found: dict[str, Any] = {
        "cpus": os.cpu_count(),
        "cpu": _processor(),
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def write(path: Path | None, found: Mapping[str, Any]) -> None:
    """Print a document, and write it where `--output` says."""
    text = json.dumps(found, indent=2)
    print(text)
    if path is not None:
        path.write_text(text + "\n", encoding="utf-8")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
