"""The analysis of one frame: as of an image file, with landmarks, and cues if they are wanted."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from facecli.recognition.engines import engine
from facecli.recognition.guided_capture.frame_analysis import (
    FrameAnalysis,
    FrameRequest,
    analyse_frame,
    load_frame_worker,
)
from facecli.recognition.pad.cues import PadChecks
from tests import clips
from tests.clips import Rgb


@pytest.fixture(scope="module")
def face() -> Rgb:
    return clips.turn()[0]


@pytest.fixture(scope="module")
def good(face: Rgb) -> FrameAnalysis:
    request = FrameRequest(face, 7, 0.5, "cam", keep_photo=True)
    return analyse_frame(engine.load("sface"), request)


def test_a_good_frame_has_one_face_with_its_template_and_landmarks(
    face: Rgb, good: FrameAnalysis
) -> None:
    assert (good.number, good.seconds, good.reason) == (7, 0.5, None)
    assert good.face is not None
    assert len(good.face.template or b"") == 129  # 128 components and a handicap
    assert len(good.landmarks) == 5
    assert good.image.sha256 == hashlib.sha256(face.tobytes()).hexdigest()
    assert good.image.photo is not None
    assert good.cues is None


def test_a_refused_frame_has_its_reason_and_neither_template_nor_photo(face: Rgb) -> None:
    dark = clips.dark(face)
    found = analyse_frame(engine.load("sface"), FrameRequest(dark, 0, 0.0, "cam", keep_photo=True))
    assert found.reason == "too-dark"
    assert found.face is None or found.face.template is None
    assert (found.image.sha256, found.image.photo) == ("", None)


def test_a_frame_without_a_face_is_an_answer_too() -> None:
    grey = np.full((480, 640, 3), 127, np.uint8)
    found = analyse_frame(engine.load("sface"), FrameRequest(grey, 0, 0.0, "cam"))
    assert (found.face, found.reason, found.landmarks) == (None, "no-face", ())


def test_a_black_frame_is_too_dark_and_not_without_a_face() -> None:
    black = np.zeros((480, 640, 3), np.uint8)
    found = analyse_frame(engine.load("sface"), FrameRequest(black, 0, 0.0, "cam"))
    assert (found.face, found.reason) == (None, "too-dark")


def test_others_in_the_frame_refuse_it_and_are_counted(face: Rgb) -> None:
    found = analyse_frame(engine.load("sface"), FrameRequest(clips.two(face), 0, 0.0, "cam"))
    assert (found.reason, found.image.bystanders) == ("several-faces", 1)


def test_a_worker_finds_the_cues_of_the_checks_it_was_given(face: Rgb) -> None:
    request = FrameRequest(face, 0, 0.0, "cam")
    assert load_frame_worker("sface")(request).cues is None
    cues = load_frame_worker("sface", PadChecks(challenge=True))(request).cues
    assert cues is not None
    assert cues.template is not None
    assert len(cues.points) == 5
