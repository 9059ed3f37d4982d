"""Real photographs, and the engines run on them once a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from facecli.recognition.engines import engine

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import DetectedFace, Engine, Rgb

PHOTOS = Path(__file__).parent / "photos"
PEOPLE = ("senator", "president", "premier")


@pytest.fixture(scope="session")
def photo() -> Callable[[str], Rgb]:
    """Reads one of the photographs by name, as (height, width, 3) uint8 RGB."""

    def read(name: str) -> Rgb:
        with Image.open(PHOTOS / f"{name}.jpg") as image:
            return np.asarray(image.convert("RGB"))

    return read


@pytest.fixture(scope="session")
def reference() -> Engine:
    """The engine `reference`; tests that use it need its extra."""
    return engine.load("reference")


@pytest.fixture(scope="session")
def main_face(reference: Engine, photo: Callable[[str], Rgb]) -> dict[str, DetectedFace]:
    """The face in each photograph, as the reference engine finds it."""
    return {name: reference.detect(photo(name))[0] for name in PEOPLE}
