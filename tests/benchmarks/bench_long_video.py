"""The memory that matching a long video takes, after its first minute and at its end.

    python -m tests.benchmarks.bench_long_video [--minutes N] [--output FILE]

The sample clip again and again, 320 x 240, five frames a second, all of them looked at; plain,
with a picture of each track (`--annotate DIR`), and as an annotated film. The memory is the peak
of the command and of the processes it started, together. Of a film the second pass is not in it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests import longvideo
from tests.benchmarks.figures import Figure, document, within, write
from tests.benchmarks.samples import enrolled

RATE = 5
EARLY = 60  # seconds of the video
AIM = 1.1  # times the memory of the first minute


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    figures, details = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = enrolled(folder / "db", "sface")
        video = longvideo.make(folder / "long.mp4", 60 * chosen.minutes, RATE)
        match = [*program, "match", "--video", str(video), "--purpose", "gate", "--format", "jsonl"]
        for how, more in (
            ("", []),
            (", --annotate DIR", ["--annotate", f"{folder}/pictures"]),
            (", --annotate FILE.mp4", ["--annotate", f"{folder}/film.mp4"]),
        ):
            figure, found = _measured(how, [*match, *more], chosen.minutes)
            figures.append(figure)
            details[how.removeprefix(", ") or "plain"] = found
    write(chosen.output, document(figures, details))


def _measured(how: str, command: list[str], minutes: int) -> tuple[Figure, dict[str, Any]]:
    start = time.perf_counter()
    early, late = longvideo.watched(command, EARLY)
    seconds = time.perf_counter() - start
    figure = within(
        f"memory of matching a video of {minutes} minutes, {late.tracks} tracks{how}",
        f"{late.total:.0f} MiB at its end",
        f"after its first minute: {early.total:.0f} MiB",
        late.total / early.total,
        AIM,
    )
    return figure, {"early": asdict(early), "late": asdict(late), "seconds": seconds}


if __name__ == "__main__":
    main()
