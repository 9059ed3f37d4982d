"""The challenge, on five landmarks of a head with depth, or of a picture without."""

from __future__ import annotations

import math

import numpy as np
import pytest

from facecli.recognition.pad import challenge
from facecli.recognition.pad.challenge import (
    BASE,
    JUMPS,
    LOST,
    PAUSE,
    STEPS,
    TIME,
    Challenge,
    Side,
    Step,
)

# In inter-eye distances from the middle of the eyes: x to the right of the picture, y down, z to
# the camera. The subject's right eye is at the left of the picture.
HEAD = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.54, 0.57], [-0.35, 1.1, 0.06], [0.35, 1.1, 0.06]])
RATE = 10


def points(degrees: float = 0.0, depth: float = 1.0) -> tuple[tuple[float, float], ...]:
    """Landmarks in pixels of a head, or with depth 0 of its picture, turned to its left."""
    turn = math.radians(degrees)
    x, y, z = HEAD[:, 0], HEAD[:, 1], HEAD[:, 2] * depth
    across = x * math.cos(turn) + z * math.sin(turn)
    return tuple((320 + 70 * float(a), 200 + 70 * float(b)) for a, b in zip(across, y, strict=True))


class Run:
    """A challenge, and a clock that goes on by a tenth of a second a frame."""

    def __init__(self, *sides: Side, pause: float = PAUSE) -> None:
        self.challenge = Challenge([Step(pause, side) for side in sides])
        self.seconds = 0.0

    def see(self, degrees: float, times: int = 1, depth: float = 1.0, good: bool = True) -> None:
        for _ in range(times):
            self.challenge.take(self.seconds, points(degrees, depth), good)
            self.seconds += 1 / RATE

    def lose(self, times: int) -> None:
        for _ in range(times):
            self.challenge.lose(self.seconds)
            self.seconds += 1 / RATE

    def turn(self, degrees: float, times: int = 2) -> None:
        """On the way first, as a head moves."""
        self.see(degrees / 3)
        self.see(degrees, times)

    def until_asked(self) -> None:
        """Look ahead until a side is asked for."""
        while self.challenge.asked == "ahead" and self.seconds < 100:
            self.see(0)


def test_who_turns_as_asked_meets_it() -> None:
    run = Run("left", "right", "right", "left")
    for side, degrees in (("left", 25), ("right", -25), ("right", -30), ("left", 20)):
        run.until_asked()
        assert run.challenge.asked == side
        run.turn(degrees)
        assert run.challenge.asked == "ahead"
        assert not run.challenge.met
        run.see(degrees / 2)
    run.see(0, 2)
    assert run.challenge.met
    assert run.challenge.broken is None


