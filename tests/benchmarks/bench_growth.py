"""How each command's time grows with the number of people: 1e3 to 1e6, and a plot of it.

    python -m tests.benchmarks.bench_growth [PEOPLE ...] [--plot FILE] [--output FILE]

Everybody has a consent and one random template (`crowd`). A command is run in a process of its
own, so that its start counts. Growth is taken from the last two sizes: 1 is as the number of
people grows, 0 not at all. The plot needs the extra `plot`.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from facecli.cli.session import Settings, session
from tests.benchmarks.crowd import SAMPLE_DATA, create, populate
from tests.benchmarks.figures import Figure, document, write

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PROBE = SAMPLE_DATA / "probes" / "gate-1.jpg"
LINEAR = 1.1  # a tenth more than people: noise of two measurements
COMMANDS: dict[str, tuple[str, ...]] = {
    "status": ("status",),
    "subject show": ("subject", "show", "N-7"),
    "enroll file": (
        *("enroll", "file", "NEW-1", str(PROBE), "--purpose", "gate"),
        *("--evidence", str(SAMPLE_DATA / "consents" / "A-1001.txt"), "--expires", "1y"),
    ),
    "match": ("match", str(PROBE), "--purpose", "gate"),
    "verify": ("verify", "NEW-1", str(PROBE), "--purpose", "gate"),
    "revoke": ("revoke", "N-5", "--yes"),
    "purge --dry-run": ("purge", "--dry-run"),
    "purge": ("purge",),
    "backup create": ("backup", "create", "{folder}/copy.db"),
    "log export": ("log", "export", "--output", "{folder}/log.jsonl"),
}


def main() -> None:
    """Measure, print, plot."""
    parser = argparse.ArgumentParser()
    parser.add_argument("people", nargs="*", type=int, default=SIZES)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    sizes = sorted(chosen.people)
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for people in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for name, took in _times(Path(folder), people).items():
                seconds[name].append(took)
    figures = [_figure(name, sizes, times) for name, times in seconds.items()]
    write(chosen.output, document(figures, {"people": sizes, "seconds": seconds}))
    if chosen.plot:
        _plot(chosen.plot, sizes, seconds)


def _times(folder: Path, people: int) -> dict[str, float]:
    settings = create(folder)
    with session(settings, "benchmark") as opened:
        populate(opened, people)
    return {name: _seconds(settings, folder, words) for name, words in COMMANDS.items()}


def _seconds(settings: Settings, folder: Path, words: Sequence[str]) -> float:
    """Seconds of one command; it must have worked, or have found another person (4)."""
    options = ["--no-input", "-q", "--db", str(settings.db)]
    options += ["--key-file", str(settings.key_options["key_file"])]
    command = [word.format(folder=folder) for word in words]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "facecli", *options, *command], stdout=subprocess.DEVNULL
    )
    took = time.perf_counter() - start
    if done.returncode not in (0, 4):
        raise RuntimeError(f"{command} ended with exit code {done.returncode}")
    return took


def _figure(name: str, sizes: Sequence[int], times: Sequence[float]) -> Figure:
    """The exponent b of seconds = a people^b between the last two sizes."""
    exponent = math.log(times[-1] / times[-2]) / math.log(sizes[-1] / sizes[-2])
    return Figure(
        what=f"`{name}`, {sizes[-1]:,} people",
        measured=f"{times[-1]:.2f} s",
        against=f"{times[-2]:.2f} s with {sizes[-2]:,}",
        ratio=f"exponent {exponent:.2f}",
        aim=f"linear or better, {LINEAR:g} or less",
        reached=exponent <= LINEAR,
    )


def _plot(path: Path, sizes: Sequence[int], seconds: dict[str, list[float]]) -> None:
    from matplotlib.figure import Figure as Drawing

    figure = Drawing(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    for name, times in seconds.items():
        axes.plot(sizes, times, marker="o", label=name)
    steepest = max(times[-1] for times in seconds.values())
    linear = [steepest * size / sizes[-1] for size in sizes]
    axes.plot(sizes, linear, linestyle=":", color="0.5", label="linear")
    axes.set(xscale="log", yscale="log", xlabel="people", ylabel="seconds, start included")
    axes.set_ylim(bottom=0.05)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize="small", ncols=2)
    figure.savefig(path)


if __name__ == "__main__":
    main()
