"""dlib's networks as ONNX, from small networks made here; `test_engine.py` holds the real ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from facecli.recognition.engines import weights
from facecli.recognition.engines.dlib import networks
from facecli.recognition.engines.dlib.weights_format import Layer, Network
from facecli.recognition.engines.onnx_recipes import Graph

MEAN = [100.0, 110.0, 120.0]
CONV = {"filters": 2, "rows": 2, "columns": 2, "stride_y": 2, "stride_x": 2,
        "padding_y": 0, "padding_x": 0}  # fmt: skip
RANDOM = np.random.default_rng(7)
WEIGHT = RANDOM.normal(size=(2, 3, 2, 2)).astype(np.float32)
BIAS = np.array([0.5, -0.5], np.float32)
GAIN, SHIFT = np.array([2.0, -1.0], np.float32), np.array([0.25, 0.75], np.float32)
MATRIX = RANDOM.normal(size=(2, 4)).astype(np.float32)


def network(*layers: Layer, side: int = 4) -> Network:
    entry = Layer("image", {"mean": MEAN, "rows": side, "columns": side})
    return Network(Layer("metric"), entry, layers)


def first() -> Layer:
    return Layer("con", CONV, {"weight": WEIGHT, "bias": BIAS})


def affine() -> Layer:
    return Layer("affine", {}, {"gain": GAIN, "shift": SHIFT})


def pool() -> Layer:
    zeros: dict[str, Any] = dict.fromkeys(CONV, 0)
    return Layer("avg_pool", {**zeros, "stride_y": 1, "stride_x": 1})


def matrix() -> Layer:
    return Layer("fc", {}, {"weight": MATRIX})


def convolved(image: np.ndarray) -> np.ndarray:
    """(2, 2, 2) the first layer of dlib: mean and depth taken off, then the convolution."""
    plane = (image - np.array(MEAN)[:, None, None]) / 256
    out = np.empty((2, 2, 2))
    for row in range(2):
        for column in range(2):
            part = plane[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            out[:, row, column] = (WEIGHT * part).sum(axis=(1, 2, 3)) + BIAS
    return out


def made(source: Network, side: int = 4) -> np.ndarray:
    """The output for one image of the network that is written."""
    graph = Graph()
    networks._chain(graph, source, side, last="output")
    content = graph.model("test", {"input": ["n", 3, side, side]}, {"output": ["n", 4]})
    [found] = weights.open_session(content, "test").run(
        None, {"input": image(side)[None].astype(np.float32)}
    )
    return np.asarray(found)


def image(side: int = 4) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (3, side, side)).astype(np.float64)


def test_mean_depth_and_normalisation_are_folded_exactly() -> None:
    source = network(first(), affine(), Layer("relu"), pool(), matrix())
    normalised = convolved(image()) * GAIN[:, None, None] + SHIFT[:, None, None]
    expected = np.maximum(normalised, 0).mean(axis=(1, 2)) @ MATRIX
    assert made(source)[0] == pytest.approx(expected, abs=1e-5)


def test_an_addition_adds_what_came_to_its_tag() -> None:
    source = network(first(), Layer("tag"), Layer("relu"), Layer("add"), pool(), matrix())
    plain = convolved(image())
    expected = (np.maximum(plain, 0) + plain).mean(axis=(1, 2)) @ MATRIX
    assert made(source)[0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        ((affine(),), "normalisation without a convolution"),
        ((Layer("relu"), first()), "first layer must be a convolution"),
        ((first(), Layer("add")), "addition without a tag"),
        ((first(), Layer("skip")), "skip without a tag"),
        ((first(), matrix()), "matrix that does not fit"),
    ],
)
def test_layers_in_an_impossible_order_are_refused(layers: tuple[Layer, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        made(network(*layers))
