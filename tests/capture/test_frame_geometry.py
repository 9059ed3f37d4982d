"""The shape of pixels, and dark frames, in real video files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecli.capture import sources
from facecli.capture.frame_geometry import is_dark, pixel_ratio, with_square_pixels
from facecli.capture.frames import open_frames
from tests import clips

Rgb = np.ndarray


class Stated:
    """An open capture that states a pixel's shape and how its frames are turned."""

    def __init__(self, across: float, down: float, turned: float = 0) -> None:
        self._values = {
            cv2.CAP_PROP_SAR_NUM: across,
            cv2.CAP_PROP_SAR_DEN: down,
            cv2.CAP_PROP_ORIENTATION_META: turned,
        }

    def get(self, which: int) -> float:
        return self._values[which]


@pytest.mark.parametrize(
    ("across", "down", "turned", "ratio"),
    [
        (1, 1, 0, 1),
        (16, 11, 0, 16 / 11),
        (1, 2, 0, 0.5),
        (1, 2, 180, 0.5),
        (1, 2, 90, 2),
        (1, 2, 270, 2),
        (0, 1, 0, 1),
        (-1, -1, -1, 1),
        (1000, 1, 0, 1),
        (1, 1000, 0, 1),
    ],
)
def test_the_ratio_is_that_of_the_frames_as_read(
    across: int, down: int, turned: int, ratio: float
) -> None:
    assert pixel_ratio(Stated(across, down, turned)) == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("ratio", "size"), [(1, (48, 64)), (2, (48, 128)), (0.5, (96, 64)), (16 / 11, (48, 93))]
)
def test_the_shorter_side_of_a_pixel_is_stretched(ratio: float, size: tuple[int, int]) -> None:
    frame = np.full((48, 64, 3), 9, np.uint8)
    assert with_square_pixels(frame, ratio).shape == (*size, 3)


def test_a_dark_frame() -> None:
    assert is_dark(np.zeros((48, 64, 3), np.uint8))
    assert is_dark(clips.dark(clips.turn()[0]))
    assert not is_dark(clips.turn()[0])


def squeezed(path: Path, ratio: tuple[int, int]) -> Path:
    """The sample clip as a camera with such pixels records it."""
    across, down = ratio
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), clips.RATE,
        (640 * down // max(ratio), 480 * across // max(ratio)),
    )  # fmt: skip
    for rgb in clips.turn()[:4]:
        size = (640 * down // max(ratio), 480 * across // max(ratio))
        writer.write(cv2.cvtColor(cv2.resize(rgb, size), cv2.COLOR_RGB2BGR))
    writer.release()
    return clips.with_pixel_ratio(path, across, down)


@pytest.mark.parametrize("ratio", [(2, 1), (1, 2)])
def test_a_video_without_square_pixels_is_read_with_such(
    tmp_path: Path, ratio: tuple[int, int]
) -> None:
    with open_frames(sources.video(squeezed(tmp_path / "clip.mp4", ratio))) as frames:
        first = next(iter(frames)).rgb
    height, width = first.shape[:2]
    assert width / height == pytest.approx(640 / 480)
    expected = cv2.resize(clips.turn()[0], (width, height))
    assert np.abs(first.astype(int) - expected).mean() < 12


@pytest.mark.parametrize("rate", [15, 20, 25, 30])
def test_where_every_second_frame_is_dark_the_others_are_returned(
    tmp_path: Path, rate: int
) -> None:
    path = clips.strobe(tmp_path / "strobe.mp4", clips.turn()[:12], rate)
    with open_frames(sources.video(path), every=None) as frames:
        found = list(frames)
    assert len(found) >= 24 // (round(rate / 10) + 1)
    assert not any(is_dark(frame.rgb) for frame in found)


@pytest.mark.parametrize("count", [1, 5, 24])
def test_a_dark_video_still_has_frames(tmp_path: Path, count: int) -> None:
    pictures = [np.zeros((480, 640, 3), np.uint8)] * count
    path = clips.strobe(tmp_path / "dark.mp4", pictures, 30)
    with open_frames(sources.video(path), every=None) as frames:
        found = list(frames)
    assert found
    assert all(is_dark(frame.rgb) for frame in found)
