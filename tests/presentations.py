"""Subjects before a camera that do as they are asked, and presentation attacks that try to.

Each renders frames of 640 x 480, (480, 640, 3) uint8 RGB, for a time in seconds and for what the
challenge asks at that time: "ahead", "left" or "right". The living are synthetic: a portrait over
the depth of a mean head (`sample_data/make_turn.py`). The attacks are made of the same portraits,
by the geometry of a plane or a cylinder before a camera and by the grid of a screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from facecli.errors.recognition import EnrolmentRefused
from facecli.recognition.engines import engine as engines
from facecli.recognition.guided_capture.frame_analysis import FrameRequest, analyse_frame
from facecli.recognition.guided_capture.frame_selection import OneSitting
from facecli.recognition.guided_capture.liveness import Liveness
from facecli.recognition.guided_capture.session import GuidedCapture
from facecli.recognition.matching.thresholds import for_one_sitting
from facecli.recognition.pad.challenge import Step, steps
from facecli.recognition.pad.cues import CueFinder, PadChecks
from sample_data.make_turn import GROUND, HEIGHT, WIDTH, Head

Rgb = NDArray[np.uint8]
REACTION = 0.4  # seconds until a person begins to do what they are asked
SPEED = 35.0  # degrees a second at which a head turns: slowly, as is asked
FURTHEST = 30.0  # degrees
SIGNS = {"ahead": 0, "left": 1, "right": -1}  # the subject's left is the right of the picture
NOISE = 1.2  # of a sensor, of 255
CHALLENGE = PadChecks(challenge=True)


class Subject(Protocol):
    """Somebody, or something, before a camera."""

    def frame(self, seconds: float, asked: str) -> Rgb:
        """What the camera sees."""


@dataclass
class Follower:
    """The angle of something that turns as it is asked, after a while, at a speed."""

    furthest: float = FURTHEST
    _angle: float = 0.0
    _asked: list[tuple[float, str]] = field(default_factory=list)
    _before: float = 0.0

    def angle(self, seconds: float, asked: str) -> float:
        """Degrees at that time, positive towards the right of the picture."""
        if not self._asked or self._asked[-1][1] != asked:
            self._asked.append((seconds, asked))
        known = [what for since, what in self._asked if since <= seconds - REACTION]
        goal = SIGNS[known[-1]] * self.furthest if known else 0.0
        step = SPEED * (seconds - self._before)
        self._angle += min(max(goal - self._angle, -step), step)
        self._before = seconds
        return self._angle


class Living:
    """A person who does as they are asked."""

    def __init__(self, head: Head, seed: int = 1) -> None:
        self._head = head
        self._turned: dict[int, Rgb] = {}
        self._follower = Follower()
        self._camera = Camera(seed)

    def frame(self, seconds: float, asked: str) -> Rgb:
        """The turned head."""
        angle = 2 * round(self._follower.angle(seconds, asked) / 2)
        if angle not in self._turned:
            self._turned[angle] = self._head.turned(angle)
        return self._camera.see(self._turned[angle], seconds)


class Camera:
    """Held still before somebody who sways a little; its sensor has noise."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._phase = self._random.uniform(0, 2 * math.pi, 3)

    def see(self, rgb: Rgb, seconds: float) -> Rgb:
        """The frame."""
        steps = zip((1.1, 0.7, 0.5), self._phase, strict=True)
        sway = [math.sin(seconds * step + start) for step, start in steps]
        matrix = np.array([[1, 0, 4 * sway[0]], [0, 1, 3 * sway[1]]])
        moved = cv2.warpAffine(rgb, matrix, (WIDTH, HEIGHT), borderValue=GROUND)
        noise = self._random.normal(0, NOISE, moved.shape[:2])[:, :, None]
        return np.clip(moved + noise, 0, 255).astype(np.uint8)


class Print:
    """A photograph on paper, turned as is asked. bend: one over its radius in pixels; 0: flat."""

    def __init__(
        self, head: Head, bend: float = 0.0, furthest: float = 40.0, seed: int = 1
    ) -> None:
        self._picture = head.picture
        self._turned: dict[int, Rgb] = {}
        self._bend = bend
        self._follower = Follower(furthest)
        self._camera = Camera(seed)

    def frame(self, seconds: float, asked: str) -> Rgb:
        """The turned paper."""
        angle = 2 * round(self._follower.angle(seconds, asked) / 2)
        if angle not in self._turned:
            self._turned[angle] = on_paper(self._picture, angle, self._bend)
        return self._camera.see(self._turned[angle], seconds)


class Screen:
    """A screen that shows what `shown` does, `pitch` of its pixels to one of the camera's."""

    def __init__(self, shown: Subject, pitch: float, tilt: float = 2.0) -> None:
        self._shown = shown
        self._grid = grid(pitch, tilt)

    def frame(self, seconds: float, asked: str) -> Rgb:
        """The screen."""
        picture = self._shown.frame(seconds, asked)
        return np.clip(picture * self._grid, 0, 255).astype(np.uint8)


class Recording:
    """The same frames whatever is asked, at `rate`, again and again."""

    def __init__(self, frames: Sequence[Rgb], rate: float, start: float = 0.0) -> None:
        self._frames = frames
        self._rate = rate
        self._start = start

    def frame(self, seconds: float, asked: str) -> Rgb:
        """The frame of that time."""
        return self._frames[int((self._start + seconds) * self._rate + 0.5) % len(self._frames)]


