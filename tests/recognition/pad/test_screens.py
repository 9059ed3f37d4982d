"""The pattern of a screen: seen where its grid aliases, and not in people, codecs or emptiness."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.pad.screens import SEEN, SIDE, pattern
from tests import clips
from tests.presentations import grid, sent

FACE = (240, 120, 400, 320)


@pytest.mark.parametrize(("pitch", "tilt"), [(1.0, 2), (1.2, 0), (1.7, 2), (2.0, 2)])
def test_a_face_on_a_screen_shows_its_grid(pitch: float, tilt: float) -> None:
    for rgb in clips.turn()[::20]:
        shown = np.clip(rgb * grid(pitch, tilt), 0, 255).astype(np.uint8)
        found = pattern(sent(shown), FACE)
        assert found is not None
        assert found > SEEN


@pytest.mark.parametrize("quality", [95, 60, 30])
def test_a_face_and_its_compression_show_none(quality: int) -> None:
    for rgb in clips.turn()[::10]:
        found = pattern(sent(rgb, quality), FACE)
        assert found is not None
        assert found < SEEN


def test_a_flat_picture_shows_none() -> None:
    assert pattern(np.full((480, 640, 3), 120, np.uint8), FACE) == pytest.approx(0, abs=0.1)


def test_what_is_smaller_than_the_square_is_not_assessed() -> None:
    assert pattern(np.zeros((SIDE - 1, 640, 3), np.uint8), (0, 0, 60, 60)) is None
    assert pattern(np.zeros((SIDE, SIDE, 3), np.uint8), (0, 0, 60, 60)) is not None


def test_a_face_at_the_edge_is_assessed_within_the_picture() -> None:
    rgb = np.clip(clips.turn()[0] * grid(1.3, 2), 0, 255).astype(np.uint8)
    for box in ((0, 0, 90, 90), (600, 430, 640, 480)):
        assert pattern(rgb, box) is not None
