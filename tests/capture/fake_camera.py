"""A camera on the desk, for machines without one: it takes the place of `cv2.VideoCapture` alone.

What happens to it is told by files in a folder: `unplugged` (it is gone), `dead` (it gives no
frame any more, and no error). The contract in test_live.py runs over this and over real streams.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2

from facecli.capture import frames_worker
from facecli.capture.sources import Source
from tests import waiting
from tests.capture.mjpeg_server import numbered

RATE = 50.0  # frames a second
_pace = threading.Event()
real_setup = frames_worker.setup


class FakeCapture:
    """The part of `cv2.VideoCapture` that is used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = -1
        self._size = (192, 96)
        self._asked: dict[int, float] = {}

    def isOpened(self) -> bool:
        return not (self._folder / "unplugged").exists()

    def set(self, name: int, value: float) -> bool:
        self._asked[name] = value
        width = self._asked.get(cv2.CAP_PROP_FRAME_WIDTH, 192)
        self._size = int(width), int(self._asked.get(cv2.CAP_PROP_FRAME_HEIGHT, 96))
        return True

    def get(self, name: int) -> float:
        return self._asked.get(name, 0.0)

    def read(self) -> tuple[bool, Any]:
        _pace.wait(1 / RATE)
        waiting.until(lambda: not (self._folder / "dead").exists(), within=math.inf)
        if (self._folder / "unplugged").exists():
            return False, None
        self._number += 1
        return True, numbered(self._number, self._size)


def setup(
    folder: Path, source: Source, every: int
) -> Callable[[frames_worker.Question], frames_worker.Answer]:
    """`reading.setup` in a process whose driver is the fake."""

    def capture(source: Source, question: frames_worker.Open) -> FakeCapture:
        made = FakeCapture(folder)
        if made.isOpened():
            frames_worker._adjust(made, source)
        return made

    frames_worker._capture = capture
    return real_setup(source, every)


def plugged(folder: Path) -> Callable[..., object]:
    """What to put in the place of `reading.setup`."""
    return partial(setup, folder)
