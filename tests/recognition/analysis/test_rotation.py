"""Faces that stand turned in their image, in real photographs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from facecli.recognition.analysis import rotation
from facecli.recognition.engines import engine
from facecli.recognition.engines.engine import DetectedFace, spec

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Engine, Rgb

Photo = Callable[[str], "Rgb"]
PEOPLE = ("premier", "president", "senator")


@pytest.fixture(scope="module")
def sface() -> Engine:
    return engine.load("sface")


def placed(sface: Engine, rgb: Rgb, angle: int) -> tuple[Rgb, DetectedFace]:
    """The photo turned clockwise by an angle, and its face where it is then.

    The landmarks stay as they were, as a detector's do that takes a turned face for an upright one.
    """
    face = sface.detect(rgb)[0]
    size = (rgb.shape[1], rgb.shape[0])
    box = rotation.turned_back(face.box, (360 - angle) % 360, size)
    return rotation.turned(rgb, angle), replace(face, box=box, score=0.7)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_the_angle_in_which_a_face_is_upright(
    sface: Engine, photo: Photo, name: str, angle: int
) -> None:
    turned, face = placed(sface, photo(name), angle)
    assert rotation.upright_angle(sface, turned, face) == (360 - angle) % 360


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("angle", [90, 180, 270])
def test_an_image_without_upright_faces_is_turned_until_it_shows_some(
    sface: Engine, photo: Photo, name: str, angle: int
) -> None:
    upright = photo(name)
    found, faces = rotation.faces_when_turned(sface, rotation.turned(upright, angle))
    assert found == 360 - angle
    assert faces[0].box == sface.detect(upright)[0].box


def test_an_image_without_any_face_is_not_turned(sface: Engine) -> None:
    assert rotation.faces_when_turned(sface, np.full((64, 80, 3), 90, np.uint8)) == (0, [])


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_a_box_of_the_turned_image_covers_the_same_pixels_before(angle: int) -> None:
    rgb = np.zeros((20, 30, 3), np.uint8)
    rgb[2:5, 10:17] = 255
    turned = rotation.turned(rgb, angle)
    rows, columns = np.nonzero(turned[:, :, 0])
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    size = (turned.shape[1], turned.shape[0])
    assert rotation.turned_back(box, angle, size) == (10, 2, 17, 5)


def test_the_surroundings_have_the_face_in_their_middle_also_at_an_edge() -> None:
    rgb = np.zeros((20, 30, 3), np.uint8)
    rgb[0:4, 0:4] = 255
    around = rotation.surroundings(rgb, (0, 0, 4, 4))
    assert around.shape == (8, 8, 3)
    assert around[2:6, 2:6].min() == 255
    assert rotation.surroundings(rgb, (0, 0, 4, 4), 64).shape == (64, 64, 3)


def test_an_engine_without_known_norms_never_asks_for_a_look() -> None:
    dlib, sface = spec("dlib"), spec("sface")
    for norm in (float("nan"), 0.0, 1.0):
        assert not rotation.asks_for_look(dlib, norm)
    assert [rotation.asks_for_look(sface, norm) for norm in (5.0, 9.0, 12.0)] == [True, True, False]


def test_a_box_found_in_the_surroundings_lies_in_the_image() -> None:
    box = (10, 4, 16, 12)
    assert rotation.out_of_surroundings((4, 4, 12, 12), box, (30, 20)) == (9, 4, 17, 12)
    assert rotation.out_of_surroundings((0, 0, 16, 16), box, (18, 14)) == (5, 0, 18, 14)
