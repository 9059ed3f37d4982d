from __future__ import annotations

import math

import numpy as np
import pytest

from facecli.recognition.analysis import head_pose
from facecli.recognition.engines.engine import NOSE_TIP, RIGHT_EYE, RIGHT_MOUTH
from tests.recognition.synthetic import turned


@pytest.mark.parametrize("degrees", [-60, -30, 0, 10, 45])
def test_head_pose_of_a_turned_model(degrees: float) -> None:
    assert head_pose.head_pose(turned(yaw=degrees)).yaw == pytest.approx(degrees, abs=0.1)
    assert head_pose.head_pose(turned(pitch=degrees)).pitch == pytest.approx(degrees, abs=0.1)


@pytest.mark.parametrize("roll", [-90, -20, 0, 45])
def test_roll_is_the_eye_lines_and_does_not_leak_into_yaw(roll: float) -> None:
    pose = head_pose.head_pose(turned(yaw=20, roll=roll))
    assert pose.roll == pytest.approx(roll, abs=0.1)
    assert pose.yaw == pytest.approx(20, abs=0.1)


def test_the_distance_of_the_eyes_is_corrected_for_a_turned_head() -> None:
    landmarks = turned(yaw=40)
    assert head_pose.inter_eye_distance(landmarks, 40) == pytest.approx(100, rel=0.01)
    assert head_pose.inter_eye_distance(landmarks, None) == pytest.approx(76.6, rel=0.01)


def test_angles_that_need_a_missing_landmark_are_not_assessed() -> None:
    landmarks = turned(yaw=20)
    landmarks[RIGHT_MOUTH] = np.nan
    pose = head_pose.head_pose(landmarks)
    assert (pose.yaw, pose.pitch) == (pytest.approx(20, abs=0.1), None)
    landmarks[NOSE_TIP] = np.nan
    pose = head_pose.head_pose(landmarks)
    assert (pose.yaw, pose.pitch, pose.roll) == (None, None, pytest.approx(0, abs=0.1))
    landmarks[RIGHT_EYE] = np.nan
    assert head_pose.head_pose(landmarks) == head_pose.HeadPose(None, None, None)
    assert head_pose.inter_eye_distance(landmarks, None) is None


def test_a_profile_keeps_a_finite_distance() -> None:
    found = head_pose.inter_eye_distance(turned(), 90)
    assert found is not None
    assert math.isfinite(found)
