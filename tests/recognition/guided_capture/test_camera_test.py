"""The problems that a few frames show of a camera."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis
from facecli.recognition.guided_capture.camera_test import ADVICE, CameraTest
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis
from tests.prepared import GOOD


def seen(number: int, seconds: float, reason: str | None, width: int = 120) -> FrameAnalysis:
    faces = (FaceAnalysis((10, 10, 10 + width, 150), GOOD, None),) if width else ()
    image = ImageAnalysis("cam", "", 640, 480, faces, 0, reason=reason)
    return FrameAnalysis(number, seconds, image)


def tried(
    *,
    rate: float = 25,
    grey: int = 120,
    reasons: tuple[str | None, ...] = (None,),
    width: int = 120,
    live: bool = True,
) -> CameraTest:
    trial = CameraTest(live)
    picture = np.full((480, 640, 3), grey, np.uint8)
    for number in range(12):
        reason = reasons[number % len(reasons)]
        trial.take(picture, seen(number * 2, number * 2 / rate, reason, width))
    return trial


def test_a_good_camera_has_no_problem() -> None:
    assert tried().record() == {
        "size": "640x480", "frames_a_second": 25.0, "brightness": 120, "frames": 12,
        "frames_with_face": 12, "face_width": 120, "problems": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("trial", "problems"),
    [
        (tried(rate=6), ["slow"]),
        (tried(rate=6, live=False), []),  # a file comes as fast as it is read
        (tried(grey=20), ["dark"]),
        (tried(grey=240), ["bright"]),
        (tried(reasons=("face-too-small",), width=30), ["face-too-small"]),
        (tried(reasons=("blurred", "blurred", None)), ["blurred"]),
        (tried(reasons=("blurred", None, None)), []),  # a few are usual
        (tried(width=0, reasons=("no-face",)), []),  # perhaps nobody is there
        (tried(rate=6, grey=20, reasons=("too-dark",)), ["slow", "dark", "too-dark"]),
        (CameraTest(live=True), ["no-frames"]),
    ],
)
def test_what_is_wrong_is_named_and_has_advice(trial: CameraTest, problems: list[str]) -> None:
    assert trial.problems() == problems
    assert set(problems) <= set(ADVICE)
