"""The instruction for each state of a frame."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from facecli.papers.languages import choose
from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis
from facecli.recognition.analysis.quality import ENROL_FLOORS
from facecli.recognition.engines.engine import Points
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis
from facecli.recognition.guided_capture.guidance import WORDS, Guidance, Instruction, instruct
from tests.prepared import GOOD

FRONTAL: Points = ((270, 200), (330, 200), (300, 232), (276, 266), (324, 266))


def frame(
    reason: str | None = None,
    box: tuple[int, int, int, int] = (250, 150, 350, 300),
    landmarks: Points = FRONTAL,
) -> FrameAnalysis:
    faces = (FaceAnalysis(box, GOOD, None if reason else b"x"),) if reason != "no-face" else ()
    image = ImageAnalysis("cam", "", 640, 480, faces, 0, reason=reason)
    return FrameAnalysis(3, 0.3, image, landmarks if faces else ())


def moved(across: float = 0, down: float = 0) -> Points:
    """The frontal face with the tip of its nose moved."""
    points = list(FRONTAL)
    points[2] = (points[2][0] + across, points[2][1] + down)
    return tuple(points)


@pytest.mark.parametrize(
    ("reason", "instruction"),
    [
        (None, "good"),
        ("no-face", "no-face"),
        ("several-faces", "one-person"),
        ("face-too-small", "closer"),
        ("too-dark", "more-light"),
        ("too-bright", "less-light"),
        ("blurred", "sharpen"),
    ],
)
def test_each_reason_has_its_instruction(reason: str | None, instruction: str) -> None:
    assert instruct(frame(reason)) == instruction


@pytest.mark.parametrize(
    ("landmarks", "instruction"),
    [
        (moved(across=+30), "turn-right"),  # the nose points to the subject's own left
        (moved(across=-30), "turn-left"),
        (moved(down=-32), "chin-down"),
        (moved(down=+34), "chin-up"),
        (tuple((500 - y, x) for x, y in FRONTAL), "upright"),
        ((), "face-camera"),
        (((float("nan"), 0.0), *FRONTAL[1:]), "face-camera"),
    ],
)
def test_a_turned_head_is_told_which_way_back(landmarks: Points, instruction: str) -> None:
    assert instruct(frame("turned-away", landmarks=landmarks)) == instruction


def test_blur_while_the_face_moves_is_told_from_a_lens_out_of_focus() -> None:
    before = frame(box=(210, 150, 310, 300))
    assert instruct(frame("blurred"), before) == "hold-still"
    assert instruct(frame("blurred"), frame("blurred")) == "sharpen"
    assert instruct(frame("blurred"), frame("no-face")) == "sharpen"


def test_a_face_that_fills_the_picture_is_too_near() -> None:
    assert instruct(frame(box=(100, 10, 500, 470))) == "back"
    assert instruct(frame(box=(100, 60, 500, 470))) == "good"


def test_every_reason_of_the_quality_floors_has_an_instruction_of_its_own() -> None:
    reasons = {floor.reason for floor in ENROL_FLOORS} | {"no-face", "too-bright"}
    told = {reason: instruct(frame(reason, landmarks=moved(across=30))) for reason in reasons}
    assert "good" not in told.values()
    assert len(set(told.values())) == len(reasons)


def test_every_instruction_is_a_sentence() -> None:
    assert set(WORDS) == set(get_args(Instruction))
    assert all(words.endswith(".") and len(words.split()) >= 2 for words in WORDS.values())


def test_a_reason_that_is_new_still_gives_an_instruction() -> None:
    seen = frame("something-new")
    assert instruct(seen) == "face-camera"
    assert instruct(replace(seen, landmarks=())) == "face-camera"


def test_an_instruction_and_its_count_follow_the_language() -> None:
    told = Guidance(0.0, 0, "good", None, None, 2, None, wanted=3)
    assert told.counted_words == "Good. Look into the camera and move your head a little. (2 of 3)"
    chinese = replace(told, say=choose("zh").language.say)
    assert chinese.counted_words.endswith("(2/3)")
    assert chinese.record()["words"] == chinese.words != told.words
    assert chinese.record()["instruction"] == "good"
    assert chinese == told  # the language is no part of what was seen


def test_every_instruction_has_words_in_every_language() -> None:
    say = choose("zh").language.say
    assert len({say(words) for words in WORDS.values()} - set(WORDS.values())) == len(WORDS)
