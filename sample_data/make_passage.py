"""Make `video/passage.mp4`: three people pass before a camera, from the portraits beside it.

    python sample_data/make_passage.py [OUTPUT]

A-1002 comes near from the left, A-1001 crosses in front of the stranger, who is not enrolled; the
light changes, what moves is blurred, and there is noise, as before a real camera. Only portraits
in the public domain or under CC BY are taken (see CREDITS.md).
"""

from __future__ import annotations

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT, RATE, SECONDS = 640, 480, 15, 6
SUBSTEPS = 3  # positions within one frame's exposure, which blur what moves


@dataclass
class Passer:
    """A portrait on its way: at `start` and `end` seconds, each (middle x, middle y, height)."""

    portrait: str
    start: float
    end: float
    first: tuple[float, float, float]
    last: tuple[float, float, float]

    def place(self, seconds: float) -> tuple[float, float, float] | None:
        if not self.start <= seconds <= self.end:
            return None
        share = (seconds - self.start) / (self.end - self.start)
        sway = 4 * math.sin(9 * seconds)
        x, y, height = (a + share * (b - a) for a, b in zip(self.first, self.last, strict=True))
        return x, y + sway, height


PASSERS = (
    Passer("probes/gate-2.jpg", 0.4, 2.6, (60, 270, 170), (330, 260, 330)),
    Passer("probes/stranger.jpg", 2.4, 5.8, (480, 240, 220), (430, 240, 230)),
    Passer("enrol/A-1001.jpg", 3.2, 5.6, (-60, 270, 300), (700, 270, 300)),
)


def frame(portraits: dict[str, np.ndarray], number: int) -> np.ndarray:
    """One frame, (HEIGHT, WIDTH, 3) BGR."""
    exposure = [
        _scene(portraits, (number + step / SUBSTEPS / 2) / RATE) for step in range(SUBSTEPS)
    ]
    light = 0.85 + 0.25 * math.sin(2 * math.pi * number / RATE / SECONDS)
    noise = np.random.default_rng(number).normal(0, 1.5, (HEIGHT, WIDTH, 1))
    return np.clip(np.mean(exposure, axis=0) * light + noise, 0, 255).astype(np.uint8)


def portraits() -> dict[str, np.ndarray]:
    """The squares that the passers are cut from, BGR."""
    return {one.portrait: _portrait(one.portrait) for one in PASSERS}


def _portrait(name: str) -> np.ndarray:
    picture = cv2.imread(str(HERE / name))
    height, width = picture.shape[:2]
    side = min(height, width)
    left = (width - side) // 2
    return picture[:side, left : left + side]


def _scene(portraits: dict[str, np.ndarray], seconds: float) -> np.ndarray:
    ramp = np.linspace(150, 110, HEIGHT, dtype=np.float32)[:, None, None]
    scene = np.broadcast_to(ramp, (HEIGHT, WIDTH, 3)).copy()
    for passer in PASSERS:
        place = passer.place(seconds)
        if place is not None:
            _paste(scene, portraits[passer.portrait], *place)
    return scene


def _paste(scene: np.ndarray, portrait: np.ndarray, x: float, y: float, height: float) -> None:
    """Draw an oval cut from the portrait, at a place between the pixels."""
    scale = height / portrait.shape[0]
    small = cv2.GaussianBlur(portrait, (0, 0), max(0.3 / scale, 0.1))
    matrix = np.array([[scale, 0, x - height / 2], [0, scale, y - height / 2]], np.float32)
    moved = cv2.warpAffine(small, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    middle, axes = (round(x), round(y)), (round(0.42 * height), round(0.5 * height))
    cv2.ellipse(mask, middle, axes, 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 3)[:, :, None]
    scene[:] = scene * (1 - soft) + moved * soft


def main(output: Path) -> None:
    """Write the clip."""
    os.environ["OPENCV_FFMPEG_WRITER_OPTIONS"] = "b;500000"  # bits a second
    codec = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(output), cv2.CAP_FFMPEG, codec, RATE, (WIDTH, HEIGHT))
    if not writer.isOpened():
        sys.exit("this OpenCV cannot write MPEG-4")
    cut = portraits()
    for number in range(RATE * SECONDS):
        writer.write(frame(cut, number))
    writer.release()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "video/passage.mp4")
