"""A camera of this machine, for machines without one. It replaces `cv2.VideoCapture` only.

Files in a folder control it: `unplugged` (it is gone), `dead` (it delivers no more frames, and no
error). The contract in test_live.py runs over this and over real streams.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import pytest

from facecli.capture import frames, frames_worker, source_opening_worker
from facecli.capture.sources import Source
from tests import waiting
from tests.capture.mjpeg_server import numbered

RATE = 50.0  # frames a second
_pace = threading.Event()
real_worker = frames_worker.read_frames_worker


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

    def grab(self) -> bool:
        _pace.wait(1 / RATE)
        waiting.until(lambda: not (self._folder / "dead").exists(), within=math.inf)
        if (self._folder / "unplugged").exists():
            return False
        self._number += 1
        return True

    def retrieve(self) -> tuple[bool, Any]:
        return True, numbered(self._number, self._size)


def read_fake_frames_worker(
    folder: Path, source: Source, every: int
) -> Callable[[frames_worker.FrameQuestion], frames_worker.FrameAnswer]:
    """`read_frames_worker` in a process whose driver is the fake."""

    def capture(source: Source, seconds: float, read_seconds: float) -> FakeCapture:
        made = FakeCapture(folder)
        if made.isOpened():
            source_opening_worker.adjust(made, source)
        return made

    source_opening_worker._capture = capture
    return real_worker(source, every)


def lying_frames_worker(
    lie: frames_worker.RawFrame, source: Source, every: int
) -> Callable[[frames_worker.FrameQuestion], frames_worker.FrameAnswer]:
    """A reader that was taken over: it opens anything, and answers with a forged frame."""

    def reply(question: frames_worker.FrameQuestion) -> frames_worker.FrameAnswer:
        if isinstance(question, frames_worker.OpenSource):
            return frames_worker.SourceOpened(live=False, rate=1.0)
        return lie

    return reply


def plug_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let devices be read with the fake, which reads the folder and so cannot be confined."""
    monkeypatch.setattr(
        frames_worker, "read_frames_worker", partial(read_fake_frames_worker, folder)
    )
    monkeypatch.setattr(frames, "_bounds", lambda _: None)
