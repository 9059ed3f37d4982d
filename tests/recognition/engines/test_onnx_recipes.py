from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facecli.recognition.engines import onnx_recipes, weights
from facecli.recognition.engines.onnx_recipes import Graph


def test_weights_of_another_network_are_refused_by_the_recipe() -> None:
    with pytest.raises(ValueError, match=r"not the layers|not enough values"):
        onnx_recipes.sface(weights.read_shipped(weights.YUNET, "sface"))


def test_block_quantised_constants_are_unpacked_and_only_computing_nodes_are_left() -> None:
    packed = np.arange(8, dtype=np.uint8).reshape(1, 8)
    constants = {
        "packed": packed,
        "scale": np.array([[0.5, 2.0]], np.float32),
        "zero": np.array([[1, 4]], np.uint8),
        "shape": np.array([2, 4], np.int64),
    }
    nodes = [
        helper.make_node(
            "DequantizeLinear", ["packed", "scale", "zero"], ["w"], axis=1, block_size=4
        ),
        helper.make_node("Reshape", ["w", "shape"], ["square"]),
        helper.make_node("MatMul", ["x", "square"], ["y"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "g",
        [value("x", TensorProto.FLOAT, [1, 2])],
        [value("y", TensorProto.FLOAT, [1, 4])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    found, computing = onnx_recipes.unpacked(helper.make_model(graph))
    assert [node.op_type for node in computing] == ["MatMul"]
    assert found["square"].tolist() == [[-0.5, 0.0, 0.5, 1.0], [0.0, 2.0, 4.0, 6.0]]


def test_a_graph_computes_the_convolution_that_was_written() -> None:
    graph = Graph()
    weight = np.arange(4, dtype=np.float64).reshape(1, 1, 2, 2)
    graph.conv("input", weight, np.array([10.0]), output="output")
    content = graph.model("t", {"input": ["n", 1, 2, 2]}, {"output": ["n", 1, 1, 1]})
    session = weights.open_session(content, "test")
    [found] = session.run(None, {"input": np.ones((3, 1, 2, 2), np.float32)})
    assert found.reshape(-1).tolist() == [16.0, 16.0, 16.0]
    assert onnx.load_from_string(content).graph.initializer[0].data_type == TensorProto.FLOAT
