"""A worker's setup for these tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from facecli.capture.images import read_image


def sizes() -> Callable[[Path], tuple[int, int]]:
    return lambda path: read_image(path).size