def performance(head: Head, order: Sequence[str], rate: float, seed: int = 1) -> list[Rgb]:
    """A recording of a person who makes these turns, two seconds each and two ahead."""
    living, frames = Living(head, seed), []
    for at, asked in enumerate(step for side in order for step in ("ahead", side)):
        times = (2 * at + number / rate for number in range(round(2 * rate)))
        frames += [living.frame(seconds, asked) for seconds in times]
    return frames


# -- a sitting ----------------------------------------------------------------------------


class Desk:
    """Where captures are made as `enroll camera --liveness` makes them, at `rate` frames a second.

    The frames come as a camera on the network sends them, as JPEG.
    """

    def __init__(self, engine: str, rate: float, order: Callable[[], list[Step]] = steps) -> None:
        spec = engines.spec(engine)
        self._engine = engines.load(spec)
        self._sitting = OneSitting(spec.scoring, for_one_sitting(spec))
        self._examiner = CueFinder(self._engine, CHALLENGE)
        self._rate = rate
        self._order = order

    def sit(self, subject: Subject, seconds: float = 40) -> tuple[str, GuidedCapture]:
        """ "enrolled", or the reason for which nobody is; and what was gathered."""
        liveness = Liveness("camera", self._sitting, CHALLENGE, self._order)
        gathered = GuidedCapture("camera", 3, self._sitting, liveness)
        asked = "ahead"
        try:
            for number in range(round(seconds * self._rate)):
                now = number / self._rate
                request = FrameRequest(sent(subject.frame(now, asked)), number, now, "camera")
                gathered.take(analyse_frame(self._engine, request, self._examiner))
                asked = liveness.asked or "ahead"
                if gathered.done:
                    break
            gathered.chosen()
        except EnrolmentRefused as refused:
            return refused.reason, gathered
        return "enrolled", gathered


def sent(rgb: Rgb, quality: int = 85) -> Rgb:
    """A frame as JPEG, there and back."""
    data = cv2.imencode(".jpg", rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])


# -- geometry -----------------------------------------------------------------------------

AWAY = (
    1500.0  # of the camera from the paper, in pixels of the picture: about 22 inter-eye distances
)


def on_paper(picture: Rgb, yaw: float, bend: float = 0.0, size: float = 0.9) -> Rgb:
    """The picture on paper that is turned by `yaw` degrees and bent about an upright axis, seen in
    perspective from AWAY. bend: one over the radius in pixels; its middle is nearest."""
    sine, cosine = math.sin(math.radians(yaw)), math.cos(math.radians(yaw))
    x, y = np.meshgrid(np.arange(WIDTH) - WIDTH / 2, np.arange(HEIGHT) - HEIGHT / 2)
    # A ray from the camera, in the paper's own frame: origin + way * t.
    across, away = x * cosine + AWAY * sine, x * sine - AWAY * cosine
    origin = -AWAY * sine, AWAY * cosine
    if bend:
        radius = 1 / bend
        deep = origin[1] + radius
        a = across**2 + away**2
        b = 2 * (origin[0] * across + deep * away)
        root = b * b - 4 * a * (origin[0] ** 2 + deep**2 - radius**2)
        way = np.where(root > 0, (-b - np.sqrt(np.maximum(root, 0))) / (2 * a), np.nan)
        along = radius * np.arctan2(origin[0] + way * across, deep + way * away)
    else:
        way = -origin[1] / away
        along = origin[0] + way * across
    columns = np.nan_to_num(along / size + WIDTH / 2, nan=-1e4).astype(np.float32)
    rows = np.nan_to_num(way * y / size + HEIGHT / 2, nan=-1e4).astype(np.float32)
    seen = cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderValue=(90, 100, 110))
    return np.asarray(seen, np.uint8)


FINE = 4  # samples of the screen along each side of a screen's pixel, at least
LIT = 0.85  # share of a pixel's sides that shines
SOFT = 0.6  # pixels of the camera: its lens
PART, RIM = 160, 16  # pixels of the camera for which a grid is made, and around them


def grid(pitch: float, tilt: float) -> NDArray[np.float32]:
    """(HEIGHT, WIDTH, 3): how bright each of the camera's pixels sees an even white screen.

    Each pixel of the screen is three upright stripes, red, green and blue, with dark gaps; the
    lens blurs them, and each pixel of the camera takes the mean over its square. 1 on average.
    Made for the middle, where the face is, and laid beside itself from there.
    """
    samples = max(4, math.ceil(FINE * pitch))
    side = PART + 2 * RIM
    at = ((np.arange(side * samples) + 0.5) / samples).astype(np.float32)
    turn = math.radians(tilt)
    across = pitch * (math.cos(turn) * at[None] - math.sin(turn) * at[:, None]) % 1
    down = pitch * (math.sin(turn) * at[None] + math.cos(turn) * at[:, None]) % 1
    gap = (1 - LIT) / 2
    seen = np.empty((PART, PART, 3), np.float32)
    for colour in range(3):
        stripe = (across * 3 - colour > gap) & (across * 3 - colour < 1 - gap)
        lit: Any = (stripe & (down > gap) & (down < 1 - gap)).astype(np.float32)
        lit = cv2.GaussianBlur(lit, (0, 0), SOFT * samples)
        pixels = lit.reshape(side, samples, side, samples).mean(axis=(1, 3))
        seen[:, :, colour] = pixels[RIM:-RIM, RIM:-RIM]
    seen /= seen.mean(axis=(0, 1))
    rows = (np.arange(HEIGHT) - (HEIGHT - PART) // 2) % PART
    columns = (np.arange(WIDTH) - (WIDTH - PART) // 2) % PART
    return np.asarray(seen[rows][:, columns], np.float32)
