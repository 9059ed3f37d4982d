"""The engine of a user's own network."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from facecli.errors.recognition import ModelFailed
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.engines import availability, engine, model_card
from facecli.recognition.engines.engine import DetectedFace
from tests.recognition.conftest import PHOTOS
from tests.tiny_network import DIMENSION, SIDE, WEIGHTS, write_card

FACE = DetectedFace(
    (0, 0, 112, 112),
    0.9,
    np.array([[38.3, 51.7], [73.5, 51.5], [56, 71.7], [41.5, 92.4], [70.7, 92.2]], np.float32),
)


@pytest.fixture
def card(tmp_path: Path) -> Callable[..., Path]:
    """Writes the tiny model and its card, with some fields changed."""
    return partial(write_card, tmp_path)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("colour", ["RGB", "BGR"])
def test_the_network_sees_what_the_card_says(
    card: Callable[..., Path], layout: str, colour: str, metric: str
) -> None:
    path = card(layout=layout, colour=colour, metric=metric, mean=[10, 20, 30], scale=0.5)
    spec = model_card.choose(str(path))
    loaded = engine.load(spec)
    rgb = np.random.default_rng(1).integers(0, 256, (112, 112, 3), np.uint8)
    rgb = np.repeat(np.repeat(rgb[::16, ::16], 16, 0), 16, 1)  # the chip is averaged over 7 x 7
    [found] = loaded.templates(rgb, [FACE]).vectors
    assert found.dtype == np.float32
    from facecli.recognition.engines import alignment, sface

    points = sface.FIVE_POINTS * np.float32(SIDE / 112)
    chip = alignment.chip(rgb, alignment.between(FACE.landmarks, points), SIDE).astype(np.float32)
    plane: Any = chip[:, :, ::-1] if colour == "BGR" else chip
    plane = (plane - [10, 20, 30]) * 0.5
    expected = (plane.transpose(2, 0, 1) if layout == "NCHW" else plane).reshape(-1) @ WEIGHTS
    if metric == "cosine":
        expected = expected / np.linalg.norm(expected)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-3)


def test_a_worker_analyses_with_it(card: Callable[..., Path]) -> None:
    spec = model_card.choose(str(card()))
    work = pickle.loads(pickle.dumps(partial(image_analysis.load_analysis_worker, spec.loadable)))()
    request = image_analysis.AnalysisRequest(str(PHOTOS / "senator.jpg"), "enrol")
    seen = work(request)
    assert len(seen.faces[0].template) == DIMENSION * 4
    availability.check_loads(spec)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("factor", [0.0, np.nan, np.inf, 1e37])
def test_a_network_without_usable_numbers_is_refused(
    tmp_path: Path, factor: float, metric: str
) -> None:
    path = write_card(tmp_path, metric=metric, weights=WEIGHTS * np.float32(factor))
    with pytest.raises(ModelFailed, match="zeros, or numbers that are not finite or too large"):
        engine.load(model_card.choose(str(path)))


@pytest.mark.parametrize("fields", [{"mean": 1e39}, {"scale": 1e39}, {"scale": 1e-50}])
def test_constants_that_leave_no_usable_numbers_are_refused(
    card: Callable[..., Path], fields: dict[str, float]
) -> None:
    with pytest.raises(ModelFailed, match="zeros, or numbers that are not finite or too large"):
        engine.load(model_card.choose(str(card(**fields))))


def test_an_output_of_another_size_is_no_usable_template(tmp_path: Path) -> None:
    path = write_card(tmp_path, network=dark_channels(), dimension=12)
    loaded = engine.load(model_card.choose(str(path)))
    for brightness, usable in ((10, True), (250, False)):
        rgb = np.full((112, 112, 3), brightness, np.uint8)
        [found] = loaded.templates(rgb, [FACE]).vectors
        assert np.isfinite(found).all() == usable


def dark_channels() -> bytes:
    """A network whose output has four numbers for each channel that is dark."""
    shape = [1, 3, SIDE, SIDE]
    graph = helper.make_graph(
        [helper.make_node("GlobalAveragePool", ["in"], ["mean"]),
         helper.make_node("Less", ["mean", "zero"], ["dark"]),
         helper.make_node("NonZero", ["dark"], ["places"]),
         helper.make_node("Cast", ["places"], ["out"], to=TensorProto.FLOAT)],
        "dark",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [4, None])],
        [numpy_helper.from_array(np.zeros((), np.float32), "zero")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dimension": 9}, "gives 8 numbers, and the card has 9"),
        ({"input_size": 32}, "does not take what the card describes"),
    ],
)
def test_a_model_that_does_not_fit_its_card_is_refused(
    card: Callable[..., Path], changes: dict[str, object], says: str
) -> None:
    with pytest.raises(ModelFailed, match=says):
        engine.load(model_card.choose(str(card(**changes))))


def test_a_file_that_is_no_network_is_refused(card: Callable[..., Path], tmp_path: Path) -> None:
    junk = b"no network"
    path = card(sha256=hashlib.sha256(junk).hexdigest())
    (tmp_path / "tiny.onnx").write_bytes(junk)
    with pytest.raises(ModelFailed, match="ONNX Runtime does not take"):
        engine.load(model_card.choose(str(path)))
