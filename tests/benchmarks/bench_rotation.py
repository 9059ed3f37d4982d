"""Whether turned faces are told from upright ones, and what a look in all rotations costs.

    python -m tests.benchmarks.bench_rotation --images FOLDER [--count N] [--output F]

FOLDER holds upright photographs, one folder a person. Each is also turned by a quarter, a half and
three quarters of a turn. The look is timed on faces in pictures of 640 x 480 pixels.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps

from facecli.recognition.analysis import rotation
from facecli.recognition.engines import engine
from facecli.recognition.engines.engine import DetectedFace, Engine
from tests.benchmarks.figures import Figure, document, write

Rgb = np.ndarray
SIZE = (640, 480)
LONGEST_LOOK = 10.0  # milliseconds
TIMED = 100  # looks


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    made = engine.load("sface")
    files = sorted(chosen.images.rglob("*.jpg"))
    picked = random.Random(1).sample(files, min(chosen.count, len(files)))
    found = measure(made, picked)
    write(chosen.output, document(_figures(found), found))


def measure(made: Engine, files: Sequence[Path]) -> dict[str, Any]:
    """Return counts of upright and turned images, of norms, and the time of a look."""
    found = dict.fromkeys(
        ("upright", "upright_misjudged", "upright_asking", "turned", "turned_told",
         "turned_detected", "turned_asking"), 0,
    )  # fmt: skip
    for path in files:
        rgb = _pixels(path)
        faces = made.detect(rgb)
        if not faces:
            continue
        found["upright"] += 1
        found["upright_misjudged"] += rotation.upright_angle(made, rgb, faces[0]) != 0
        found["upright_asking"] += _asks(made, rgb, faces[0])
        for angle in rotation.TURNS:
            turned = rotation.turned(rgb, angle)
            faces = made.detect(turned)
            found["turned"] += 1
            if faces:
                found["turned_detected"] += 1
                found["turned_asking"] += _asks(made, turned, faces[0])
                told = rotation.upright_angle(made, turned, faces[0])
            else:
                told = rotation.faces_when_turned(made, turned)[0]
            found["turned_told"] += told == 360 - angle
    return {**found, "look_ms": _look_ms(made, files[:TIMED])}


def _look_ms(made: Engine, files: Sequence[Path]) -> float:
    """Return the median of the CPU milliseconds of a look in all rotations."""
    taken = []
    for path in files:
        with Image.open(path) as image:
            rgb = np.asarray(ImageOps.pad(image.convert("RGB"), SIZE))
        for face in made.detect(rgb)[:1]:
            start = time.process_time()
            rotation.upright_angle(made, rgb, face)
            taken.append(1000 * (time.process_time() - start))
    return statistics.median(taken)


def _asks(made: Engine, rgb: Rgb, face: DetectedFace) -> bool:
    norm = float(made.templates(rgb, [face]).norms[0])
    return rotation.asks_for_look(made.spec, norm)


def _pixels(path: Path) -> Rgb:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def _figures(found: dict[str, Any]) -> list[Figure]:
    return [
        Figure(
            f"upright faces called turned, of {found['upright']}",
            f"{found['upright_misjudged']}",
            "",
            "",
            "none",
            found["upright_misjudged"] == 0,
        ),
        Figure(
            f"turned faces told with their angle, of {found['turned']}",
            f"{found['turned_told'] / max(found['turned'], 1):.1%}",
            "",
            "",
            "99 % or more",
            found["turned_told"] >= 0.99 * found["turned"],
        ),
        Figure(
            "faces whose norm asks for a look in `match`: upright; turned and detected",
            f"{found['upright_asking'] / max(found['upright'], 1):.1%}; "
            f"{found['turned_asking'] / max(found['turned_detected'], 1):.1%}",
            "",
            "",
            "under 2 % of upright ones",
            found["upright_asking"] < 0.02 * max(found["upright"], 1),
        ),
        Figure(
            f"CPU time of a look in all rotations, pictures of {SIZE[0]} x {SIZE[1]}",
            f"{found['look_ms']:.1f} ms",
            "",
            "",
            f"under {LONGEST_LOOK:g} ms",
            found["look_ms"] < LONGEST_LOOK,
        ),
    ]


if __name__ == "__main__":
    main()
