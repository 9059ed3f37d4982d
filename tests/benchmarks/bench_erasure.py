"""What retention and erasure cost: the policy over everybody, and erasing a tenth of them.

    python -m tests.benchmarks.bench_erasure [PEOPLE] [--output FILE]

Everybody has a consent and a random template (`crowd`), and every tenth has withdrawn, so that
nearly every page of the file has somebody to erase. Bounds, in the same run: a given time and
memory for the policy; for erasing, rewriting the same bytes through SQLCipher, as VACUUM does (as
many bytes to a plain file are told beside it); for a purge with nothing due,
`python -c "import click, sqlcipher3"`; for erasing one person in a copy, `revoke` on the database,
and the same in a copy of a tenth of the people: the bytes that it reads and writes, and its time of
processors.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from facecli.cli.session import Settings, session
from facecli.erasure import purge
from tests.benchmarks.crowd import create, populate
from tests.benchmarks.figures import Figure, document, within, write
from tests.benchmarks.measured import command, peak_mb

POLICY_SECONDS, POLICY_MB = 10, 500  # for a million people
BYTES_A_PERSON = 556  # beyond the megabyte of an empty file
MILLION = 1_000_000
TIMES = 15
COPY_TIMES = 5
TENTH = 10


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("people", nargs="?", type=int, default=10_000)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--erase-in", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.erase_in is not None:
        print(json.dumps(_erase(_settings(chosen.erase_in))))
        return
    with tempfile.TemporaryDirectory() as name:
        found = _measure(Path(name), chosen.people)
    write(chosen.output, document(_figures(chosen.people, found), found))


def _figures(people: int, found: dict[str, Any]) -> list[Figure]:
    share = people / MILLION
    seconds, megabytes = found["policy_seconds"], found["policy_mb"]
    erasing, vacuum = found["erasing_seconds"], found["vacuum_seconds"]
    idle, bound = found["idle_seconds"], found["bound_seconds"]
    return [
        Figure(
            f"retention policy over {people:,} people",
            f"{seconds:.2f} s",
            f"{POLICY_SECONDS} s for {MILLION:,}",
            f"{seconds / share / POLICY_SECONDS:.2g}x",
            f"within {POLICY_SECONDS} s",
            seconds <= POLICY_SECONDS * share,
        ),
        Figure(
            f"memory for it, the whole process, {people:,} people",
            f"{megabytes} MB",
            f"{POLICY_MB} MB for {MILLION:,}",
            f"{megabytes / POLICY_MB:.2g}x",
            f"within {POLICY_MB} MB",
            megabytes <= POLICY_MB,
        ),
        within(
            f"erasing {found['erased']:,} of {people:,} people",
            f"{erasing:.2f} s",
            f"rewriting the same {found['file_mb']} MB through SQLCipher, {vacuum:.2f} s",
            erasing / vacuum,
            1.5,
        ),
        within(
            f"room in the file for each of {people:,} people with a template",
            f"{found['bytes_a_person']} bytes",
            f"{BYTES_A_PERSON} bytes, half of those of the first schema",
            found["bytes_a_person"] / BYTES_A_PERSON,
            1,
        ),
        within(
            "purge with nothing due",
            f"{1000 * idle:.0f} ms",
            f'python -c "import click, sqlcipher3", {1000 * bound:.0f} ms',
            idle / bound,
            2.5,
        ),
        within(
            f"backup erase of one person in a copy of {people:,}",
            f"{1000 * found['copy_seconds']:.0f} ms",
            f"revoke on the database, {1000 * found['revoke_seconds']:.0f} ms",
            found["copy_seconds"] / found["revoke_seconds"],
            2,
        ),
        *_growth(people, found["copy"], found["copy_of_a_tenth"]),
    ]


def _growth(people: int, whole: dict[str, Any], tenth: dict[str, Any]) -> list[Figure]:
    """The cost of erasing one person in a copy, against a copy of a tenth of the people."""
    what = f"backup erase of one person in a copy of {people:,} ({whole['file_mb']:.0f} MB)"
    smaller = f"the same in a copy of {people // TENTH:,} ({tenth['file_mb']:.0f} MB)"
    return [
        within(
            f"{what}: {unit}",
            f"{whole[key]:,}",
            f"{smaller}, {tenth[key]:,}",
            whole[key] / tenth[key],
            2,
        )
        for key, unit in (
            ("read_kb", "kB read"),
            ("written_kb", "kB written"),
            ("processor_ms", "ms of processors"),
        )
    ]


def _measure(folder: Path, people: int) -> dict[str, Any]:
    settings = create(folder)
    empty = settings.db.stat().st_size
    idle = _purge_of_nothing(settings)
    start = time.perf_counter()
    with session(settings, "benchmark") as opened:
        populate(opened, people, withdrawn=0.1)
    building = time.perf_counter() - start
    grown = settings.db.stat().st_size - empty
    copy = _one_in_a_copy(settings)
    tenth = folder / "tenth"
    tenth.mkdir(mode=0o700)
    smaller = create(tenth)
    with session(smaller, "benchmark") as opened:
        populate(opened, people // TENTH, withdrawn=0)
    copy["copy_of_a_tenth"] = _one_in_a_copy(smaller)["copy"]
    done = subprocess.run(  # in a process of its own, whose memory is then known
        [sys.executable, "-m", "tests.benchmarks.bench_erasure", "--erase-in", str(folder)],
        check=True,
        stdout=subprocess.PIPE,
    )
    size = settings.db.stat().st_size
    return {
        "people": people,
        "bytes_a_person": round(grown / people),
        "building_seconds": round(building, 1),
        **json.loads(done.stdout),
        "file_mb": round(size / 2**20),
        "vacuum_seconds": _vacuum(settings),
        "plain_write_seconds": _rewrite(folder / "bytes", size),
        **idle,
        **copy,
    }


def _one_in_a_copy(settings: Settings) -> dict[str, Any]:
    """Return the cost of revoking one person and of erasing them in a copy: the best of some."""
    copy = settings.db.with_name("copy.db")
    command(settings, "backup", "create", str(copy))
    best: dict[str, Any] = {"revoke_seconds": 99.0, "copy_seconds": 99.0}
    costs = []
    with session(settings, "benchmark") as opened:
        sql = "SELECT ref FROM subject ORDER BY id LIMIT ?"
        refs = [ref for (ref,) in opened.db.tuples(sql, (COPY_TIMES,))]
    for ref in refs:
        for what, words in (
            ("revoke_seconds", ["revoke", ref, "--yes"]),
            ("copy_seconds", ["backup", "erase", str(copy)]),
        ):
            used = command(settings, *words)
            best[what] = min(best[what], used.seconds)
        costs.append(used)
    best["copy"] = {
        "file_mb": copy.stat().st_size / 2**20,
        "read_kb": min(one.read_kb for one in costs),
        "written_kb": min(one.written_kb for one in costs),
        "processor_ms": min(round(1000 * one.processor_seconds) for one in costs),
    }
    return best


def _settings(folder: Path) -> Settings:
    key = str(folder / "facecli.key")
    return Settings(folder / "facecli.db", {"key_file": key}, no_input=True, quiet=True)


def _erase(settings: Settings) -> dict[str, Any]:
    """Survey everybody and erase who is due. Seconds, and the most memory of the process in MB."""
    with session(settings, "benchmark") as opened:
        start = time.perf_counter()
        surveyed = purge.survey(opened.db, opened.now)
        policy, megabytes = time.perf_counter() - start, peak_mb()
        start = time.perf_counter()
        erased = sum(outcome == "erased" for _, outcome in purge.run(surveyed, opened.act))
        erasing = time.perf_counter() - start
    return {
        "policy_seconds": round(policy, 2),
        "policy_mb": megabytes,
        "erased": erased,
        "erasing_seconds": round(erasing, 2),
        "erasing_mb": peak_mb(),
    }


def _vacuum(settings: Settings) -> float:
    """Seconds to write every page anew."""
    with session(settings, "benchmark") as opened:
        start = time.perf_counter()
        opened.db.execute("VACUUM")
        return round(time.perf_counter() - start, 2)


def _rewrite(path: Path, size: int) -> float:
    """Seconds to write so many bytes and have them on disk."""
    block = os.urandom(2**20)
    start = time.perf_counter()
    with path.open("wb") as stream:
        for _ in range(size // len(block)):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    return round(time.perf_counter() - start, 2)


def _purge_of_nothing(settings: Settings) -> dict[str, float]:
    """Seconds of a purge with nothing due, and of its bound: the best of some, side by side."""
    bound = [sys.executable, "-c", "import click, sqlcipher3"]
    best = {"idle_seconds": 9.0, "bound_seconds": 9.0}
    for _ in range(TIMES):
        best["idle_seconds"] = min(best["idle_seconds"], command(settings, "purge").seconds)
        start = time.perf_counter()
        subprocess.run(bound, check=True)
        best["bound_seconds"] = min(best["bound_seconds"], time.perf_counter() - start)
    return best


if __name__ == "__main__":
    main()
