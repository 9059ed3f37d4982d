"""Reading dlib's serialised networks (its `.dat` files), layer by layer.

A file holds the loss layer, then one version number for every layer from the outermost to the
input, then the layers themselves from the input outwards, each with its name, its settings and
its tensors. Tags and skips are version numbers alone, without a name. Whatever is not as expected
is refused with its place in the file: nothing is guessed and nothing is skipped.

Numbers: an integer is a control byte (high bit: sign, low nibble: count) and so many bytes, low
byte first; a floating-point number is two integers, mantissa and exponent of two; a tensor is
the integer 2, four dimensions and its float32 values, low byte first. Source: the format as
dlib 19 and 20 write it (dlib/serialize.h, dlib/dnn/core.h, dlib/dnn/layers.h, dlib/cuda/tensor*).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Reads = Callable[["_Reader"], "Layer"]
    Array = npt.NDArray[np.floating[Any]]

MOST_LAYERS = 1_000
LONGEST_NAME = 64


class FormatError(ValueError):
    """The file is not a network as this reader knows them."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"{why}, at byte {offset:,}")
        self.offset = offset


@dataclass(frozen=True)
class Layer:
    """One layer: dlib's name for it, its settings as numbers, and its tensors."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Network:
    """A network: its loss, its input's settings, and its layers from the input outwards.

    Layers named `tag` and `skip` are the nameless ones: a tag remembers what comes to it, a skip
    after a tag goes on from the tag before that.
    """

    loss: Layer
    input: Layer
    layers: tuple[Layer, ...]


def read(content: bytes) -> Network:
    """The network in the content of a file. Raises `FormatError`."""
    reader = _Reader(content)
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


def _versions(reader: _Reader) -> list[int]:
    """Versions of all layers, the outermost first: 1 of a tag or skip, 2 of a layer, 3 of the
    innermost."""
    versions: list[int] = []
    while len(versions) < MOST_LAYERS:
        versions.append(reader.integer())
        if versions[-1] == 3:
            return versions
        if versions[-1] not in (1, 2):
            raise FormatError(reader.offset, f"a layer of the unknown version {versions[-1]}")
    raise FormatError(reader.offset, "too many layers")


def _with_skips(layers: list[Layer]) -> list[Layer]:
    """Of two nameless layers in a row the second is the skip."""
    named: list[Layer] = []
    for layer in layers:
        after_tag = bool(named) and named[-1].name == "tag"
        named.append(Layer("skip") if layer.name == "tag" and after_tag else layer)
    return named


def _layer(reader: _Reader, *, first: bool) -> Layer:
    """A layer with what surrounds it: three flags, and three tensors that training leaves."""
    layer = _LAYERS[reader.name(_LAYERS)](reader)
    for flag in ("setup", "gradient", "gradient output"):
        reader.flag(f"the flag {flag} of {layer.name}")
    for rest in ("gradient", "output", "parameter gradient"):
        if reader.tensor(f"the {rest} of {layer.name}").size:
            raise FormatError(reader.offset, f"{layer.name} was saved in the midst of training")
    if first:
        reader.expect(1, "the count of images a sample is expanded to")
    return layer


# -- what each kind of layer holds --------------------------------------------------------


def _convolution(reader: _Reader) -> Layer:
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


def _gain_and_shift(reader: _Reader, flat: Array, kind: str) -> dict[str, Array]:
    gain, shift = reader.alias(f"the gain of {kind}"), reader.alias(f"the shift of {kind}")
    count = math.prod(gain)
    if gain != shift or flat.size != 2 * count:
        raise FormatError(reader.offset, f"{kind} whose counts do not agree")
    return {"gain": flat.reshape(-1)[:count], "shift": flat.reshape(-1)[count:]}


def _affine(reader: _Reader) -> Layer:
    tensors = _gain_and_shift(reader, reader.tensor("an affine layer"), "an affine layer")
    reader.expect(0, "the mode of an affine layer after a convolution")
    return Layer("affine", {}, tensors)


def _normalisation(reader: _Reader) -> Layer:
    """A batch normalisation after a convolution, saved in training form."""
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
    def pooling(reader: _Reader) -> Layer:
        names = ("rows", "columns", "stride_y", "stride_x", "padding_y", "padding_x")
        return Layer(kind, {name: reader.size(f"a pooling's {name}") for name in names})

    return pooling


def _matrix(reader: _Reader) -> Layer:
    """A fully connected layer without bias."""
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


def _sized_image(reader: _Reader) -> Layer:
    mean = reader.numbers(3, "the mean colour")
    rows, columns = reader.size("the input's rows"), reader.size("the input's columns")
    return Layer("image", {"mean": mean, "rows": rows, "columns": columns})


def _pyramid(reader: _Reader) -> Layer:
    return Layer("pyramid", {"mean": reader.numbers(3, "the mean colour")})


def _metric_loss(reader: _Reader) -> Layer:
    return Layer("metric", {"margins": reader.numbers(2, "a margin")})


def _detection_loss(reader: _Reader) -> Layer:
    """Max-margin object detection: the window that the detector slides, and how boxes that
    overlap are suppressed (above this intersection over union)."""
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


class _Reader:
    """A place in the content, and what can be read there."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.offset = 0

    def integer(self) -> int:
        """A whole number."""
        control = self._take(1)[0]
        count = control & 0x0F
        if control & 0x70 or not 1 <= count <= 8:
            raise FormatError(self.offset - 1, "no integer where one should be")
        value = int.from_bytes(self._take(count), "little")
        return -value if control & 0x80 else value

    def expect(self, value: int, what: str) -> None:
        """A whole number that can only be this one."""
        found = self.integer()
        if found != value:
            raise FormatError(self.offset, f"{what} should be {value} and is {found}")

    def size(self, what: str) -> int:
        """A whole number that can be a size, a stride or a padding."""
        found = self.integer()
        if not 0 <= found <= 65_536:
            raise FormatError(self.offset, f"{what} cannot be {found}")
        return found

    def number(self, what: str) -> float:
        """A floating-point number."""
        mantissa, exponent = self.integer(), self.integer()
        if abs(mantissa) < 1 << 62:
            with suppress(OverflowError):
                return math.ldexp(mantissa, exponent)
        raise FormatError(self.offset, f"{what} is no usable number")

    def numbers(self, count: int, what: str) -> list[float]:
        """So many floating-point numbers."""
        return [self.number(what) for _ in range(count)]

    def name(self, known: dict[str, Reads]) -> str:
        """A name, which must be one of those known."""
        length = self.integer()
        if not 1 <= length <= LONGEST_NAME:
            raise FormatError(self.offset, "no name where one should be")
        found = self._take(length).decode("ascii", "replace")
        if found not in known:
            raise FormatError(self.offset, f"{found!r} is none of {', '.join(known)}")
        return found

    def flag(self, what: str) -> None:
        """A truth value: the character 0 or 1."""
        if self._take(1) not in (b"0", b"1"):
            raise FormatError(self.offset, f"{what} is neither 0 nor 1")

    def alias(self, what: str) -> tuple[int, int, int, int]:
        """The dimensions of a part of a tensor."""
        self.expect(1, f"the version of {what}")
        return self._dimensions(what)

    def tensor(self, what: str) -> Array:
        """Four-dimensional float32 values, all finite; may be empty."""
        self.expect(2, f"the version of {what}")
        shape = self._dimensions(what)
        values = np.frombuffer(self._take(4 * math.prod(shape)), "<f4").reshape(shape)
        if not np.isfinite(values).all():
            raise FormatError(self.offset, f"{what} holds values that are no numbers")
        return values.astype(np.float32, copy=False)

    def _dimensions(self, what: str) -> tuple[int, int, int, int]:
        first, second, third, fourth = (self.integer() for _ in range(4))
        shape = (first, second, third, fourth)
        if any(not 0 <= part <= 1 << 26 for part in shape) or math.prod(shape) > 1 << 28:
            raise FormatError(self.offset, f"{what} cannot have the dimensions {shape}")
        return shape

    def _take(self, count: int) -> bytes:
        taken = self.content[self.offset : self.offset + count]
        if len(taken) < count:
            raise FormatError(len(self.content), "the file ends too early")
        self.offset += count
        return taken
