"""What the log costs: appending, exporting, verifying, against what Python itself needs.

    python -m tests.benchmarks.bench_log [ENTRIES ...]        default: 10000 100000

Prints one JSON document. Bounds, over the same entries in the same run: `json.dumps` for an
export, hashing them into the tree's root for a verification (of a database, the latter also
checks every page of the file, twice). Peak memory is that of a process that does nothing else,
beside one that only opens the database.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from facecli.audit import sealing
from facecli.audit.merkle import Span, leaf_hash
from facecli.cli.session import Settings, session

PROBE = 2000  # entries to append one by one, and to time
TIMED = """
import resource, sys, time
from facecli.cli.main import main
start = time.perf_counter()
assert main(sys.argv[1:]) == 0
seconds = time.perf_counter() - start
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def main(sizes: list[int]) -> None:
    """Measure and print."""
    found = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            found[str(size)] = _measure(Path(folder), size)
    print(json.dumps(found, indent=2))


def _measure(folder: Path, size: int) -> dict[str, float]:
    run = _facecli(folder)
    run("init")
    settings = Settings(folder / "db", {"key_file": str(folder / "key")}, no_input=True)
    append = _fill(settings, size)
    seal, out = str(folder / "seal"), str(folder / "out")
    key = run("log", "checkpoint", "--trust-key").strip()
    offline = ("--file", out, "--checkpoint", seal, "--trust-key", key)
    steps = {
        "open": ("log", "checkpoint", "--trust-key"),
        "export": ("log", "export", "--checkpoint", seal, "--output", out),
        "verify": ("log", "verify", "--against", seal),
        "verify_file": ("log", "verify", *offline),
        "export_csv": ("log", "export", "--format", "csv", "--output", out),
    }
    seconds, peak = {}, {}
    for name, arguments in steps.items():
        seconds[name], peak[name] = _apart(folder, *arguments)
    dumping, hashing = _bounds(settings)
    working = {name: max(seconds[name] - seconds["open"], 1e-9) for name in seconds}
    return {
        "append_ms": round(append * 1000, 3),
        **{f"{name}_per_second": round(size / working[name]) for name in steps if name != "open"},
        "json_dumps_per_second": round(size / dumping),
        "hashing_per_second": round(size / hashing),
        "export_to_json_dumps": round(working["export"] / dumping, 2),
        "verify_to_hashing": round(working["verify"] / hashing, 2),
        "verify_file_to_hashing": round(working["verify_file"] / hashing, 2),
        **{f"{name}_peak_mb_more": round(peak[name] - peak["open"], 1) for name in steps},
    }


def _fill(settings: Settings, size: int) -> float:
    """Entries in one transaction; the seconds that appending one of the last ones took."""
    with session(settings, "benchmark") as opened, opened.act() as act:
        for number in range(size - 1):
            if number == max(size - 1 - PROBE, 0):
                start = time.perf_counter()
            act.record(
                "consent.record",
                subject_id=f"{number:032x}",
                purpose="gate",
                details={"expires": "2027-11-23", "version": 1, "minor": False},
            )
        return (time.perf_counter() - start) / min(PROBE, size - 1)


def _bounds(settings: Settings) -> tuple[float, float]:
    """Seconds for `json.dumps` over the same entries as dicts, and for hashing them to a root."""
    with session(settings, "benchmark") as opened:
        dumping, hashing, span = 0.0, 0.0, Span()
        for seq in range(0, opened.db.value("SELECT max(seq) FROM audit_entry"), 10_000):
            texts = [record for _, record, _ in sealing.entries(opened.db, seq, seq + 10_000)]
            entries = [json.loads(text) for text in texts]
            data = [text.encode() for text in texts]
            start = time.perf_counter()
            for entry in entries:
                json.dumps(entry)
            middle = time.perf_counter()
            span.extend(map(leaf_hash, data))
            dumping += middle - start
            hashing += time.perf_counter() - middle
    return dumping, hashing


def _facecli(folder: Path) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "facecli", *_options(folder), *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    return run


def _apart(folder: Path, *arguments: str) -> tuple[float, float]:
    """Seconds, without starting Python, and peak memory (MB) of a command in its own process."""
    command = [sys.executable, "-c", TIMED, *_options(folder), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, kilobytes = done.stderr.split()
    return float(seconds), int(kilobytes) / 1024


def _options(folder: Path) -> list[str]:
    return ["--no-input", "-q", "--db", f"{folder}/db", "--key-file", f"{folder}/key"]


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [10_000, 100_000])
