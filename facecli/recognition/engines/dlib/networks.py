"""dlib's two face networks as ONNX: recipes for `weights` on networks that `weights_format` reads.

The results are dlib's own within rounding. dlib first subtracts the mean colour and divides by
256. Both are folded into the first convolution; this is exact, because it has no padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from facecli.recognition.engines.dlib import weights_format
from facecli.recognition.engines.dlib.weights_format import Layer, Network
from facecli.recognition.engines.onnx_recipes import Graph

if TYPE_CHECKING:
    from facecli.recognition.engines.onnx_recipes import Array

DEPTH = 256.0
"""Divisor of pixels in dlib, after subtracting the mean colour."""


class Flow(NamedTuple):
    """A tensor between layers: its name in the graph, its channels, and its side in pixels."""

    name: str
    channels: int
    side: int


def template(source: bytes) -> bytes:
    """Return the template network: `input` (n, 3, 150, 150) RGB 0..255 to `output` (n, 128).

    Raises:
        FormatError: the source is not a network of dlib.
        ValueError: it is another network.
    """
    network = weights_format.read(source)
    if network.loss.name != "metric" or network.input.name != "image":
        raise ValueError("not a template network")
    side = network.input.settings["rows"]
    graph = Graph()
    _chain(graph, network, side, last="output")
    return graph.model("dlib-template", {"input": ["n", 3, side, side]}, {"output": ["n", 128]})


def detector(source: bytes) -> bytes:
    """Return the detector: `input` (n, 3, height, width) RGB 0..255 to `output` of scores.

    The output is (n, 1, rows, columns); a score above 0 is a face. Cell (r, c) is centred on pixel
    8r + 94, 8c + 94. dlib pads its inner layers with zeros, so that its cells reach the edges. Here
    these layers have no padding, so that every cell is computed from pixels only.

    Raises:
        FormatError: the source is not a network of dlib.
        ValueError: it is another network.
    """
    network = weights_format.read(source)
    if network.loss.name != "mmod" or network.loss.settings["window"] != (80, 80):
        raise ValueError("not the face detector")
    graph = Graph()
    _chain(graph, _without_padding(network), 0, last="output")
    return graph.model(
        "dlib-detector",
        {"input": ["n", 3, "height", "width"]},
        {"output": ["n", 1, "rows", "columns"]},
    )


def _without_padding(network: Network) -> Network:
    layers = tuple(
        replace(layer, settings={**layer.settings, "padding_x": 0, "padding_y": 0})
        if layer.name == "con"
        else layer
        for layer in network.layers
    )
    return replace(network, layers=layers)


def _chain(graph: Graph, network: Network, side: int, last: str) -> None:
    """Write the layers one after another, with tags, skips and additions."""
    flow = Flow("input", 3, side)
    before: Flow | None = None
    tagged: Flow | None = None
    other: Flow | None = None
    layers = _folded(network)
    for at, layer in enumerate(layers):
        output = last if at == len(layers) - 1 else None
        if layer.name == "tag":
            before, tagged = tagged, flow
            other = flow
        elif layer.name == "skip":
            if before is None:
                raise ValueError("a skip without a tag before it")
            flow, other = before, tagged
        elif layer.name == "add":
            if other is None:
                raise ValueError("an addition without a tag")
            flow = _added(graph, flow, other)
        else:
            flow = _WRITERS[layer.name](graph, layer, flow, output)


def _folded(network: Network) -> list[Layer]:
    """Return the layers with normalisations folded into the convolutions before them.

    The mean and the depth of the input are folded into the first convolution.
    """
    layers: list[Layer] = []
    for layer in network.layers:
        if layer.name in ("affine", "bn_con"):
            if not layers or layers[-1].name != "con":
                raise ValueError("a normalisation without a convolution before it")
            layers[-1] = _with_gain(layers[-1], *_gain(layer))
        else:
            layers.append(layer)
    first = layers[0]
    if first.name != "con" or first.settings["padding_x"] or first.settings["padding_y"]:
        raise ValueError("the first layer must be a convolution without padding")
    mean = np.asarray(network.input.settings["mean"])
    weight = first.tensors["weight"].astype(np.float64) / DEPTH
    bias = first.tensors["bias"] - np.einsum("ocij,c->o", weight, mean)
    layers[0] = Layer("con", first.settings, {"weight": weight, "bias": bias})
    return layers


def _gain(layer: Layer) -> tuple[Array, Array]:
    """Return gain and shift of each channel, float64."""
    parts = {name: values.astype(np.float64).reshape(-1) for name, values in layer.tensors.items()}
    if layer.name == "affine":
        return parts["gain"], parts["shift"]
    gain = parts["gain"] / np.sqrt(parts["running_variance"] + layer.settings["epsilon"])
    return gain, parts["shift"] - gain * parts["running_mean"]


def _with_gain(layer: Layer, gain: Array, shift: Array) -> Layer:
    weight = layer.tensors["weight"] * gain[:, None, None, None]
    return Layer(
        "con", layer.settings, {"weight": weight, "bias": layer.tensors["bias"] * gain + shift}
    )


def _window(layer: Layer) -> dict[str, list[int]]:
    settings = layer.settings
    y, x = settings["padding_y"], settings["padding_x"]
    return {"strides": [settings["stride_y"], settings["stride_x"]], "pads": [y, x, y, x]}


def _side(layer: Layer, side: int) -> int:
    """Return the side of a square after the window of a layer; 0 means unknown and stays 0."""
    settings = layer.settings
    if not side:
        return 0
    return (side + 2 * int(settings["padding_y"]) - int(settings["rows"])) // int(
        settings["stride_y"]
    ) + 1


def _convolution(graph: Graph, layer: Layer, flow: Flow, output: str | None) -> Flow:
    weight, bias = layer.tensors["weight"], layer.tensors["bias"]
    name = graph.conv(flow.name, weight, bias, output=output, **_window(layer))
    return Flow(name, weight.shape[0], _side(layer, flow.side))


def _relu(graph: Graph, layer: Layer, flow: Flow, output: str | None) -> Flow:
    return flow._replace(name=graph.add("Relu", flow.name, output=output))


def _max_pool(graph: Graph, layer: Layer, flow: Flow, output: str | None) -> Flow:
    shape = [layer.settings["rows"], layer.settings["columns"]]
    name = graph.add("MaxPool", flow.name, output=output, kernel_shape=shape, **_window(layer))
    return flow._replace(name=name, side=_side(layer, flow.side))


def _average_pool(graph: Graph, layer: Layer, flow: Flow, output: str | None) -> Flow:
    shape = [layer.settings["rows"], layer.settings["columns"]]
    if shape == [0, 0]:  # dlib's code for a global pool
        pooled = graph.add("GlobalAveragePool", flow.name, output=output)
        return flow._replace(name=pooled, side=1)
    name = graph.add("AveragePool", flow.name, output=output, kernel_shape=shape, **_window(layer))
    return flow._replace(name=name, side=_side(layer, flow.side))


def _matrix(graph: Graph, layer: Layer, flow: Flow, output: str | None) -> Flow:
    weight = layer.tensors["weight"]
    if flow.side != 1 or weight.shape[0] != flow.channels:
        raise ValueError("a matrix that does not fit what comes to it")
    flat = graph.add("Flatten", flow.name)
    name = graph.add("MatMul", flat, graph.constant(weight), output=output)
    return Flow(name, weight.shape[1], 1)


_WRITERS = {
    "con": _convolution,
    "relu": _relu,
    "max_pool": _max_pool,
    "avg_pool": _average_pool,
    "fc": _matrix,
}


def _added(graph: Graph, one: Flow, two: Flow) -> Flow:
    """Add two tensors. dlib pads both with zeros at the end to the larger in each dimension."""
    channels, side = max(one.channels, two.channels), max(one.side, two.side)
    names = [_padded(graph, flow, channels, side) for flow in (one, two)]
    return Flow(graph.add("Add", *names), channels, side)


def _padded(graph: Graph, flow: Flow, channels: int, side: int) -> str:
    more, wider = channels - flow.channels, side - flow.side
    if not more and not wider:
        return flow.name
    ends: Sequence[int] = (0, 0, 0, 0, 0, more, wider, wider)
    return graph.add("Pad", flow.name, graph.constant(np.array(ends, np.int64)))
