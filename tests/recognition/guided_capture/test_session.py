"""Gathering good frames of one person, on frames that were prepared instead of seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from facecli.capture.frame_geometry import is_dark
from facecli.capture.frames import Frame
from facecli.errors.recognition import EnrolmentRefused, NoGoodFrame
from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis
from facecli.recognition.analysis.rotation import Angle
from facecli.recognition.guided_capture import session as capture_session
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis
from facecli.recognition.guided_capture.frame_selection import OneSitting
from facecli.recognition.guided_capture.session import (
    AT_LEAST,
    AT_MOST,
    FRAMES_PER_SECOND,
    KEPT,
    GuidedCapture,
)
from facecli.workers.answers import Failure
from tests.prepared import GOOD, SPEC, unit

SITTING = OneSitting(SPEC.scoring, 1.0)
ONE = unit(1)


def frame(number: int, template: bytes | None = None, reason: str | None = None) -> FrameAnalysis:
    box = (250, 150, 350, 300)
    faces = () if reason == "no-face" else (FaceAnalysis(box, GOOD, template),)
    image = ImageAnalysis("cam", f"{number}", 640, 480, faces, 0, reason=reason)
    return FrameAnalysis(number, number / 10, image)


def near(number: int, distance: float) -> FrameAnalysis:
    """A good frame that far from ONE."""
    return frame(number, unit(number + 100, ONE, distance))


def test_different_frames_end_it_soon_and_alike_ones_later() -> None:
    for distance, seconds in ((0.5, AT_LEAST), (0.01, AT_MOST)):
        gathered = GuidedCapture("cam", 3, SITTING)
        number = 0
        while not gathered.done:
            gathered.take(near(number, distance))
            number += 1
        assert (number - 1) / 10 == pytest.approx(seconds)
        assert len(gathered.chosen()) == 3


def test_too_few_frames_never_end_it_but_are_chosen_when_the_time_is_over() -> None:
    gathered = GuidedCapture("cam", 3, SITTING)
    for number in range(200):
        gathered.take(near(number, 0.3) if number < 2 else frame(number, reason="too-dark"))
        assert not gathered.done
    assert sorted(chosen.number for chosen in gathered.chosen()) == [0, 1]


def test_another_person_is_refused_not_chosen_between() -> None:
    gathered = GuidedCapture("cam", 3, SITTING)
    gathered.take(frame(0, ONE))
    gathered.take(near(1, 0.9))
    with pytest.raises(EnrolmentRefused) as refused:
        gathered.take(near(2, 1.1))
    assert refused.value.reason == "identity-changed"


def test_without_a_good_frame_the_reasons_are_counted() -> None:
    gathered = GuidedCapture("cam", 3, SITTING)
    for number, reason in enumerate(["no-face", "too-dark", "too-dark"]):
        gathered.take(frame(number, reason=reason))
    gathered.fail("worker-crashed")
    with pytest.raises(NoGoodFrame) as refused:
        gathered.chosen()
    assert refused.value.reason == "too-dark"
    assert "in 4 frames: too-dark 2, no-face 1, worker-crashed 1." in str(refused.value)
    with pytest.raises(NoGoodFrame, match="in 0 frames"):
        GuidedCapture("cam", 3, SITTING).chosen()


def test_frames_that_are_turned_say_how_to_turn_them() -> None:
    def turned(number: int, angle: Angle) -> FrameAnalysis:
        seen = frame(number, reason="rotated")
        face = FaceAnalysis((250, 150, 350, 300), None, None, angle)
        return replace(seen, image=replace(seen.image, faces=(face,)))

    gathered = GuidedCapture("cam", 3, SITTING)
    angles: tuple[Angle, ...] = (90, 180, 180)
    for number, angle in enumerate(angles):
        gathered.take(turned(number, angle))
    gathered.take(frame(3, reason="too-dark"))
    hint = "rotated 3, too-dark 1; turn the frames clockwise by 180 degrees with --rotate."
    with pytest.raises(NoGoodFrame, match=hint):
        gathered.chosen()


def test_what_is_kept_has_a_bound_and_keeps_the_first() -> None:
    gathered = GuidedCapture("cam", 10, SITTING)
    for number in range(5 * KEPT):
        told = gathered.take(near(number, 0.2))
    assert told.good == KEPT
    assert max(chosen.number for chosen in gathered.chosen()) > KEPT


def test_guidance_says_what_a_record_needs() -> None:
    told = GuidedCapture("cam", 3, SITTING).take(frame(7, ONE))
    assert told.record() == {
        "seconds": 0.7, "frame": 7, "instruction": "good", "words": told.words, "reason": None,
        "quality": GOOD, "good": 1, "wanted": 3, "box": [250, 150, 350, 300],
    }  # fmt: skip


def taken(number: int, seconds: float) -> Frame:
    """A grey frame."""
    return Frame(np.full((8, 8, 3), 120, np.uint8), number, seconds)


def test_of_a_file_some_frames_a_second_are_looked_at_and_of_a_camera_all() -> None:
    frames = [taken(number, number / 60) for number in range(121)]
    picked = list(capture_session.frame_requests(frames, "cam", 60, live=False))
    assert len(picked) in (2 * FRAMES_PER_SECOND, 2 * FRAMES_PER_SECOND + 1)
    assert len(list(capture_session.frame_requests(frames, "cam", 60, live=True))) == 121


@pytest.mark.parametrize("rate", [15, 20, 25, 30, 60])
def test_where_every_second_frame_of_a_file_is_dark_the_others_are_looked_at(rate: int) -> None:
    light, dark = (np.full((8, 8, 3), grey, np.uint8) for grey in (120, 0))
    frames = [Frame(light if n % 2 else dark, n, n / rate) for n in range(4 * rate)]
    picked = list(capture_session.frame_requests(frames, "cam", 60, live=False))
    assert sum(not is_dark(request.rgb) for request in picked) > len(picked) / 2 > 5
    black = [Frame(dark, n, n / rate) for n in range(4 * rate)]
    assert list(capture_session.frame_requests(black, "cam", 60, live=False))


def test_no_frame_after_the_time_is_looked_at() -> None:
    frames = (taken(number, number / 10) for number in range(10**9))
    picked = list(capture_session.frame_requests(frames, "cam", 1.0, live=True))
    assert [request.number for request in picked] == list(range(11))


def test_a_frame_that_kills_its_worker_is_counted_and_the_rest_goes_on() -> None:
    class Pool:
        def map(self, tasks: Any) -> Any:
            for task in tasks:
                crashed = task.number == 1
                yield task, Failure("worker-crashed", "x") if crashed else near(task.number, 0.4)

    gathered = GuidedCapture("cam", 2, SITTING)
    frames = [taken(number, number / 10) for number in range(100)]
    asked = capture_session.frame_requests(frames, "cam", 60, live=True)
    told = list(capture_session.guide_frames(asked, Pool(), gathered))
    assert gathered.reasons["worker-crashed"] == 1
    assert [request.number for request, _ in told] == [0, *range(2, 16)]
    assert len(gathered.chosen()[0].face.template) == 129
