"""Frames of the living and of pictures, through detector, landmarks, templates and all checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecli.errors.recognition import PresentationRefused
from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis
from facecli.recognition.engines.engine import SFACE_SCORING
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis
from facecli.recognition.guided_capture.frame_selection import OneSitting
from facecli.recognition.guided_capture.liveness import PAD_FRAMES, SCREEN_FRAMES, Liveness
from facecli.recognition.pad.challenge import BASE, Side, Step
from facecli.recognition.pad.cues import Cues, PadChecks
from facecli.recognition.pad.replays import CELLS
from facecli.recognition.pad.screens import SEEN
from sample_data.make_turn import Head, head_of
from tests.conftest import SAMPLE_DATA
from tests.prepared import GOOD, unit
from tests.presentations import CHALLENGE, Desk, Living, Print
from tests.recognition.pad.test_challenge import points

RATE = 8
SITTING = OneSitting(SFACE_SCORING, 0.5)
ONE = unit(1)
ORDER: tuple[Side, ...] = ("left", "right", "right", "left")


def order() -> list[Step]:
    return [Step(0.4, side) for side in ORDER]


def short_order() -> list[Step]:
    return order()[:2]


# -- through the engine -------------------------------------------------------------------


@pytest.fixture(scope="module")
def head() -> Head:
    return head_of(SAMPLE_DATA / "probes/stranger.jpg")


@pytest.mark.parametrize("name", ["sface", "dlib-hog"])
def test_a_person_who_does_as_asked_is_enrolled(head: Head, name: str) -> None:
    """Whatever the engine: dlib's five points have no mouth."""
    said, gathered = Desk(name, RATE, short_order).sit(Living(head))
    assert said == "enrolled"
    chosen = gathered.chosen()
    assert len(chosen) == 3
    for frame in chosen:
        assert frame.face is not None
        assert frame.reason is None


@pytest.mark.parametrize("bend", [0.0, 1 / 200])
def test_a_photograph_that_is_turned_as_asked_is_not(head: Head, bend: float) -> None:
    said, gathered = Desk("sface", RATE, short_order).sit(Print(head, bend))
    assert said in ("turn-too-late", "flat-face")
    assert not gathered.done


# -- on prepared frames -------------------------------------------------------------------


class Frames:
    """Prepared frames one after another, ten a second, each with a print of its own."""

    def __init__(self, checks: PadChecks = CHALLENGE) -> None:
        self.liveness = Liveness("cam", SITTING, checks, order)
        self.number = 0
        self._random = np.random.default_rng(2)

    def see(
        self,
        degrees: float = 0.0,
        template: bytes | None = ONE,
        reason: str | None = None,
        good: bool = True,
        **cues: Any,
    ) -> None:
        frame_print = self._random.uniform(0, 255, CELLS * CELLS).astype("<f4").tobytes()
        found = {
            "frame_print": frame_print,
            "template": template,
            "points": points(degrees),
            **cues,
        }
        face = FaceAnalysis((250, 150, 350, 300), GOOD, template)
        image = ImageAnalysis("cam", "", 640, 480, (face,), 0, reason=reason)
        self.number += 1
        frame = FrameAnalysis(self.number, self.number / 10, image, (), Cues(**found))
        self.liveness.take(frame, good)

    def until_asked(self) -> None:
        while self.liveness.asked == "ahead":
            self.see()


def refused(frames: Frames, times: int = 30, **seen: Any) -> str | None:
    """The reason with which such frames end it, if they do."""
    try:
        for _ in range(times):
            frames.see(**seen)
    except PresentationRefused as error:
        return str(error.details["reason"])
    return None


def test_it_is_shown_once_the_challenge_is_met() -> None:
    frames = Frames()
    for side in ORDER:
        frames.until_asked()
        assert not frames.liveness.passed
        for degrees in (8, 25, 25):
            turn = degrees if side == "left" else -degrees
            frames.see(turn, good=False, reason="turned-away")
    for _ in range(10):
        frames.see()
    assert frames.liveness.passed
    assert frames.liveness.asked is None
    frames.liveness.finish()


def test_when_the_time_is_over_in_the_middle_it_was_not_shown() -> None:
    frames = Frames()
    frames.until_asked()
    with pytest.raises(PresentationRefused) as error:
        frames.liveness.finish()
    assert error.value.details["reason"] == "challenge-unfinished"


def test_another_face_cannot_turn_for_the_one_that_is_enrolled() -> None:
    frames = Frames()
    frames.until_asked()
    assert refused(frames, degrees=25, template=unit(2, ONE, 0.6)) == "face-lost"
    frames = Frames()
    frames.until_asked()
    frames.see(8)
    assert refused(frames, 2, degrees=25, template=unit(2, ONE, 0.4)) is None
    assert frames.liveness.asked == "ahead"


def test_with_somebody_else_beside_it_a_turn_does_not_count() -> None:
    frames = Frames()
    frames.until_asked()
    assert refused(frames, degrees=25, reason="several-faces", good=False) == "face-lost"


def test_without_a_face_it_is_lost_once_it_has_begun() -> None:
    frames = Frames()
    assert refused(frames, 40, template=None, points=(), good=False) is None
    frames.until_asked()
    assert refused(frames, template=None, points=(), good=False) == "face-lost"


def test_the_pattern_of_a_screen_must_show_in_some_frames() -> None:
    frames = Frames()
    assert refused(frames, SCREEN_FRAMES - 1, pattern=SEEN + 0.1) is None
    assert refused(frames, 1, pattern=SEEN + 0.1) == "screen-seen"
    assert refused(Frames(), BASE, pattern=SEEN - 0.1) is None
    assert refused(Frames(), BASE, pattern=None) is None


def test_the_same_frame_for_seconds_is_refused() -> None:
    frame_print = np.full(CELLS * CELLS, 100, "<f4").tobytes()
    assert refused(Frames(), frame_print=frame_print) == "frozen-frames"


def test_the_network_of_the_user_decides_by_its_mean_over_good_frames(tmp_path: Path) -> None:
    wanted = PadChecks(network=tmp_path / "m.onnx")
    frames = Frames(wanted)
    assert refused(frames, 20, real=0.1, good=False) is None
    assert refused(frames, PAD_FRAMES - 1, real=0.2) is None
    assert not frames.liveness.passed
    with pytest.raises(PresentationRefused) as few:
        frames.liveness.finish()
    assert few.value.reason == "too-few-frames"
    assert refused(frames, 1, real=0.2) == "presentation-attack"
    frames = Frames(wanted)
    for real in (0.2, 0.9, 0.9, 0.9, 0.9):
        assert refused(frames, 1, real=real) is None
    assert frames.liveness.passed
    assert frames.liveness.asked is None


def test_frames_whose_cues_were_not_looked_for_are_no_frames_to_judge() -> None:
    image = ImageAnalysis("cam", "", 640, 480, (), 0, reason="no-face")
    with pytest.raises(ValueError, match="cues"):
        Liveness("cam", SITTING, CHALLENGE).take(FrameAnalysis(0, 0.0, image), good=False)
