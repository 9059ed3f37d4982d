"""Runs the benchmarks one after another and keeps what they find: `make bench`.

    python -m tests.benchmarks [--images DIR] [--only NAME ...] [--small] [--results FILE]
                               [--people N ...] [--cohorts FILE.csv]

DIR holds small photographs, one folder a person, such as LFW; research use only, so it does not
ship, and benchmarks that need it are left out without it. What an earlier run found by a
benchmark that is not run now stays in FILE. `--small` only shows that all of them work. `--people`
are the sizes of the benchmark `scale`. FILE.csv has the sex and region of the people in DIR, for
the benchmark `rates`; without it, only galleries of everybody are drawn.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Benchmark:
    """A module `bench_NAME`, its arguments in earnest and for a trial, and what it needs."""

    name: str
    arguments: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    images: bool = False


BENCHMARKS = (
    Benchmark("match", ("--count", "500", "--large", "64"), ("--count", "6", "--large", "1"), True),
    Benchmark("confinement", (), ("--count", "12", "--times", "1")),
    Benchmark("agreement", (), ("--faces", "5", "--boxes", "3"), True),
    Benchmark("rotation", (), ("--count", "3"), True),
    Benchmark("rates", (), ("--draws", "1"), True),
    Benchmark("calibration", (), ("2000",)),
    Benchmark("cluster", ("--workers", "4"), ("--count", "12")),
    Benchmark("erasure", ("1000000",), ("2000",)),
    Benchmark("report", ("100000",), ("2000",)),
    Benchmark("scale", ("--plot", str(RESULTS.with_name("scale.svg"))), ("1000", "2000"), True),
    Benchmark("search", (), ("--sizes", "1000")),
    Benchmark("startup", ("100000",), ("2000",)),
    Benchmark("video"),
    Benchmark("long_video", (), ("--minutes", "2")),
    Benchmark("guidance", ("--seconds", "30"), ("--seconds", "1")),
    Benchmark("liveness", (), ("--people", "0", "--trial"), True),
    Benchmark("log", ("10000", "100000", "1000000"), ("3000",)),
)


def main() -> None:
    """Run what is asked for; exit 1 if one of them fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=Path)
    parser.add_argument("--only", nargs="+", choices=[one.name for one in BENCHMARKS])
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--people", nargs="+", default=[])
    parser.add_argument("--cohorts", type=Path)
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    failed = []
    for benchmark in BENCHMARKS:
        if chosen.only and benchmark.name not in chosen.only:
            continue
        if benchmark.images and chosen.images is None:
            print(f"{benchmark.name}: left out, it needs --images", file=sys.stderr)
            continue
        arguments = [*(benchmark.small if chosen.small else benchmark.arguments)]
        if benchmark.name == "scale":
            arguments += chosen.people
        if benchmark.name == "rates" and chosen.cohorts is not None:
            arguments += ["--cohorts", str(chosen.cohorts)]
        found = _run(benchmark, chosen.images, arguments)
        if found is None:
            failed.append(benchmark.name)
        else:
            _keep(chosen.results, benchmark.name, found)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def _run(
    benchmark: Benchmark, images: Path | None, arguments: Sequence[str]
) -> dict[str, Any] | None:
    """What a benchmark wrote, in a process of its own; None if it failed."""
    print(f"== {benchmark.name}", file=sys.stderr, flush=True)
    needed = ["--images", str(images)] if benchmark.images else []
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "found.json"
        command = [sys.executable, "-m", f"tests.benchmarks.bench_{benchmark.name}"]
        done = subprocess.run([*command, *needed, *arguments, "--output", str(output)], check=False)
        if done.returncode or not output.exists():
            return None
        found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return found


def _keep(results: Path, name: str, found: dict[str, Any]) -> None:
    kept = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    kept[name] = found
    results.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
