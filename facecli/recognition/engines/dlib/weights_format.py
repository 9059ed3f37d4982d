"""Read dlib's serialised networks (its `.dat` files), layer by layer.

A file holds the loss layer, then one version number for every layer from the outermost to the
input, then the layers themselves from the input outwards. Each layer has its name, its settings
and its tensors. Tags and skips are version numbers without a name. Anything unexpected is refused
with its place in the file: nothing is guessed and nothing is skipped. Source: the format as dlib
19 and 20 write it (dlib/dnn/core.h, dlib/dnn/layers.h); `values_format` reads the values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from facecli.recognition.engines.dlib.values_format import FormatError, Reader

if TYPE_CHECKING:
    import numpy.typing as npt

    Reads = Callable[[Reader], "Layer"]
    Array = npt.NDArray[np.floating[Any]]

MOST_LAYERS = 1_000


@dataclass(frozen=True)
class Layer:
    """One layer: dlib's name for it, its settings as numbers, and its float32 tensors."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Network:
    """A network: its loss, its input's settings, and its layers from the input outwards.

    Layers without a name are called `tag` and `skip` here: a tag remembers its input, and a skip
    after a tag continues from the tag before that one.
    """

    loss: Layer
    input: Layer
    layers: tuple[Layer, ...]


def read(content: bytes) -> Network:
    """Return the network in the content of a file. Raises `FormatError`."""
    reader = Reader(content)
    reader.expect(1, "the version of the loss layer")
    loss = _LOSSES[reader.name(_LOSSES)](reader)
    versions = _versions(reader)
    entry = _INPUTS[reader.name(_INPUTS)](reader)
    layers = []
    for at, version in enumerate(reversed(versions)):
        layers.append(Layer("tag") if version == 1 else _layer(reader, first=at == 0))
    if reader.offset != len(content):
        raise FormatError(reader.offset, "more bytes than the network needs")
    return Network(loss, entry, tuple(_with_skips(layers)))


def _versions(reader: Reader) -> list[int]:
    """Read the versions of all layers, the outermost first.

    1 is a tag or a skip, 2 a layer, 3 the innermost layer.
    """
    versions: list[int] = []
    while len(versions) < MOST_LAYERS:
        versions.append(reader.integer())
        if versions[-1] == 3:
            return versions
        if versions[-1] not in (1, 2):
            raise FormatError(reader.offset, f"a layer of the unknown version {versions[-1]}")
    raise FormatError(reader.offset, "too many layers")


def _with_skips(layers: list[Layer]) -> list[Layer]:
    """Name the layers without a name: the second of two in a row is the skip."""
    named: list[Layer] = []
    for layer in layers:
        after_tag = bool(named) and named[-1].name == "tag"
        named.append(Layer("skip") if layer.name == "tag" and after_tag else layer)
    return named


def _layer(reader: Reader, *, first: bool) -> Layer:
    """Read a layer with its surroundings: three flags, and three tensors that training leaves."""
    layer = _LAYERS[reader.name(_LAYERS)](reader)
    for flag in ("setup", "gradient", "gradient output"):
        reader.flag(f"the flag {flag} of {layer.name}")
    for rest in ("gradient", "output", "parameter gradient"):
        if reader.tensor(f"the {rest} of {layer.name}").size:
            raise FormatError(reader.offset, f"{layer.name} was saved in the midst of training")
    if first:
        reader.expect(1, "the count of images a sample is expanded to")
    return layer


# -- the kinds of layers ------------------------------------------------------------------


def _convolution(reader: Reader) -> Layer:
    flat = reader.tensor("the parameters of a convolution")
    names = ("filters", "rows", "columns", "stride_y", "stride_x", "padding_y", "padding_x")
    settings = {name: reader.size(f"a convolution's {name}") for name in names}
    shape = reader.alias("the filters of a convolution")
    bias = reader.alias("the biases of a convolution")
    reader.numbers(4, "a convolution's multiplier")
    filters = math.prod(shape)
    expected = (settings["filters"], shape[1], settings["rows"], settings["columns"])
    if shape != expected or bias != (1, shape[0], 1, 1) or flat.size != filters + shape[0]:
        raise FormatError(reader.offset, "a convolution whose counts do not agree")
    tensors = {"weight": flat.reshape(-1)[:filters].reshape(shape)}
    return Layer("con", settings, {**tensors, "bias": flat.reshape(-1)[filters:]})


