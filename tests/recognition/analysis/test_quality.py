from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
import pytest

from facecli.recognition.analysis import quality
from facecli.recognition.analysis.quality import Quality
from facecli.recognition.engines import engine
from facecli.recognition.engines.engine import DetectedFace
from tests.recognition.synthetic import turned

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

PEOPLE = ("senator", "president", "premier")
GOOD = Quality(90, 100, 100, 85, 95, 60, 100, 95, 100, 100, 120)

Photo = Callable[[str], "Rgb"]
Spoil = Callable[["Rgb", float], "Rgb"]


def blurred(rgb: Rgb, eyes: float) -> Rgb:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), 0.12 * eyes), np.uint8)


def darkened(rgb: Rgb, eyes: float) -> Rgb:
    return (rgb * 0.15).astype(np.uint8)


def overexposed(rgb: Rgb, eyes: float) -> Rgb:
    return np.clip(rgb * 3.5, 0, 255).astype(np.uint8)


def veiled(rgb: Rgb, eyes: float) -> Rgb:
    return (rgb * 0.1 + 215).astype(np.uint8)


def face_of(landmarks: np.ndarray) -> DetectedFace:
    return DetectedFace((200, 200, 400, 450), None, landmarks)


@pytest.mark.parametrize("name", PEOPLE)
def test_official_portraits_pass_as_enrolments(
    name: str, photo: Photo, main_face: dict[str, DetectedFace]
) -> None:
    assessed = quality.assess(photo(name), main_face[name], [])
    assert quality.refusal(assessed) is None
    assert all(value is not None and 0 <= value <= 100 for value in assessed.components().values())


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (blurred, "blurred"),
        (darkened, "too-dark"),
        (overexposed, "too-bright"),
        (veiled, "too-bright"),
    ],
)
def test_spoiled_portraits_are_refused_for_what_is_wrong(
    name: str, spoil: Spoil, reason: str, photo: Photo, main_face: dict[str, DetectedFace]
) -> None:
    face, rgb = main_face[name], photo(name)
    eyes = float(np.linalg.norm(face.landmarks[1] - face.landmarks[0]))
    spoiled = quality.assess(spoil(rgb, eyes), face, [])
    assert quality.refusal(spoiled) == reason


@pytest.mark.parametrize("name", PEOPLE)
def test_a_small_copy_is_refused_for_its_size_alone(
    name: str, photo: Photo, main_face: dict[str, DetectedFace]
) -> None:
    rgb, face = photo(name), main_face[name]
    scale = 24 / float(np.linalg.norm(face.landmarks[1] - face.landmarks[0]))
    small: Any = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left, top, right, bottom = (round(side * scale) for side in face.box)
    shrunk = DetectedFace((left, top, right, bottom), None, face.landmarks * np.float32(scale))
    assessed = quality.assess(small, shrunk, [])
    assert quality.refusal(assessed) == "face-too-small"
    assert quality.refusal(replace(assessed, InterEyeDistance=100)) is None


@pytest.mark.parametrize("name", PEOPLE)
def test_more_blur_never_looks_sharper(
    name: str, photo: Photo, main_face: dict[str, DetectedFace]
) -> None:
    face, rgb = main_face[name], photo(name)
    eyes = float(np.linalg.norm(face.landmarks[1] - face.landmarks[0]))
    scores = [quality.assess(rgb, face, []).Sharpness] + [
        quality.assess(cast("Rgb", cv2.GaussianBlur(rgb, (0, 0), share * eyes)), face, []).Sharpness
        for share in (0.03, 0.06, 0.1, 0.2, 0.5)
    ]
    assert scores == sorted(scores, key=lambda score: -(score or 0))


