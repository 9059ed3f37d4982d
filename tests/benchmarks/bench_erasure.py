"""What retention and erasure cost: the policy over everybody, and erasing a tenth of them.

    python -m tests.benchmarks.bench_erasure [PEOPLE]

Prints one JSON document. Bounds in the same run: rewriting the whole file through SQLCipher, as
VACUUM does; writing as many bytes to a plain file; and `python -c "import click, sqlcipher3"` for a
purge with nothing due.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from facecli.cli.session import session
from facecli.erasure import purge
from tests.benchmarks.crowd import create, populate


def main(people: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = create(folder)
        with session(settings, "benchmark") as opened:
            idle = _purge_of_nothing(settings)
            populate(opened, people, withdrawn=0.1)
        before = _memory()
        with session(settings, "benchmark") as opened:
            start = time.perf_counter()
            surveyed = purge.survey(opened.db, opened.now)
            policy = time.perf_counter() - start
            memory = _memory() - before
            start = time.perf_counter()
            erased = sum(outcome == "erased" for _, outcome in purge.run(surveyed, opened.act))
            erasing = time.perf_counter() - start
            start = time.perf_counter()
            opened.db.execute("VACUUM")
            vacuum = time.perf_counter() - start
        size = settings.db.stat().st_size
        rewriting = _rewrite(folder / "bytes", size)
    print(
        json.dumps(
            {
                "people": people,
                "policy_seconds": round(policy, 2),
                "policy_mb_more": round(memory / 2**20),
                "erased": erased,
                "erasing_seconds": round(erasing, 2),
                "file_mb": round(size / 2**20),
                "vacuum_seconds": round(vacuum, 2),
                "erasing_to_vacuum": round(erasing / vacuum, 1),
                "plain_write_seconds": round(rewriting, 2),
                "purge_of_nothing": idle,
            },
            indent=2,
        )
    )


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _rewrite(path: Path, size: int) -> float:
    """Seconds to write so many bytes and have them on disk."""
    block = os.urandom(2**20)
    start = time.perf_counter()
    with path.open("wb") as stream:
        for _ in range(size // len(block)):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    return time.perf_counter() - start


def _purge_of_nothing(settings) -> dict[str, float]:
    """Seconds of a purge with nothing due, of its bound, and their ratio: the best of nine."""
    purging = [
        *(sys.executable, "-m", "facecli", "--no-input", "-q", "--db", str(settings.db)),
        *("--key-file", settings.key_options["key_file"], "purge"),
    ]
    bound = [sys.executable, "-c", "import click, sqlcipher3"]
    best = {"purge": 9.0, "bound": 9.0}
    for _ in range(9):
        for what, command in (("purge", purging), ("bound", bound)):
            start = time.perf_counter()
            subprocess.run(command, check=True)
            best[what] = min(best[what], time.perf_counter() - start)
    return {**best, "ratio": best["purge"] / best["bound"]}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
