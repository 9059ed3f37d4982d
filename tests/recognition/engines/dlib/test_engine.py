from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import dlib
import numpy as np
import pytest
from PIL import Image

from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines import engine, sface, weights
from facecli.recognition.engines.dlib import engine as dlib_engine
from facecli.recognition.engines.dlib import networks as dlib_networks
from facecli.recognition.engines.dlib.engine import DlibEngine
from facecli.recognition.engines.dlib.pyramid import Pyramid, best_box
from tests.conftest import SAMPLE_DATA

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

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
    """The folder of dlib's own files."""
    found = importlib.util.find_spec("face_recognition_models")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "models"


@pytest.fixture(scope="module")
def photographs(photo: Photo) -> dict[str, Rgb]:
    """Every photograph that the project has, by name."""
    pictures = {name: photo(name) for name in PEOPLE}
    for path in sorted(SAMPLE_DATA.glob("*/*.jpg")):
        with Image.open(path) as image:
            pictures[path.stem] = np.asarray(image.convert("RGB"))
    return pictures


def test_template_components_are_dlibs_own(
    made: DlibEngine, photographs: dict[str, Rgb], folder: Path
) -> None:
    network = dlib.face_recognition_model_v1(str(folder / weights.RESNET.file))
    chips = [made.chip(rgb, face) for rgb in photographs.values() for face in made.detect(rgb)]
    noise = np.random.default_rng(1).integers(0, 255, (150, 150, 3), np.uint8)
    many = np.stack([*chips, *(chip[:, ::-1] for chip in chips), noise])
    expected = np.array([network.compute_face_descriptor(np.ascontiguousarray(c)) for c in many])
    assert np.abs(made.raw(many) - expected).max() < 1e-5


def fitted(rgb: Rgb, side: int) -> Rgb:
    factor = side / max(rgb.shape[:2])
    return np.ascontiguousarray(
        cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    )


