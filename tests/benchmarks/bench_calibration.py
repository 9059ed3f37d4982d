"""How long `calibrate` takes and how much memory, for galleries of many subjects.

    python -m tests.benchmarks.bench_calibration [SUBJECTS ...] [--output F]

Everybody has one random template (`crowd`). The command runs in a process of its own, whose memory
is then known.
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

SIZES = (10_000, 1_000_000)
SECONDS = {10_000: 20.0, 1_000_000: 60.0}
MEGABYTES = 500


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("subjects", nargs="*", type=int, default=SIZES)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    found = {str(subjects): _measure(subjects) for subjects in sorted(chosen.subjects)}
    figures = [one for size, figures in found.items() for one in _figures(int(size), figures)]
    write(chosen.output, document(figures, found))


def _measure(subjects: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        settings = create(Path(name))
        with session(settings, "benchmark") as opened:
            populate(opened, subjects)
        output = str(Path(name) / "rows.json")
        used = command(settings, "calibrate", "--purpose", "gate", "--output", output)
    cpu = round(used.processor_seconds, 2)
    return {"seconds": round(used.seconds, 2), "cpu": cpu, "megabytes": used.megabytes}


def _figures(subjects: int, found: dict[str, Any]) -> list[Figure]:
    seconds, megabytes = found["seconds"], found["megabytes"]
    most = next((SECONDS[size] for size in SIZES if subjects <= size), SECONDS[SIZES[-1]])
    return [
        Figure(
            f"calibrate on {subjects:,} subjects",
            f"{seconds:.1f} s ({found['cpu']:.1f} s of CPU)", f"{most:g} s",
            f"{seconds / most:.2g}x", f"within {most:g} s", seconds <= most,
        ),
        Figure(
            f"memory for it, the whole process, {subjects:,} subjects", f"{megabytes} MB",
            f"{MEGABYTES} MB", f"{megabytes / MEGABYTES:.2g}x", f"within {MEGABYTES} MB",
            megabytes <= MEGABYTES,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
