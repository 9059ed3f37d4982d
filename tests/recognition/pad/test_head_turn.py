"""The turn between two frames: a head has parallax, a plane has none."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.recognition.pad.head_turn import (
    AHEAD,
    PARALLAX,
    TURNED,
    Facing,
    Turn,
    normalised,
    turn_between,
)
from tests.recognition.pad.test_challenge import HEAD, points


def _array(found: Iterable[tuple[float, float]]) -> np.ndarray:
    return np.array(list(found))


@given(st.floats(-35, 35))
def test_a_head_with_depth_shifts_its_nose_to_the_side_it_turns_to(degrees: float) -> None:
    turn = turn_between(_array(points()), _array(points(degrees)))
    assert turn.degrees == pytest.approx(degrees, abs=1.0)
    if abs(degrees) > 18:
        assert math.copysign(turn.parallax, degrees) == turn.parallax
        assert abs(turn.parallax) > PARALLAX
    if abs(degrees) < AHEAD - 1:
        assert abs(turn.degrees) < AHEAD


@given(
    st.floats(-60, 60), st.floats(-45, 45), st.floats(-180, 180), st.floats(4, 50),
)  # fmt: skip
def test_a_plane_in_perspective_has_no_parallax(
    yaw: float, pitch: float, roll: float, away: float
) -> None:
    flat = HEAD * [1, 1, 0]
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    turned = flat @ (about_z @ about_x @ about_y).T
    seen = 70 * turned[:, :2] / (1 - turned[:, 2:] / away) + 200
    assert abs(turn_between(flat[:, :2] * 70 + 200, seen).parallax) < 0.02


def test_thresholds_leave_room_between_a_picture_and_a_head() -> None:
    turn = turn_between(_array(points()), _array(points(20)))
    assert turn.parallax > 1.3 * PARALLAX
    assert turn.degrees > TURNED


@pytest.mark.parametrize(
    ("turn", "facing"),
    [
        (Turn(0.0, 0.0), "ahead"),
        (Turn(AHEAD, 0.0), "ahead"),
        (Turn(AHEAD + 1, 0.0), "between"),
        (Turn(TURNED, PARALLAX), "left"),
        (Turn(-TURNED, -PARALLAX), "right"),
        (Turn(TURNED, PARALLAX / 2), "flat"),
        (Turn(TURNED, -PARALLAX), "flat"),
    ],
)
def test_a_turn_shows_a_side_only_with_parallax_to_that_side(turn: Turn, facing: Facing) -> None:
    assert turn.facing == facing


def test_normalised_landmarks_do_not_depend_on_place_size_or_roll() -> None:
    plain = normalised(points())
    x, y = np.array(points()).T
    moved = normalised(tuple(zip(10 - 3 * y, 20 + 3 * x, strict=True)))
    assert plain is not None
    assert moved is not None
    assert moved == pytest.approx(plain)
    assert plain[0] == pytest.approx([-0.5, 0])
    assert plain[1] == pytest.approx([0.5, 0])


@pytest.mark.parametrize("missing", [(), ((1.0, 1.0),) * 5, (*points()[:4], (math.nan, 1.0))])
def test_missing_landmarks_give_nothing(missing: tuple[tuple[float, float], ...]) -> None:
    assert normalised(missing) is None
