"""Turn the shipped weight files into fast networks: recipes for `weights`.

Both files hold 8-bit weights in blocks with one scale each, which are unpacked at every run, and
both list weights among their inputs. Here the weights are unpacked once and normalisations are
folded into the convolutions before them. The result is a float32 network.

8-bit arithmetic for SFace's nine largest layers took 8.8 ms a face instead of 12.5. It was not
adopted: over all pairs of 3,074 press photographs the true-match rate at FMR 1e-5 changed by
-0.05 points, with a 95 % interval of -0.87 to 0.54 (paired, bootstrap over people). This interval
cannot exclude a loss of 0.2 points, and using fewer layers narrows it no faster than it loses the
gain in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]
    Dimensions = Mapping[str, list[int | str]]

OPSET, IR_VERSION = 17, 8


class Graph:
    """A network under construction. Nodes and constants are named by counting."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: Array) -> str:
        """Add an array, as float32 if it is floating-point. Return its name."""
        name = f"c{len(self.constants)}"
        kept = array.astype(np.float32) if array.dtype.kind == "f" else array
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(kept), name))
        return name

    def add(self, operator: str, *inputs: str, output: str | None = None, **options: Any) -> str:
        """Append a node. Return the name of its output."""
        output = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **options))
        return output

    def conv(
        self, x: str, weight: Array, bias: Array | None, output: str | None = None, **options: Any
    ) -> str:
        """Append a convolution. Return the name of its output.

        weight: (out, in / group, rows, columns). bias: (out,).
        """
        inputs = [x, self.constant(weight)]
        if bias is not None:
            inputs.append(self.constant(bias))
        shape = list(weight.shape[2:])
        return self.add("Conv", *inputs, output=output, kernel_shape=shape, **options)

    def model(self, name: str, inputs: Dimensions, outputs: Dimensions) -> bytes:
        """Return the finished network, checked. inputs, outputs: dimensions of float32 tensors."""
        values, results = (
            [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in each.items()]
            for each in (inputs, outputs)
        )
        graph = helper.make_graph(self.nodes, name, values, results, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


def options_of(node: onnx.NodeProto) -> dict[str, Any]:
    """Return the attributes of a node by name."""
    return {item.name: helper.get_attribute_value(item) for item in node.attribute}


def unpacked(model: onnx.ModelProto) -> tuple[dict[str, Array], list[onnx.NodeProto]]:
    """Return the constants of a block-quantised network as arrays, and the other nodes."""
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        inputs = [constants.get(name) for name in node.input]
        if node.op_type == "DequantizeLinear" and all(value is not None for value in inputs):
            constants[node.output[0]] = _dequantised(inputs, options_of(node))
        elif node.op_type == "Reshape" and inputs[0] is not None:
            constants[node.output[0]] = inputs[0].reshape(np.asarray(inputs[1]))
        else:
            nodes.append(node)
    return constants, nodes


def _dequantised(inputs: list[Any], options: dict[str, Any]) -> Array:
    """Return (value - zero) * scale; a scale and a zero hold for `block_size` values of `axis`."""
    axis, block = options["axis"], options["block_size"]
    packed = inputs[0]
    within = tuple(slice(0, size) for size in packed.shape)
    scale, zero = (np.repeat(part, block, axis=axis)[within] for part in inputs[1:])
    values: Array = (packed.astype(np.float32) - zero.astype(np.float32)) * scale
    return values


# -- YuNet --------------------------------------------------------------------------------


def yunet(source: bytes) -> bytes:
    """Return YuNet in float32: `input` (1, 3, height, width) BGR 0..255 to its 12 outputs.

    Height and width are multiples of 32.
    """
    model = onnx.load_from_string(source)
    constants, nodes = unpacked(model)
    graph = Graph()
    graph.nodes = nodes
    needed = {name for node in nodes for name in node.input} & set(constants)
    graph.constants = [numpy_helper.from_array(constants[name], name) for name in sorted(needed)]
    outputs: dict[str, list[int | str]] = {
        item.name: [1, f"cells{item.name[-3:]}", item.type.tensor_type.shape.dim[2].dim_value]
        for item in model.graph.output
    }
    return graph.model("yunet", {"input": [1, 3, "height", "width"]}, outputs)


# -- SFace --------------------------------------------------------------------------------


def sface(source: bytes) -> bytes:
    """Return SFace: `input` (n, 3, 112, 112) RGB 0..255 to `output` (n, 128), of any length.

    A parametric ReLU y = max(x, 0) + a min(x, 0) is slow in ONNX Runtime, so it becomes
    y / (1 - a) = x a / (1 - a) + max(x, 0), which its blocked layout runs as a depthwise 1x1
    convolution with a fused sum; the factor (1 - a) of each channel goes into the weights of the
    layer after it. Zero padding is not disturbed by a factor.

    The bound on speed: 0.57 G products a face are 12 of 15.5 ms for a core that does 47 G a second
    (AMD Zen 3; ONNX Runtime reaches 46 in the large layers). The activations take 2 ms. Written as
    x + max((a - 1) x, 0), as a maximum or with |x| they took as long or longer, and ONNX Runtime
    fuses no slope that differs by channel. OpenCV's networks took 21 ms.
    """
    constants, nodes = unpacked(onnx.load_from_string(source))
    graph, factor = Graph(), np.ones(3)
    layers = _sface_layers(constants, nodes)
    low, high = constants["scalar_op1"], constants["scalar_op2"]
    x = graph.add("Sub", "input", graph.constant(low))
    factor = factor * high
    for layer in layers:
        weight = _scaled_inputs(layer["weight"], factor, layer["options"]["group"])
        x = graph.conv(x, weight, layer["bias"], **layer["options"])
        factor = 1 - layer["slope"]
        if np.abs(factor).min() < 1e-3:
            raise ValueError("a slope is too close to 1 for this rewriting")
        ratio = (layer["slope"] / factor).reshape(-1, 1, 1, 1)
        linear = graph.conv(x, ratio, None, group=len(ratio))
        x = graph.add("Add", linear, graph.add("Relu", x))
    weight, bias = _sface_head(constants, nodes, factor)
    x = graph.add("Flatten", x)
    graph.add("Gemm", x, graph.constant(weight), graph.constant(bias), output="output", transB=1)
    return graph.model("sface", {"input": ["n", 3, 112, 112]}, {"output": ["n", 128]})


def _scaled_inputs(weight: Array, factor: Array, group: int) -> Array:
    """Return the weights of a layer whose input channels were divided by `factor`."""
    if group == 1:
        return weight * factor[None, :, None, None]
    if group != len(factor) or weight.shape[1] != 1:
        raise ValueError("neither a full nor a depthwise convolution")
    return weight * factor[:, None, None, None]


def _sface_layers(constants: dict[str, Array], nodes: list[onnx.NodeProto]) -> list[dict[str, Any]]:
    """Return the convolution, folded normalisation and slope of each layer, in float64."""
    layers: list[dict[str, Any]] = []
    for node in nodes:
        if node.op_type == "Conv":
            options = options_of(node)
            kept = {key: options[key] for key in ("group", "strides", "pads")}
            weight = constants[node.input[1]].astype(np.float64)
            layers.append({"weight": weight, "options": kept})
        elif node.op_type == "BatchNormalization" and "slope" not in layers[-1]:
            gain, shift = _normalisation(constants, node)
            layers[-1]["weight"] = layers[-1]["weight"] * gain[:, None, None, None]
            layers[-1]["bias"] = shift
        elif node.op_type == "PRelu":
            layers[-1]["slope"] = constants[node.input[1]].astype(np.float64).reshape(-1)
    if not layers or any(len(layer) != 4 for layer in layers):
        raise ValueError("not the layers that SFace has")
    return layers


def _sface_head(
    constants: dict[str, Array], nodes: list[onnx.NodeProto], factor: Array
) -> tuple[Array, Array]:
    """Return weight (128, inputs) and bias (128) of the last matrix.

    The normalisations before and after it are folded in.
    """
    before, after = (node for node in nodes if node.output[0] in ("bn1", "fc1"))
    [last] = (node for node in nodes if node.op_type == "Gemm")
    weight = constants[last.input[1]].astype(np.float64)
    bias = constants[last.input[2]].astype(np.float64)
    places = weight.shape[1] // len(factor)
    gain, shift = (np.repeat(part, places) for part in _normalisation(constants, before))
    out_gain, out_shift = _normalisation(constants, after)
    bias = (weight @ shift + bias) * out_gain + out_shift
    return weight * gain * np.repeat(factor, places) * out_gain[:, None], bias


def _normalisation(constants: dict[str, Array], node: onnx.NodeProto) -> tuple[Array, Array]:
    """Return a batch normalisation as gain and shift of each channel."""
    gamma, beta, mean, variance = (constants[name].astype(np.float64) for name in node.input[1:5])
    gain = gamma / np.sqrt(variance + options_of(node)["epsilon"])
    return gain, beta - mean * gain