def test_nothing_is_asked_before_the_face_was_seen_looking_ahead_alike() -> None:
    run = Run("left")
    run.see(0, 50, good=False)
    run.see(30, 50)  # beyond what can be looking ahead, whatever the nose
    for _ in range(25):
        run.see(0, BASE // 2)
        run.see(10, BASE // 2)
    assert run.challenge.asked == "ahead"
    before = run.seconds
    run.until_asked()
    assert run.seconds - before == pytest.approx((BASE + RATE * PAUSE + 1) / RATE)


@pytest.mark.parametrize("pause", [0.4, 1.2])
def test_a_turn_is_asked_for_after_a_pause_of_looking_ahead(pause: float) -> None:
    run = Run("left", pause=pause)
    run.see(0, BASE)
    first = run.seconds
    run.until_asked()
    assert run.seconds - first == pytest.approx(pause + 1 / RATE, abs=0.11)


def test_turning_to_the_other_side_breaks_it() -> None:
    run = Run("left")
    run.until_asked()
    run.turn(-25)
    assert run.challenge.broken == "wrong-turn"
    run.see(25, 20)
    run.see(0, 20)
    assert not run.challenge.met


def test_turning_without_being_asked_breaks_it() -> None:
    run = Run("left", pause=1.2)
    run.see(0, BASE + 3)
    run.turn(25)
    assert run.challenge.broken == "wrong-turn"


def test_a_recording_that_goes_on_turning_breaks_it() -> None:
    run = Run("left", "right")
    run.until_asked()
    run.turn(25)
    run.see(0, 2)
    run.turn(25)
    assert run.challenge.broken == "wrong-turn"


def test_one_misread_frame_is_no_turn() -> None:
    for degrees in (25, -25):
        run = Run("left")
        run.until_asked()
        run.turn(degrees, times=1)
        run.see(0)
        assert (run.challenge.asked, run.challenge.broken) == ("left", None)


def test_who_does_not_turn_in_time_or_not_back_breaks_it() -> None:
    run = Run("left")
    run.until_asked()
    run.see(0, round(TIME * RATE) + 2)
    assert run.challenge.broken == "turn-too-late"
    run = Run("left")
    run.until_asked()
    run.turn(25, round(TIME * RATE) + 4)
    assert run.challenge.broken == "turn-too-late"


@pytest.mark.parametrize("degrees", [None, 0, 2, -20])
def test_pictures_that_are_swapped_have_not_turned(degrees: float | None) -> None:
    """One looks ahead, one to each side: no frame shows the way from one to the other."""
    run = Run("left", "right")
    for _ in range(JUMPS + 1):
        assert run.challenge.broken is None
        run.until_asked()
        assert run.challenge.asked == "left"
        if degrees is None:
            run.lose(4)
        else:
            run.see(degrees)
        run.see(25, 3)
    assert run.challenge.broken == "turn-jumped"


def test_who_turned_too_fast_for_the_camera_is_asked_again() -> None:
    run = Run("left")
    run.until_asked()
    run.see(25, 3)
    assert run.challenge.asked == "ahead"
    run.until_asked()
    run.turn(25)  # slowly this time
    run.see(0, 2)
    assert run.challenge.met


def test_a_picture_however_it_is_turned_has_not_turned() -> None:
    run = Run("left")
    run.until_asked()
    for degrees in range(-60, 60, 5):
        run.see(degrees, depth=0.0)
    run.see(50, round(TIME * RATE), depth=0.0)
    assert run.challenge.broken == "turn-too-late"


def test_a_turn_without_depth_is_told_as_flat() -> None:
    """The nose moves along the plane, as on bent paper."""
    run = Run("left")
    run.until_asked()
    for shear in [0.15] + [0.35] * (round(TIME * RATE) + 2):  # a plane stays a plane
        flat = np.array(points(0))
        flat[:, 0] += shear * (flat[:, 1] - 200)
        run.challenge.take(run.seconds, tuple(map(tuple, flat.tolist())), True)
        run.seconds += 1 / RATE
    assert run.challenge.broken == "flat-face"


def test_losing_the_face_breaks_it_after_two_seconds() -> None:
    run = Run("left")
    run.lose(50)
    assert run.challenge.broken is None  # it has not begun
    run.until_asked()
    run.lose(round(LOST * RATE))
    assert run.challenge.broken is None
    run.see(0)
    run.lose(round(LOST * RATE) + 2)
    assert run.challenge.broken == "face-lost"


def test_a_camera_that_gives_no_frames_for_a_while_may_have_another_before_it() -> None:
    run = Run("left")
    run.until_asked()
    run.seconds += LOST - 0.2
    run.see(0)
    assert run.challenge.broken is None
    run.seconds += LOST
    run.see(0)
    assert run.challenge.broken == "face-lost"


def test_landmarks_that_were_not_located_are_passed_over() -> None:
    run = Run("left")
    run.until_asked()
    for missing in ((), (*points(25)[:4], (math.nan, 1.0)), ((1.0, 1.0),) * 5):
        run.challenge.take(run.seconds, missing, True)
    assert (run.challenge.asked, run.challenge.broken) == ("left", None)


def test_the_order_cannot_be_foreseen_and_has_both_sides() -> None:
    made = [challenge.steps() for _ in range(1500)]
    orders = {tuple(step.side for step in steps) for steps in made}
    assert len(orders) == 2**STEPS - 2
    pauses = {step.pause for steps in made for step in steps}
    assert challenge.PAUSE <= min(pauses) < 0.45
    assert 1.15 < max(pauses) <= challenge.LONGEST_PAUSE
    assert len(pauses) > 500


def test_the_orders_are_all_that_a_challenge_can_have() -> None:
    found = [tuple(step.side for step in order) for order in challenge.orders()]
    assert len(set(found)) == len(found) == 14
    assert all(len(order) == STEPS and len(set(order)) == 2 for order in found)
    assert {tuple(step.side for step in challenge.steps()) for _ in range(20)} <= set(found)
    assert {step.pause for order in challenge.orders() for step in order} == {PAUSE}
