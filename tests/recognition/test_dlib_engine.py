from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import dlib
import numpy as np
import pytest

from facecli.errors import ModelFailed
from facecli.recognition import dlib_engine, dlib_networks, engine
from facecli.recognition.dlib_engine import DlibEngine

if TYPE_CHECKING:
    from facecli.recognition.engine import Rgb

PEOPLE = ("senator", "president", "premier")
Photo = Callable[[str], "Rgb"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DlibEngine:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        loaded = engine.load("dlib")
    assert isinstance(loaded, DlibEngine)
    return loaded


@pytest.fixture(scope="module")
def folder() -> Path:
    """Where dlib's own files are."""
    found = importlib.util.find_spec("face_recognition_models")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "models"


def test_template_components_are_dlibs_own(made: DlibEngine, photo: Photo, folder: Path) -> None:
    network = dlib.face_recognition_model_v1(str(folder / dlib_engine.NETWORK.file))
    chips = [made.chip(photo(name), made.detect(photo(name))[0]) for name in PEOPLE]
    noise = np.random.default_rng(1).integers(0, 255, (150, 150, 3), np.uint8)
    many = np.stack([*chips, *(chip[:, ::-1] for chip in chips), noise])
    expected = np.array([network.compute_face_descriptor(np.ascontiguousarray(c)) for c in many])
    assert np.abs(made.raw(many) - expected).max() < 1e-5


def test_the_detector_finds_dlibs_faces(made: DlibEngine, photo: Photo, folder: Path) -> None:
    detector = dlib.cnn_face_detection_model_v1(str(folder / dlib_engine.DETECTOR.file))
    for name in PEOPLE:
        rgb = np.ascontiguousarray(photo(name)[::2, ::2])
        [found] = detector(rgb, 0)
        [face] = made.detect(rgb)
        sides = (found.rect.left(), found.rect.top(), found.rect.right(), found.rect.bottom())
        assert dlib_engine._overlap(tuple(map(float, sides)), tuple(map(float, face.box))) > 0.55


def test_detector_scores_are_dlibs_own(made: DlibEngine, photo: Photo, folder: Path) -> None:
    """On an image in which the face has the window's size, so that no pyramid matters."""
    import cv2

    detector = dlib.cnn_face_detection_model_v1(str(folder / dlib_engine.DETECTOR.file))
    rgb = cv2.resize(photo("premier"), (160, 210), interpolation=cv2.INTER_AREA)
    [found] = detector(rgb, 0)
    edge = dlib_networks.PADDING
    plane = np.empty((3, 210 + 2 * edge, 160 + 2 * edge), np.float32)
    plane[:] = dlib_engine.MEAN[:, None, None]
    plane[:, edge:-edge, edge:-edge] = rgb.transpose(2, 0, 1)
    [scores] = made._detector.run(None, {"input": plane[None]})
    row, column = np.unravel_index(scores[0, 0].argmax(), scores[0, 0].shape)
    middle = (
        8 * column + dlib_networks.FIRST - edge,
        8 * row + dlib_networks.FIRST - edge,
    )
    assert scores.max() == pytest.approx(found.confidence, abs=0.15)
    assert abs(middle[0] - found.rect.center().x) < 12
    assert abs(middle[1] - found.rect.center().y) < 12


def test_patches_lie_on_the_grid_of_the_whole_image(made: DlibEngine, photo: Photo) -> None:
    for view in dlib_engine._views(photo("senator"), made.detect(photo("senator"))[0]):
        assert (view.left + dlib_networks.PADDING) % dlib_networks.STRIDE == 0
        assert (view.top + dlib_networks.PADDING) % dlib_networks.STRIDE == 0
        left, top, right, bottom = view.box(0, 0)
        assert (right - left) * view.scale == pytest.approx(dlib_engine.WINDOW)
        assert (left + right) / 2 * view.scale == pytest.approx(view.left + dlib_networks.FIRST)
        assert bottom > top


def test_the_same_person_is_closer_than_others(made: DlibEngine, photo: Photo) -> None:
    senator = photo("senator")
    mirrored = np.ascontiguousarray(senator[:, ::-1])
    images = [senator, mirrored, photo("president"), photo("premier")]
    rows = [made.templates(rgb, made.detect(rgb))[0] for rgb in images]
    genuine, *impostors = (float(np.linalg.norm(rows[0] - row)) for row in rows[1:])
    assert genuine < 0.2
    assert min(impostors) > 0.4
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-6)


def test_several_faces_come_largest_first_and_more_than_a_batch(
    made: DlibEngine, photo: Photo
) -> None:
    small = photo("premier")[::3, ::3]
    sheet = np.tile(small, (3, 4, 1))
    faces = made.detect(sheet)
    assert len(faces) == 12 > dlib_engine.BATCH
    assert [face.area for face in faces] == sorted((face.area for face in faces), reverse=True)
    rows = made.templates(sheet, faces)
    assert np.linalg.norm(rows - rows[0], axis=1).max() < 0.4


def test_no_face_gives_none(made: DlibEngine) -> None:
    for shape in ((1, 1, 3), (200, 300, 3)):
        rgb = np.full(shape, 127, np.uint8)
        assert made.detect(rgb) == []
        assert made.templates(rgb, []).shape == (0, 128)


def test_a_face_that_dlibs_detector_does_not_see_keeps_the_box_it_would_get() -> None:
    like = (10.0, 10.0, 90.0, 90.0)
    views = [
        dlib_engine._View(np.zeros((200, 200, 3), np.uint8), like, level)
        for level in dlib_engine.LEVELS
    ]
    nothing = np.full((len(views), 17, 17), -1, np.float32)
    assert dlib_engine._best_box(views, nothing, like) == like
    elsewhere = nothing.copy()
    elsewhere[:, 0, 0] = 5
    assert dlib_engine._best_box(views, elsewhere, like) == like


def test_weights_that_are_missing_or_swapped_are_refused_with_the_remedy(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelFailed, match=r"facecli\[dlib\]"):
        dlib_engine._read(tmp_path, dlib_engine.NETWORK, "dlib")
    (tmp_path / dlib_engine.NETWORK.file).write_bytes(b"another network")
    with pytest.raises(ModelFailed, match="not the file"):
        dlib_engine._read(tmp_path, dlib_engine.NETWORK, "dlib")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelFailed, match=r"facecli\[dlib\]"):
        engine.load("dlib")


def test_a_recipe_refuses_the_other_network(folder: Path) -> None:
    read = {
        weights.file: (folder / weights.file).read_bytes()
        for weights in (dlib_engine.DETECTOR, dlib_engine.NETWORK)
    }
    with pytest.raises(ValueError, match="not a template network"):
        dlib_networks.template(read[dlib_engine.DETECTOR.file])
    with pytest.raises(ValueError, match="not the face detector"):
        dlib_networks.detector(read[dlib_engine.NETWORK.file])
