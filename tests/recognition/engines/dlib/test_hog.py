"""The engine `dlib-hog` gives the boxes of dlib's HOG detector, and dlib's templates of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import dlib
import numpy as np
import pytest

from facecli.recognition.analysis import quality
from facecli.recognition.engines import engine
from facecli.recognition.engines.dlib.hog import HogEngine
from facecli.recognition.engines.engine import LEFT_EYE, NOSE_TIP, RIGHT_EYE
from tests.conftest import SAMPLE_DATA, Facecli

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

PEOPLE = ("senator", "president", "premier")
Photo = Callable[[str], "Rgb"]


@pytest.fixture(scope="module")
def made() -> HogEngine:
    loaded = engine.load("dlib-hog")
    assert isinstance(loaded, HogEngine)
    return loaded


@pytest.mark.parametrize("name", PEOPLE)
def test_boxes_and_scores_are_dlibs_own(made: HogEngine, photo: Photo, name: str) -> None:
    rgb = photo(name)
    rects, scores, _ = dlib.get_frontal_face_detector().run(rgb, 0, 0.0)
    found = made.detect(rgb)
    assert [face.score for face in found] == list(scores)
    [rect] = rects
    height, width = rgb.shape[:2]
    assert found[0].box == (
        max(rect.left(), 0), max(rect.top(), 0),
        min(rect.right() + 1, width), min(rect.bottom() + 1, height),
    )  # fmt: skip


def test_the_eyes_are_where_yunet_sees_them_and_the_rest_is_not_located(
    made: HogEngine, photo: Photo
) -> None:
    rgb = photo("premier")
    [mine], [theirs] = made.detect(rgb), engine.load("sface").detect(rgb)
    apart = np.linalg.norm(theirs.landmarks[LEFT_EYE] - theirs.landmarks[RIGHT_EYE])
    for eye in (RIGHT_EYE, LEFT_EYE):
        assert np.linalg.norm(mine.landmarks[eye] - theirs.landmarks[eye]) < 0.15 * apart
    assert np.isnan(mine.landmarks[NOSE_TIP]).all()
    assessed = quality.assess(rgb, mine, [])
    assert assessed.HeadPoseYaw is None
    assert quality.unified(made.spec.quality, mine, 1.0) is not None


def test_the_same_person_is_closer_than_others(made: HogEngine, photo: Photo) -> None:
    senator = photo("senator")
    images = [senator, np.ascontiguousarray(senator[:, ::-1]), photo("president")]
    rows = [made.templates(rgb, made.detect(rgb)).vectors[0] for rgb in images]
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-6)
    assert np.linalg.norm(rows[0] - rows[1]) < 0.2 < 0.4 < np.linalg.norm(rows[0] - rows[2])


def test_no_face_gives_none(made: HogEngine) -> None:
    assert made.detect(np.full((200, 300, 3), 127, np.uint8)) == []


def test_it_enrols_and_matches(facecli: Facecli) -> None:
    form = SAMPLE_DATA / "consents/A-1001.txt"
    agreed = ["--purpose", "gate", "--evidence", form, "--expires", "1y"]
    assert facecli("init", "--engine", "dlib-hog").code == 0
    assert facecli("purpose", "apply", SAMPLE_DATA / "purposes.toml").code == 0
    assert facecli("enroll", "file", "A-1", SAMPLE_DATA / "enrol/A-1001.jpg", *agreed).code == 0
    probes = [SAMPLE_DATA / "probes" / name for name in ("gate-1.jpg", "gate-3.jpg")]
    rows = facecli("match", *probes, "--purpose", "gate", "--format", "json").json()
    assert [row["ref"] for row in rows] == ["A-1", None]
    assert {row["engine"] for row in rows} == {engine.spec("dlib-hog").engine_id}
