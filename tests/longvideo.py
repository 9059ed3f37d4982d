"""A long video at little cost, and how much memory the processes that match it come to hold."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from tests.conftest import SAMPLE_DATA

SIZE = (320, 240)
_STEP = 5  # of the sample clip's frames, each such one


@dataclass(frozen=True)
class Peaks:
    """The largest resident memory by then, MiB, of the command and of each process it started."""

    seconds: float
    tracks: int
    own: float
    others: tuple[float, ...]

    @property
    def total(self) -> float:
        """All of them together."""
        return self.own + sum(self.others)


def make(path: Path, seconds: int, rate: int) -> Path:
    """The sample clip again and again, small, with so few frames a second."""
    capture = cv2.VideoCapture(str(SAMPLE_DATA / "video" / "passage.mp4"), cv2.CAP_FFMPEG)
    frames = []
    while (read := capture.read())[0]:
        frames.append(cv2.resize(read[1], SIZE, interpolation=cv2.INTER_AREA))
    frames = frames[::_STEP]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), rate, SIZE)
    for number in range(seconds * rate):
        writer.write(frames[number % len(frames)])
    writer.release()
    return path


def watched(command: Sequence[str], early: float) -> tuple[Peaks, Peaks]:
    """Run `facecli match --format jsonl`; the peaks when the first track has ended that was there
    after `early` seconds of the video, and when the last one has."""
    first = last = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            row = json.loads(line)
            last = _peaks(process.pid, row["last_seconds"], row["track"]) or last
            if first is None and row["last_seconds"] >= early:
                first = last
    assert process.returncode == 0
    assert first is not None
    assert last is not None
    return first, last


def _peaks(pid: int, seconds: float, tracks: int) -> Peaks | None:
    """None where the command is about to end and its processes have."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        own, *others = (_peak(int(one)) for one in (str(pid), *children))
    except (OSError, TypeError):
        return None
    return Peaks(seconds, tracks, own, tuple(others)) if len(others) > 1 else None


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if found is None:
        raise TypeError("a process that has ended")
    return int(found[1]) / 1024
