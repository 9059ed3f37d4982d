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
