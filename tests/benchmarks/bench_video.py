"""Matching a video, against a loop over the `face_recognition` package on the same frames.

    python -m tests.benchmarks.bench_video [--video FILE] [--output FILE]

The loop finds and encodes the faces of every frame and compares them, within the package's own
0.6, with those of the sample portraits. facecli looks ten times a second and follows faces in
between; both run in a process of their own, start-up included, and must find the same people.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, at_least, document, write
from tests.benchmarks.samples import SAMPLE_DATA, enrolled

CLIP = SAMPLE_DATA / "video" / "passage.mp4"
AIM = 4  # times the loop's speed
LOOP = """
import sys
from pathlib import Path
import cv2, face_recognition
known = {}
for path in sorted(Path(sys.argv[2]).glob("*.jpg")):
    known[path.stem] = face_recognition.face_encodings(face_recognition.load_image_file(path))[0]
capture, frames, found = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG), 0, set()
while True:
    done, bgr = capture.read()
    if not done:
        break
    frames += 1
    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    boxes = face_recognition.face_locations(rgb)
    for face in face_recognition.face_encodings(rgb, boxes):
        distances = face_recognition.face_distance(list(known.values()), face)
        if distances.min() <= 0.6:
            found.add(list(known)[distances.argmin()])
print(frames, *sorted(found))
"""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--video", type=Path, default=CLIP)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = {"loop": _loop(chosen.video)} | {
            engine: _facecli(engine, chosen.video, Path(name) / engine)
            for engine in ("sface", "dlib")
        }
    figures = [one for engine in ("sface", "dlib") for one in _figures(engine, found)]
    write(chosen.output, document(figures, found))


def _figures(engine: str, found: dict[str, Any]) -> list[Figure]:
    loop, mine = found["loop"], found[engine]
    what = f"match a video of {loop['frames']} frames, `{engine}`"
    return [
        at_least(
            what,
            f"{loop['frames'] / mine['seconds']:.3g} frames/s",
            f"face_recognition on every frame: {loop['frames'] / loop['seconds']:.3g} frames/s",
            loop["seconds"] / mine["seconds"],
            AIM,
        ),
        Figure(
            f"people found in it, `{engine}`",
            ", ".join(mine["people"]),
            f"face_recognition: {', '.join(loop['people'])}",
            "",
            "the same",
            mine["people"] == loop["people"],
        ),
    ]


def _loop(video: Path) -> dict[str, Any]:
    start = time.perf_counter()
    command = [sys.executable, "-c", LOOP, str(video), str(SAMPLE_DATA / "enrol")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    frames, *people = done.stdout.split()
    return {"frames": int(frames), "people": people, "seconds": seconds}


def _facecli(engine: str, video: Path, folder: Path) -> dict[str, Any]:
    program = enrolled(folder, engine)
    match = ["match", "--video", str(video), "--purpose", "gate", "--format", "jsonl"]
    start = time.perf_counter()
    done = subprocess.run([*program, *match], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    people = sorted({row["ref"] for row in rows if row["decision"] == "match"})
    return {"tracks": len({row["track"] for row in rows}), "people": people, "seconds": seconds}


if __name__ == "__main__":
    main()
