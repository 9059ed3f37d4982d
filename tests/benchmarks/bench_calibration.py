"""How long `calibrate` takes and how much memory, for galleries of many subjects.

    python -m tests.benchmarks.bench_calibration [SUBJECTS ...] [--output F]

Everybody has one random template (`crowd`). The command runs in a process of its own, whose memory
is then known.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from facecli.cli.main import main as facecli
from facecli.cli.session import Settings, session
from tests.benchmarks.crowd import create, populate
from tests.benchmarks.figures import Figure, document, write

SIZES = (10_000, 1_000_000)
SECONDS = {10_000: 20.0, 1_000_000: 60.0}
MEGABYTES = 500


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("subjects", nargs="*", type=int, default=SIZES)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--calibrate-in", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.calibrate_in is not None:
        _calibrate(chosen.calibrate_in)
        return
    found = {str(subjects): _measure(subjects) for subjects in sorted(chosen.subjects)}
    figures = [one for size, figures in found.items() for one in _figures(int(size), figures)]
    write(chosen.output, document(figures, found))


def _measure(subjects: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        settings = create(Path(name))
        with session(settings, "benchmark") as opened:
            populate(opened, subjects)
        command = [sys.executable, "-m", "tests.benchmarks.bench_calibration", "--calibrate-in"]
        done = subprocess.run([*command, name], check=True, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _calibrate(folder: Path) -> None:
    """Run the command, and print its seconds, by the clock and of CPU, and its most memory."""
    settings = Settings(folder / "facecli.db", {"key_file": str(folder / "facecli.key")})
    options = ["--no-input", "-q", "--db", str(settings.db)]
    options += ["--key-file", str(folder / "facecli.key")]
    start, used = time.perf_counter(), time.process_time()
    output = str(folder / "rows.json")
    code = facecli([*options, "calibrate", "--purpose", "gate", "--output", output])
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    assert code == 0
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    found = {"seconds": round(seconds, 2), "cpu": round(cpu, 2), "megabytes": megabytes}
    print(json.dumps(found))


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
