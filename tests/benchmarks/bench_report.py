"""The cost of the custody report: seconds and bytes of the page, and of its figures as JSON.

    python -m tests.benchmarks.bench_report [PEOPLE] [--output FILE]

Everybody has a consent and a random template (`crowd`); a tenth has withdrawn, and is due. Each
report is made by a process of its own, as a user makes it. The bounds are given ones.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from facecli.cli.session import session
from tests.benchmarks.crowd import create, populate
from tests.benchmarks.figures import Figure, document, write
from tests.benchmarks.measured import command

SECONDS, MEGABYTES = 10, 5  # for the page of 100,000 people
BOUND = 100_000


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("people", nargs="?", type=int, default=BOUND)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = _measure(Path(name), chosen.people)
    write(chosen.output, document(_figures(chosen.people, found), found))


def _measure(folder: Path, people: int) -> dict[str, Any]:
    settings = create(folder)
    with session(settings, "bench") as opened:
        populate(opened, people, 0.1)
    found: dict[str, Any] = {}
    for form in ("html", "json"):
        path = folder / f"custody.{form}"
        used = command(settings, "report", "--format", form, "--output", str(path))
        found[f"{form}_seconds"] = round(used.seconds, 3)
        found[f"{form}_mb"] = round(path.stat().st_size / 1e6, 3)
    return found


def _figures(people: int, found: dict[str, Any]) -> list[Figure]:
    share = max(people / BOUND, 0.1)  # the start of the process and the plots do not shrink
    seconds, megabytes = found["html_seconds"], found["html_mb"]
    return [
        Figure(
            f"custody page of {people:,} people",
            f"{seconds:.2f} s",
            f"{SECONDS} s for {BOUND:,}",
            f"{seconds / share / SECONDS:.2g}x",
            f"within {SECONDS} s",
            seconds <= SECONDS * share,
        ),
        Figure(
            f"size of the custody page of {people:,} people",
            f"{megabytes} MB",
            f"{MEGABYTES} MB",
            f"{megabytes / MEGABYTES:.2g}x",
            f"within {MEGABYTES} MB",
            megabytes <= MEGABYTES,
        ),
    ]


if __name__ == "__main__":
    main()