def overlap(one: Sequence[float], two: Sequence[float]) -> float:
    """Intersection over union."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    both = max(width, 0) * max(height, 0)
    return both / (sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, two)) - both)


def test_every_face_of_dlibs_detector_is_found_with_its_box(
    made: DlibEngine, photographs: dict[str, Rgb], folder: Path
) -> None:
    detector = dlib.cnn_face_detection_model_v1(str(folder / weights.MMOD.file))
    overlaps = []
    for name, picture in photographs.items():
        rgb = fitted(picture, 600 if name == "group" else 260)
        height, width = rgb.shape[:2]
        mine = [face.box for face in made.detect(rgb)]
        for found in detector(rgb, 0):
            rect = found.rect.intersect(dlib.rectangle(0, 0, width - 1, height - 1))
            box = (rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1)
            overlaps.append(max(overlap(box, other) for other in mine))
    assert len(overlaps) > len(photographs)  # there are several in the group
    assert min(overlaps) > 0.6  # a neighbouring cell or size, where scores are nearly equal
    assert sum(each == 1 for each in overlaps) > len(overlaps) / 2


def test_detector_scores_are_dlibs_own(made: DlibEngine, photo: Photo, folder: Path) -> None:
    detector = dlib.cnn_face_detection_model_v1(str(folder / weights.MMOD.file))
    rgb = fitted(photo("premier"), 260)
    [found] = detector(rgb, 0)
    sides = (found.rect.left(), found.rect.top(), found.rect.right() + 1, found.rect.bottom() + 1)
    views = Pyramid(rgb).views(sides)
    [scores] = made._detector.run(None, {"input": np.stack([view.pixels for view in views])})
    assert best_box(views, scores[:, 0]) == sides
    assert scores.max() == pytest.approx(found.confidence, abs=5e-3)


def test_where_yunet_is_unsure_dlibs_detector_decides(made: DlibEngine) -> None:
    def half(name: str) -> Rgb:
        with Image.open(name) as image:
            rgb = np.asarray(image.convert("RGB"))
        return fitted(rgb[:, : rgb.shape[1] // 2], 300)

    seen, unseen = (half(f"{SAMPLE_DATA}/probes/{name}.jpg") for name in ("gate-2", "stranger"))
    for rgb in (seen, unseen):
        [face] = made._proposer.detect(rgb, dlib_engine.PROPOSED)
        assert dlib_engine.PROPOSED <= (face.score or 0) < sface.SCORE
    assert len(made.detect(seen)) == 1
    assert made.detect(unseen) == []


def test_a_face_that_only_yunet_is_sure_of_is_kept(made: DlibEngine, photo: Photo) -> None:
    rgb = photo("senator")
    half = fitted(rgb[:, : rgb.shape[1] // 2], 300)
    [proposed] = made._proposer.detect(half)
    assert made._own_box(Pyramid(half), dlib_engine._like_dlibs(proposed.box)) is None
    [face] = made.detect(half)
    assert overlap(face.box, proposed.box) > 0.4


def test_a_face_in_a_large_image_is_found_at_the_same_place(made: DlibEngine, photo: Photo) -> None:
    rgb = photo("premier")
    [small], [large] = made.detect(rgb), made.detect(fitted(rgb, 3000))
    factor = 3000 / max(rgb.shape[:2])
    assert overlap(large.box, [side * factor for side in small.box]) > 0.6
    assert large.landmarks == pytest.approx(small.landmarks * factor, abs=25)


def test_the_same_person_is_closer_than_others(made: DlibEngine, photo: Photo) -> None:
    senator = photo("senator")
    mirrored = np.ascontiguousarray(senator[:, ::-1])
    images = [senator, mirrored, photo("president"), photo("premier")]
    rows = [made.templates(rgb, made.detect(rgb)).vectors[0] for rgb in images]
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
    rows = made.templates(sheet, faces).vectors
    alone = np.concatenate([made.templates(sheet, [face]).vectors for face in faces])
    assert rows == pytest.approx(alone, abs=1e-6)
    assert 0.01 < np.linalg.norm(rows - rows[0], axis=1).max() < 0.4  # nearly equal


def test_a_template_of_one_view_is_dlibs_own_at_unit_length(made: DlibEngine, photo: Photo) -> None:
    rgb = photo("president")
    faces = made.detect(rgb)
    chips = np.stack([made.chip(rgb, face) for face in faces])
    [plain], [mirrored] = made.raw(chips), made.raw(chips[:, :, ::-1])
    one = engine.load(engine.spec("dlib", 1))
    [single], [double] = one.templates(rgb, faces).vectors, made.templates(rgb, faces).vectors
    assert single == pytest.approx(plain / np.linalg.norm(plain), abs=1e-6)
    both = plain + mirrored
    assert double == pytest.approx(both / np.linalg.norm(both), abs=1e-6)
    assert 0.01 < np.linalg.norm(single - double) < 0.3


def test_no_face_gives_none(made: DlibEngine) -> None:
    for shape in ((1, 1, 3), (200, 300, 3)):
        rgb = np.full(shape, 127, np.uint8)
        assert made.detect(rgb) == []
        assert made.templates(rgb, []).vectors.shape == (0, 128)


def test_weights_that_are_missing_or_swapped_are_refused_with_the_remedy(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelFailed, match=r"facecli\[dlib\]"):
        dlib_engine._read(tmp_path, weights.RESNET, "dlib")
    (tmp_path / weights.RESNET.file).write_bytes(b"another network")
    with pytest.raises(ModelFailed, match="not the file"):
        dlib_engine._read(tmp_path, weights.RESNET, "dlib")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelFailed, match=r"facecli\[dlib\]"):
        engine.load("dlib")


def test_a_recipe_refuses_the_other_network(folder: Path) -> None:
    read = {one.file: (folder / one.file).read_bytes() for one in (weights.MMOD, weights.RESNET)}
    with pytest.raises(ValueError, match="not a template network"):
        dlib_networks.template(read[weights.MMOD.file])
    with pytest.raises(ValueError, match="not the face detector"):
        dlib_networks.detector(read[weights.RESNET.file])
