"""Whole recordings of prepared frames, ten a second."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis
from facecli.recognition.guided_capture.recordings import refusal
from facecli.recognition.pad.challenge import Side, orders
from facecli.recognition.pad.cues import Cues, PadChecks
from facecli.recognition.pad.replays import CELLS
from facecli.recognition.pad.screens import SEEN
from facecli.workers.answers import Failure
from tests.prepared import GOOD
from tests.recognition.guided_capture.test_liveness import ONE, SITTING
from tests.recognition.pad.test_challenge import points

CHALLENGE = PadChecks(challenge=True)
SIDES: tuple[Side, ...] = ("right", "left", "right", "right")


def recording(
    sides: Sequence[Side], depth: float = 1.0, ahead: int = 12, **cues: Any
) -> list[FrameAnalysis | Failure]:
    """A head that looks ahead, and turns to these sides one after the other."""
    angles = [0.0] * ahead
    for side in sides:
        sign = 1 if side == "left" else -1
        angles += [sign * angle for angle in (8, 25, 25, 25, 8)] + [0.0] * ahead
    random = np.random.default_rng(5)
    found: list[FrameAnalysis | Failure] = []
    for number, degrees in enumerate(angles):
        frame_print = random.uniform(0, 255, CELLS * CELLS).astype("<f4").tobytes()
        face = FaceAnalysis((250, 150, 350, 300), GOOD, ONE)
        reason = "turned-away" if degrees else None
        image = ImageAnalysis("clip", "", 640, 480, (face,), 0, reason=reason)
        seen = points(degrees, depth)
        shown = {"frame_print": frame_print, "template": ONE, "points": seen, **cues}
        found.append(FrameAnalysis(number, number / 10, image, seen, Cues(**shown)))
    return found


def judged(frames: list[FrameAnalysis | Failure], checks: PadChecks = CHALLENGE) -> str | None:
    return refusal("clip", frames, SITTING, checks)


@pytest.mark.parametrize(
    "order", list(orders()), ids=lambda order: "".join(s.side[0] for s in order)
)
def test_a_head_that_turns_four_times_is_accepted_in_any_order(order: list[Any]) -> None:
    assert judged(recording([step.side for step in order])) is None


def test_the_reason_is_that_of_the_order_that_the_recording_follows() -> None:
    assert judged(recording(SIDES[:3])) == "challenge-unfinished"
    assert judged(recording(["left"] * 4)) == "wrong-turn"
    assert judged(recording(SIDES, depth=0.0)) in ("flat-face", "turn-too-late")


def test_a_recording_from_a_screen_is_refused_as_such() -> None:
    assert judged(recording(SIDES, pattern=SEEN + 0.1)) == "screen-seen"


def test_a_still_picture_is_refused() -> None:
    still = np.full(CELLS * CELLS, 100, "<f4").tobytes()
    assert judged(recording((), ahead=60, frame_print=still)) == "frozen-frames"


def test_the_network_judges_without_a_challenge(tmp_path: Path) -> None:
    network = PadChecks(network=tmp_path / "pad.onnx")
    assert judged(recording((), ahead=60, real=0.9), network) is None
    assert judged(recording((), ahead=60, real=0.1), network) == "presentation-attack"
    both = PadChecks(challenge=True, network=network.network)
    assert judged(recording(SIDES, real=0.9), both) is None
    assert judged(recording(SIDES, real=0.1), both) == "presentation-attack"
    assert judged(recording((), ahead=80, real=0.9), both) == "turn-too-late"


def test_a_recording_whose_frames_all_failed_is_refused() -> None:
    assert judged([Failure("worker-crashed", "it crashed")] * 3) == "worker-crashed"
    assert judged([]) == "no-frame"