def _gain_and_shift(reader: Reader, flat: Array, kind: str) -> dict[str, Array]:
    gain, shift = reader.alias(f"the gain of {kind}"), reader.alias(f"the shift of {kind}")
    count = math.prod(gain)
    if gain != shift or flat.size != 2 * count:
        raise FormatError(reader.offset, f"{kind} whose counts do not agree")
    return {"gain": flat.reshape(-1)[:count], "shift": flat.reshape(-1)[count:]}


def _affine(reader: Reader) -> Layer:
    tensors = _gain_and_shift(reader, reader.tensor("an affine layer"), "an affine layer")
    reader.expect(0, "the mode of an affine layer after a convolution")
    return Layer("affine", {}, tensors)


def _normalisation(reader: Reader) -> Layer:
    """Read a batch normalisation after a convolution, saved in training form."""
    kind = "a normalisation"
    tensors = _gain_and_shift(reader, reader.tensor(kind), kind)
    for name in ("mean", "inverse_deviation", "running_mean", "running_variance"):
        tensors[name] = reader.tensor(f"the {name} of {kind}").reshape(-1)
        if tensors[name].size != tensors["gain"].size:
            raise FormatError(reader.offset, f"{kind} whose counts do not agree")
    reader.integer()
    reader.integer()
    reader.numbers(4, f"{kind}'s multiplier")
    return Layer("bn_con", {"epsilon": reader.number(f"{kind}'s epsilon")}, tensors)


def _pooling(kind: str) -> Reads:
    def pooling(reader: Reader) -> Layer:
        names = ("rows", "columns", "stride_y", "stride_x", "padding_y", "padding_x")
        return Layer(kind, {name: reader.size(f"a pooling's {name}") for name in names})

    return pooling


def _matrix(reader: Reader) -> Layer:
    """Read a fully connected layer without bias."""
    outputs, inputs = reader.size("a matrix's outputs"), reader.size("a matrix's inputs")
    flat = reader.tensor("a matrix")
    shape = reader.alias("the weights of a matrix")
    reader.alias("the bias of a matrix")
    reader.expect(1, "the mode of a matrix without bias")
    reader.numbers(4, "a matrix's multiplier")
    if shape != (inputs, outputs, 1, 1) or flat.size != inputs * outputs:
        raise FormatError(reader.offset, "a matrix whose counts do not agree")
    return Layer("fc", {}, {"weight": flat.reshape(inputs, outputs)})


def _plain(kind: str) -> Reads:
    return lambda _: Layer(kind)


def _sized_image(reader: Reader) -> Layer:
    mean = reader.numbers(3, "the mean colour")
    rows, columns = reader.size("the input's rows"), reader.size("the input's columns")
    return Layer("image", {"mean": mean, "rows": rows, "columns": columns})


def _pyramid(reader: Reader) -> Layer:
    return Layer("pyramid", {"mean": reader.numbers(3, "the mean colour")})


def _metric_loss(reader: Reader) -> Layer:
    return Layer("metric", {"margins": reader.numbers(2, "a margin")})


def _detection_loss(reader: Reader) -> Layer:
    """Read the loss of max-margin object detection: the detector's window, and the intersection
    over union above which overlapping boxes are suppressed."""
    reader.expect(1, "the count of windows")
    window = (reader.size("the window's width"), reader.size("the window's height"))
    numbers = reader.numbers(7, "a setting of the detector")
    return Layer("mmod", {"window": window, "overlap": numbers[3], "covered": numbers[4]})


_LOSSES: dict[str, Reads] = {"loss_metric_2": _metric_loss, "loss_mmod_": _detection_loss}
_INPUTS: dict[str, Reads] = {
    "input_rgb_image_sized": _sized_image,
    "input_rgb_image_pyramid": _pyramid,
}
_LAYERS: dict[str, Reads] = {
    "con_4": _convolution,
    "affine_": _affine,
    "bn_con2": _normalisation,
    "relu_": _plain("relu"),
    "add_prev_": _plain("add"),
    "max_pool_2": _pooling("max_pool"),
    "avg_pool_2": _pooling("avg_pool"),
    "fc_2": _matrix,
}
