"""Frames that come again, and frames that only look alike."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from facecli.recognition.pad.replays import CELLS, KEPT_SECONDS, Replays, print_of
from tests import clips
from tests.clips import Rgb
from tests.presentations import sent

RATE = 15


def told(frames: Iterable[Rgb], rate: float = RATE) -> list[tuple[float, str]]:
    """The repetitions found, each with its time."""
    replays = Replays()
    found: list[tuple[float, str]] = []
    for number, rgb in enumerate(frames):
        said = replays.take(number / rate, print_of(rgb))
        if said:
            found.append((number / rate, said))
    return found


def sensed(frames: Iterable[Rgb], sigma: float = 1.2) -> Iterator[Rgb]:
    """As another sensor would see them."""
    random = np.random.default_rng(3)
    for rgb in frames:
        noise = random.normal(0, sigma, rgb.shape[:2])[:, :, None]
        yield np.clip(rgb + noise, 0, 255).astype(np.uint8)


def test_a_print_is_the_means_of_the_parts() -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    rgb[:30, :40] = 255
    mark = np.frombuffer(print_of(rgb), "<f4").reshape(CELLS, CELLS)
    assert mark[0, 0] == pytest.approx(255, abs=0.5)
    assert mark.sum() == mark[0, 0]


def test_a_still_picture_is_frozen_after_two_seconds() -> None:
    [(seconds, said), *_] = told(clips.turn()[:1] * 60)
    assert (said, seconds) == ("frozen-frames", 2.0)


def test_the_noise_of_a_sensor_is_enough_to_be_no_still_picture() -> None:
    assert told(sensed(clips.turn()[:1] * 90, sigma=0.5)) == []


def test_a_slow_camera_that_repeats_its_frames_is_not_frozen() -> None:
    frames = [rgb for rgb in clips.turn()[:20] for _ in range(15)]
    assert told(frames) == []


def test_a_clip_that_starts_again_is_looped() -> None:
    frames = clips.turn()
    [(seconds, said), *_] = told(itertools.chain(frames, frames))
    assert said == "looped-frames"
    assert len(frames) / RATE < seconds < len(frames) / RATE + 3


def test_a_loop_is_seen_when_it_was_encoded_anew_and_frames_were_passed_over() -> None:
    once, again = clips.turn(), list(clips.turn())
    del again[25::9]
    assert told(itertools.chain(once, map(sent, again)))[0][1] == "looped-frames"


def test_a_loop_seen_by_a_second_sensor_is_seen() -> None:
    assert told(itertools.chain(clips.turn(), sensed(clips.turn())))[0][1] == "looped-frames"


def test_moving_on_and_sitting_still_are_no_loop() -> None:
    frames = clips.turn()
    assert told(frames) == []
    assert told(sensed(itertools.chain(frames, frames[-1:] * 150))) == []


def test_what_lies_long_back_is_forgotten() -> None:
    replays = Replays()
    random = np.random.default_rng(1)
    marks = [random.uniform(0, 255, CELLS * CELLS).astype("<f4").tobytes() for _ in range(40)]
    gap = KEPT_SECONDS + 1
    for start in (0.0, gap, 2 * gap):
        for number, mark in enumerate(marks):
            assert replays.take(start + number / RATE, mark) is None
    said = [replays.take(2 * gap + 4 + number / RATE, mark) for number, mark in enumerate(marks)]
    assert "looped-frames" in said
