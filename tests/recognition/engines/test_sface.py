from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest

from facecli.recognition.engines import engine, onnx_recipes, sface, weights
from facecli.recognition.engines.scoring import NetworkOutput

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Engine, Rgb

PEOPLE = ("senator", "president", "premier")
Photo = Callable[[str], "Rgb"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return engine.load("sface")


@pytest.fixture(scope="module")
def opencv() -> cv2.FaceDetectorYN:
    """OpenCV's own YuNet, from the file as it ships."""
    content = np.frombuffer(weights.read_shipped(weights.YUNET, "sface"), np.uint8)
    nothing = np.empty(0, np.uint8)
    return cv2.FaceDetectorYN.create(
        "onnx", content, nothing, (320, 320), sface.SCORE, sface.OVERLAP, 5000
    )


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("size", [(256, 256), (320, 416), (211, 333)])
def test_the_detector_agrees_with_opencvs(
    made: Engine, opencv: cv2.FaceDetectorYN, photo: Photo, name: str, size: tuple[int, int]
) -> None:
    rgb: Any = cv2.resize(photo(name), size, interpolation=cv2.INTER_AREA)
    opencv.setInputSize(size)
    rows = opencv.detect(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1]
    faces = made.detect(rgb)
    assert len(faces) == len(rows) == 1
    x, y, width, height = rows[0][:4]
    expected = (x, y, x + width, y + height)
    assert np.abs(np.subtract(faces[0].box, expected)).max() < 1.01
    assert np.abs(faces[0].landmarks - rows[0][4:14].reshape(5, 2)).max() < 0.05
    assert faces[0].score == pytest.approx(rows[0][14], abs=1e-3)


def test_several_faces_are_found_once_each_largest_first(
    made: Engine, photo: Photo, opencv: cv2.FaceDetectorYN
) -> None:
    wide = np.zeros((600, 1400, 3), np.uint8)
    wide[:, :521] = photo("senator")[:, :521]
    premier, president = photo("premier")[::2, ::2], photo("president")[::3, ::3]
    wide[: premier.shape[0], 600 : 600 + premier.shape[1]] = premier
    wide[: president.shape[0], 1000 : 1000 + president.shape[1]] = president
    faces = made.detect(wide)
    assert [face.box[0] // 500 for face in faces] == [0, 1, 2]
    areas = [face.area for face in faces]
    assert areas == sorted(areas, reverse=True)


def test_faces_of_all_sizes_are_found(made: Engine, photo: Photo) -> None:
    for side in (60, 150, 700, 3000):
        rgb: Any = cv2.resize(photo("premier"), (side, side * 600 // 459))
        [face] = made.detect(rgb)
        assert 0 <= face.box[0] < face.box[2] <= rgb.shape[1]
        assert 0.2 < (face.box[2] - face.box[0]) / side < 0.8


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (700, 1), (31, 33), (3, 5000)])
def test_odd_shapes_have_no_face_and_do_not_crash(made: Engine, shape: tuple[int, int]) -> None:
    assert made.detect(np.full((*shape, 3), 200, np.uint8)) == []
    assert made.templates(np.zeros((*shape, 3), np.uint8), []).vectors.shape == (0, 128)


@pytest.fixture(scope="module")
def chips(made: Engine, photo: Photo) -> np.ndarray:
    """(3, 3, 112, 112) float32: the three faces aligned."""
    images = [photo(name) for name in PEOPLE]
    faces = np.stack([sface.aligned(rgb, made.detect(rgb)[0]) for rgb in images])
    return faces.transpose(0, 3, 1, 2).astype(np.float32)


def test_unpacked_and_folded_the_network_gives_what_the_file_gives(chips: np.ndarray) -> None:
    source = weights.read_shipped(weights.SFACE, "sface")
    model = onnx.load_from_string(source)
    del model.graph.input[1:]  # the weights listed as inputs
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    whole = onnxruntime.InferenceSession(model.SerializeToString(), options)
    expected = np.concatenate([whole.run(None, {"data": chip[None]})[0] for chip in chips])
    folded = weights.open_session(onnx_recipes.sface(source), "sface")
    [found] = folded.run(None, {"input": chips})
    found, expected = (NetworkOutput.of_unit_length(raw).vectors for raw in (found, expected))
    assert np.abs(found - expected).max() < 1e-5


def test_a_batch_gives_the_templates_of_each(made: Engine, photo: Photo) -> None:
    rgb = photo("premier")
    face = made.detect(rgb)[0]
    many = made.templates(rgb, [face] * (sface.BATCH + 3)).vectors
    assert np.abs(many - many[0]).max() < 1e-6


def test_the_same_person_is_closer_than_others(made: Engine, photo: Photo) -> None:
    senator = photo("senator")
    small: Any = cv2.resize(senator, None, fx=0.35, fy=0.35, interpolation=cv2.INTER_AREA)
    turned = np.ascontiguousarray(np.rot90(small[:, ::-1]))
    upright = np.ascontiguousarray(np.rot90(turned, -1))
    images = [senator, upright, photo("president"), photo("premier")]
    rows = [made.templates(rgb, made.detect(rgb)).vectors[0] for rgb in images]
    genuine, *impostors = (float(np.linalg.norm(rows[0] - row)) for row in rows[1:])
    assert genuine < 0.7
    assert min(impostors) > 1.13


def test_alignment_brings_the_landmarks_to_their_places(made: Engine, photo: Photo) -> None:
    rgb = photo("premier")
    chip = sface.aligned(rgb, made.detect(rgb)[0])
    assert chip.shape == (112, 112, 3)
    framed: Any = cv2.copyMakeBorder(chip, 50, 50, 50, 50, cv2.BORDER_CONSTANT)
    [again] = made.detect(framed)
    assert np.abs(again.landmarks - 50 - sface.FIVE_POINTS).max() < 6
