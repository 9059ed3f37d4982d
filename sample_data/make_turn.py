"""Make `video/turn.mp4`: a still portrait that looks about, as a person before a camera would.

    python sample_data/make_turn.py [OUTPUT]

The turns are synthetic. The portrait is laid over the depth of a mean head (an ellipsoid with a
nose, its proportions those of MediaPipe's canonical face) and every pixel is moved as a turn by
that depth would move it; a little sway, and noise as of a sensor, are added. Hair, ears and what
a turn would uncover are not modelled, so that only turns up to about 30 degrees look right.

Needs facecli itself, which finds the landmarks.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
Rgb = NDArray[np.uint8]

WIDTH, HEIGHT, RATE = 640, 480, 10
EYES = 68.0  # pixels between the eyes
TURNS = (24, -24)  # degrees
SEED = 7
GROUND = (168, 184, 200)  # behind the portrait, where it does not fill the picture

# In inter-eye distances, from the middle of the eyes, y down, z towards the camera.
HALF_WIDTH, HALF_HEIGHT, HALF_DEPTH, MIDDLE_Y = 1.1, 1.5, 1.0, 0.45
EYE_DEPTH = -0.162  # of the ellipsoid at the eyes, which are at depth 0
NOSE, NOSE_WIDTH, NOSE_TIP = 0.41, 0.20, 0.54  # its tip then lies 0.57 before the eyes
AXIS = -0.8  # depth of the axis that the head turns about


class Head:
    """A portrait, ready to be turned.

    Args:
        portrait: (height, width, 3) uint8 RGB, one face.
        landmarks: (5, 2) pixels: right eye, left eye, nose tip, right and left mouth corner.
    """

    def __init__(self, portrait: Rgb, landmarks: NDArray[np.float32], eyes: float = EYES) -> None:
        right, left = landmarks[0].astype(float), landmarks[1].astype(float)
        scale = eyes / math.dist(right, left)
        middle = (right + left) / 2
        shift = np.array([WIDTH / 2, HEIGHT * 0.42]) - scale * middle
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        small = portrait
        if scale < 0.5:  # a warp alone would skip pixels
            factor = 2 * scale
            small = np.asarray(
                cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA),
                np.uint8,
            )
            matrix[:, :2] /= factor
        moved = cv2.warpAffine(
            small, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderValue=GROUND
        )
        self.picture: Rgb = np.asarray(moved, np.uint8)
        self.eyes = eyes
        self.middle = (WIDTH / 2, HEIGHT * 0.42)

    @cached_property
    def _grid(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
        return (x - self.middle[0]) / self.eyes, (y - self.middle[1]) / self.eyes

    def turned(self, yaw: float) -> Rgb:
        """The picture with the head turned by `yaw` degrees, towards the right of the picture."""
        to_x, to_y = self._grid
        sine, cosine = math.sin(math.radians(yaw)), math.cos(math.radians(yaw))
        x = to_x.copy()
        for _ in range(12):  # what comes to lie here? a fixed point, as the move is a contraction
            depth, part = _depth(x, to_y)
            x = to_x - part * (x * (cosine - 1) + (depth - AXIS) * sine)
        across = (x * self.eyes + self.middle[0]).astype(np.float32)
        down = (to_y * self.eyes + self.middle[1]).astype(np.float32)
        return np.asarray(cv2.remap(self.picture, across, down, cv2.INTER_LINEAR), np.uint8)


def _depth(
    x: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The depth of the head at each point, and how much (0..1) the point belongs to the head."""
    out = (x / HALF_WIDTH) ** 2 + ((y - MIDDLE_Y) / HALF_HEIGHT) ** 2
    ball = HALF_DEPTH * (np.sqrt(np.clip(1 - out, 0, 1)) - 1) - EYE_DEPTH
    along = np.where(y < NOSE_TIP, y / NOSE_TIP, 1 - (y - NOSE_TIP) / 0.25)
    nose = NOSE * np.clip(along, 0, 1) * np.exp(-((x / NOSE_WIDTH) ** 2) / 2)
    part = np.clip((1.9 - np.sqrt(out)) / 0.9, 0, 1)
    return (ball + nose).astype(np.float32), (part * part * (3 - 2 * part)).astype(np.float32)


def yaws(turns: Sequence[float], rate: int = RATE) -> list[float]:
    """The yaw of each frame: a second ahead, then each turn: there, held, and back."""
    course = [0.0] * rate
    move, hold = round(0.7 * rate), round(0.6 * rate)
    eased = [(1 - math.cos(math.pi * (at + 1) / move)) / 2 for at in range(move)]
    for turn in turns:
        course += [turn * part for part in eased] + [turn] * hold
        course += [turn * (1 - part) for part in eased] + [0.0] * hold
    return course


def frames(head: Head, course: Iterable[float], seed: int = SEED) -> Iterator[Rgb]:
    """The head on its course, swaying a little, with noise of a sensor (sigma 1.2 of 255)."""
    random = np.random.default_rng(seed)
    phase = random.uniform(0, 2 * math.pi, 3)
    for at, yaw in enumerate(course):
        steps = zip((0.11, 0.07, 0.05), phase, strict=True)
        sway = [math.sin(at * step + start) for step, start in steps]
        scale = 1 + 0.01 * sway[2]
        shift = (4 * sway[0] + WIDTH / 2 * (1 - scale), 3 * sway[1] + HEIGHT / 2 * (1 - scale))
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        moved = cv2.warpAffine(head.turned(yaw), matrix, (WIDTH, HEIGHT), borderValue=GROUND)
        noise = random.normal(0, 1.2, moved.shape[:2])[:, :, None]
        yield np.clip(moved + noise, 0, 255).astype(np.uint8)


def head_of(path: Path, eyes: float = EYES) -> Head:
    """The head in an image file."""
    from facecli.capture.images import read_image
    from facecli.recognition.engines import engine

    rgb = read_image(path).rgb
    [face, *_] = engine.load("sface").detect(rgb)
    return Head(rgb, face.landmarks, eyes)


def write(path: Path, pictures: Iterable[Rgb], rate: int = RATE, codec: str = "mp4v") -> Path:
    """Write a video file."""
    writer = None
    for rgb in pictures:
        if writer is None:
            size = (rgb.shape[1], rgb.shape[0])
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), rate, size)
            if not writer.isOpened():
                raise SystemExit(f"no encoder for {codec}")
        writer.write(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    if writer is not None:
        writer.release()
    return path


if __name__ == "__main__":
    output = Path(sys.argv[1] if len(sys.argv) > 1 else HERE / "video/turn.mp4")
    output.parent.mkdir(exist_ok=True)
    write(output, frames(head_of(HERE / "probes/stranger.jpg"), yaws(TURNS)))