@pytest.mark.parametrize("name", PEOPLE)
def test_sharpness_does_not_depend_on_resolution_or_light(
    name: str, photo: Photo, main_face: dict[str, DetectedFace]
) -> None:
    face, rgb = main_face[name], photo(name)
    half: Any = cv2.resize(rgb, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    shrunk = DetectedFace(face.box, None, face.landmarks * np.float32(0.7))
    before = quality.assess(rgb, face, []).Sharpness
    assert quality.assess(half, shrunk, []).Sharpness == pytest.approx(before, abs=15)
    dim = (rgb * 0.6).astype(np.uint8)
    assert quality.assess(dim, face, []).Sharpness == pytest.approx(before, abs=5)


@pytest.mark.parametrize(
    ("turn", "reason"),
    [({"yaw": 20}, None), ({"yaw": -50}, "turned-away"), ({"roll": 60}, "turned-away")],
)
def test_a_head_turned_away_is_refused(turn: dict[str, float], reason: str | None) -> None:
    assessed = quality.assess(np.full((600, 600, 3), 128, np.uint8), face_of(turned(**turn)), [])
    posed = replace(
        GOOD, **{name: getattr(assessed, name) for name in ("HeadPoseYaw", "HeadPoseRoll")}
    )
    assert quality.refusal(posed) == reason


@pytest.mark.parametrize(
    ("side", "score", "reason"), [(0, 100, None), (49, 76, None), (51, 74, "several-faces")]
)
def test_a_second_face_over_a_quarter_of_the_first_is_refused(
    side: int, score: int, reason: str | None
) -> None:
    landmarks = np.full((5, 2), np.nan, np.float32)
    first = DetectedFace((0, 0, 100, 100), None, landmarks)
    second = DetectedFace((200, 0, 200 + side, side), None, landmarks)
    assessed = quality.assess(np.zeros((300, 300, 3), np.uint8), first, [second])
    assert assessed.SingleFacePresent == score
    assert quality.refusal(assessed) == reason


def test_without_landmarks_what_needs_them_could_not_be_assessed() -> None:
    face = face_of(np.full((5, 2), np.nan, np.float32))
    assessed = quality.assess(np.zeros((600, 600, 3), np.uint8), face, [])
    known = {name for name, value in assessed.components().items() if value is not None}
    assert known == {"SingleFacePresent"}
    assert quality.refusal(assessed) is None


def test_without_a_mouth_only_pitch_could_not_be_assessed() -> None:
    landmarks = turned(yaw=10)
    landmarks[3:] = np.nan
    rgb = np.random.default_rng(1).integers(0, 255, (600, 600, 3), np.uint8)
    assessed = quality.assess(rgb, face_of(landmarks), [])
    assert [name for name, value in assessed.components().items() if value is None] == [
        "HeadPosePitch"
    ]


@pytest.mark.parametrize(
    "landmarks",
    [
        np.zeros((5, 2), np.float32),
        np.full((5, 2), -5000, np.float32),
        turned() - 350,
        turned() * 50,
        np.full((5, 2), np.inf, np.float32),
    ],
)
def test_odd_landmarks_give_values_in_range_and_no_crash(landmarks: np.ndarray) -> None:
    assessed = quality.assess(np.full((40, 40, 3), 90, np.uint8), face_of(landmarks), [])
    assert all(value is None or 0 <= value <= 100 for value in assessed.components().values())


@pytest.mark.parametrize("floor", quality.ENROL_FLOORS, ids=lambda floor: floor.component)
def test_every_floor_refuses_below_and_passes_at_its_value(floor: quality.Floor) -> None:
    assert quality.refusal(replace(GOOD, **{floor.component: floor.lowest})) is None
    below = replace(GOOD, **{floor.component: floor.lowest - 1})
    assert quality.refusal(below) == floor.reason
    assert quality.refusal(replace(GOOD, **{floor.component: None})) is None


@pytest.mark.parametrize(
    ("norm", "expected"),
    [(6.0, 0), (15.0, 100), (10.5, 50), (2.0, 0), (99.0, 100), (8.5, 28), (math.nan, None)],
)
def test_the_unified_figure_of_sface_is_linear_in_the_norm(
    norm: float, expected: int | None
) -> None:
    face = face_of(turned())
    assert quality.unified(engine.spec("sface").quality, face, norm) == expected


@pytest.mark.parametrize(
    ("score", "expected"), [(0.7, 0), (0.95, 100), (0.3, 0), (0.9, 80), (None, None)]
)
def test_without_a_telling_norm_it_is_the_detector_s_score(
    score: float | None, expected: int | None
) -> None:
    face = replace(face_of(turned()), score=score)
    assert quality.unified(engine.spec("dlib").quality, face, 1.4) == expected


def test_an_engine_without_a_scale_assesses_nothing_and_refuses_nothing() -> None:
    assert quality.unified(None, face_of(turned()), 12.0) is None
    assert quality.too_low(None, None) is None
    assert quality.too_low(engine.spec("sface").quality, None) is None


@pytest.mark.parametrize(("figure", "reason"), [(27, "not-a-face"), (28, None), (100, None)])
def test_an_enrolment_below_the_lowest_quality_is_refused(figure: int, reason: str | None) -> None:
    assert quality.too_low(engine.spec("sface").quality, figure) == reason
    assert quality.too_low(engine.spec("dlib").quality, figure) is None


def test_quality_travels_between_processes() -> None:
    assert pickle.loads(pickle.dumps(GOOD)) == GOOD
