"""What it costs to start: help, completions, a nightly run that finds nothing, status, a letter.

    python -m tests.benchmarks.bench_startup [PEOPLE] [--output FILE]

Each is run in a process of its own beside its bound, in turns, and the best of some counts. Tab
itself starts no program; what is measured is printing the script, as shells do at their start.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from facecli.cli.session import session
from facecli.store.database import Database
from tests.benchmarks.crowd import create, populate
from tests.benchmarks.figures import Figure, document, within, write

TIMES = 15
AIM = 2.5
CLICK = "import click"
STORE = "import click, sqlcipher3"
STATUS_SECONDS = 1.0
LETTER_SECONDS = 0.3
MORE = 10
"""`status` is compared with reading the file where there are so many times more people."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("people", nargs="?", type=int, default=100_000)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = create(folder)
        options = ["--no-input", "-q", "--db", str(settings.db)]
        options += ["--key-file", str(settings.key_options["key_file"])]
        export = ["log", "export", "--cursor-file", str(folder / "cursor"), "--output"]
        runs = {
            "`--help`": (["--help"], CLICK),
            "`completion bash`": (["completion", "bash"], CLICK),
            "`purge`, nothing due": ([*options, "purge"], STORE),
            "`log export`, nothing new": ([*options, *export, str(folder / "log.jsonl")], STORE),
        }
        seconds = {what: _beside(words, bound) for what, (words, bound) in runs.items()}
        letter = _letter(options)
        status = _status(folder / "some", chosen.people).status
        many = MORE * chosen.people
        beside = _status_beside(many, _status(folder / "many", many))
    figures = [
        within(
            what, _shown(took), f'`python -c "{runs[what][1]}"`: {_shown(bound)}', took / bound, AIM
        )
        for what, (took, bound) in seconds.items()
    ]
    figures += [
        _under(f"`status`, {chosen.people:,} people", status, STATUS_SECONDS),
        beside,
        _under("`consent receipt` as a page in Chinese", letter, LETTER_SECONDS),
    ]
    write(chosen.output, document(figures, _details(seconds)))


def _beside(words: Sequence[str], bound: str) -> tuple[float, float]:
    """The best times of a command and of its bound, run in turns."""
    took = [(_seconds(words), _seconds_of([sys.executable, "-c", bound])) for _ in range(TIMES)]
    return min(one for one, _ in took), min(one for _, one in took)


def _seconds(words: Sequence[str]) -> float:
    return _seconds_of([sys.executable, "-m", "facecli", *words])


def _seconds_of(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _letter(options: Sequence[str]) -> float:
    """Return the best time of a receipt as a page, in another language than the source's."""
    consent = ["consent", "record", "A-1", "--purpose", "gate", "--notice-shown"]
    for words in (["subject", "add", "A-1"], [*consent, "--expires", "1y"]):
        _seconds([*options, *words])
    receipt = [*options, "consent", "receipt", "A-1", "--format", "html", "--lang", "zh"]
    return min(_seconds(receipt) for _ in range(TIMES))


def _under(what: str, took: float, most: float) -> Figure:
    shown = f"{took:.2f} s"
    return Figure(what, shown, against="", ratio="", aim=f"under {most:g} s", reached=took < most)


class Seconds(NamedTuple):
    """What opening, status, and reading every page of a database take."""

    opening: float
    status: float
    reading: float


def _status(folder: Path, people: int) -> Seconds:
    """Return the best times of a database with so many people."""
    folder.mkdir()
    settings = create(folder)
    options = ["--no-input", "-q", "--db", str(settings.db)]
    options += ["--key-file", str(settings.key_options["key_file"])]
    with session(settings, "benchmark") as opened:
        populate(opened, people)
    with session(settings, "benchmark") as opened:
        reading = _reading(opened.db)
    opening = min(_seconds([*options, "log", "show", "-n", "1"]) for _ in range(3))
    return Seconds(opening, min(_seconds([*options, "status"]) for _ in range(3)), reading)


def _reading(db: Database) -> float:
    """Return the seconds that it takes to read every page of the file and check its code."""
    start = time.perf_counter()
    assert db.tuples("PRAGMA cipher_integrity_check") == []
    return time.perf_counter() - start


def _status_beside(people: int, seconds: Seconds) -> Figure:
    took, bound = seconds.status - seconds.opening, f"reading the file: {_shown(seconds.reading)}"
    what = f"`status`, {people:,} people, beside opening"
    return within(what, _shown(took), bound, took / seconds.reading, AIM)


def _details(seconds: Mapping[str, tuple[float, float]]) -> dict[str, list[float]]:
    return {what: [round(one, 4) for one in took] for what, took in seconds.items()}


if __name__ == "__main__":
    main()
