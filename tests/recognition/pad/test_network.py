"""A presentation-attack network of the user's own: tiny real ONNX networks with its interface."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facecli.errors.recognition import PadModelFailed
from facecli.recognition.pad.network import LARGEST, SIDE, PadNetwork, around, digest


def network(
    path: Path, weights: np.ndarray | None = None, side: int = SIDE, inputs: int = 1
) -> Path:
    """The mean of each colour, blue, green and red, times a matrix (3, classes)."""
    matrix = np.eye(3, dtype=np.float32) if weights is None else weights.astype(np.float32)
    shape = [1, 3, side, side]
    names = [f"in{number}" for number in range(inputs)]
    graph = helper.make_graph(
        [helper.make_node("GlobalAveragePool", [names[0]], ["mean"]),
         helper.make_node("Flatten", ["mean"], ["flat"]),
         helper.make_node("MatMul", ["flat", "w"], ["out"])],
        "pad",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in names],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, matrix.shape[1]])],
        [numpy_helper.from_array(matrix, "w")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(model.SerializeToString())
    return path


def picture(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((200, 300, 3), colour, np.uint8)


def test_pixels_come_as_blue_green_red_from_0_to_255_and_the_second_class_is_real(
    tmp_path: Path,
) -> None:
    model = PadNetwork(network(tmp_path / "m.onnx"))
    box = (100, 50, 180, 140)
    for colour, sure in (((0, 9, 0), 1.0), ((9, 0, 0), 0.0), ((0, 0, 9), 0.0), ((5, 5, 5), 1 / 3)):
        assert model.real(picture(colour), box) == pytest.approx(sure, abs=1e-3)
    # exp(2) / (exp(2) + 2): pixels are not scaled, and a softmax is applied
    assert model.real(picture((0, 2, 0)), box) == pytest.approx(0.787, abs=1e-3)


def test_what_are_probabilities_already_is_taken_as_it_is(tmp_path: Path) -> None:
    model = PadNetwork(network(tmp_path / "m.onnx", np.array([[0.0, 0.1, 0.0]] * 3)))
    colour = (0, 5, 5)  # 10 in all, of which a tenth
    assert model.real(picture(colour), (100, 50, 180, 140)) == pytest.approx(1.0)
    shares = np.array([[0.25, 0.75, 0.0]] * 3) / 10
    model = PadNetwork(network(tmp_path / "shares.onnx", shares))
    assert model.real(picture(colour), (100, 50, 180, 140)) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("name", "inside"), [("m.onnx", 1), ("2.7_80x80_MiniFASNetV2.onnx", 1), ("1.0_m.onnx", 0)]
)
def test_the_files_name_says_how_much_around_the_face_is_cut_out(
    tmp_path: Path, name: str, inside: int
) -> None:
    """Green lies around the face alone, which is blue."""
    rgb = picture((0, 60, 0))
    rgb[80:120, 130:170] = (0, 0, 60)
    model = PadNetwork(network(tmp_path / name))
    assert round(model.real(rgb, (130, 80, 170, 120))) == inside


def test_what_is_cut_out_stays_in_the_picture() -> None:
    assert around((100, 100, 200, 200), 2.0, 1000, 1000) == (50, 50, 251, 251)
    assert around((0, 0, 100, 100), 2.0, 1000, 1000) == (0, 0, 201, 201)
    assert around((900, 900, 1000, 1000), 2.0, 1000, 1000) == (800, 800, 1000, 1000)
    assert around((0, 0, 300, 200), 2.7, 300, 200) == (0, 0, 300, 200)
    left, top, right, bottom = around((10, 10, 10, 10), 2.7, 30, 30)
    assert left < right
    assert top < bottom


def test_another_interface_is_refused_before_a_face_is_seen(tmp_path: Path) -> None:
    for made, why in (
        (network(tmp_path / "side.onnx", side=64), "80 x 80"),
        (network(tmp_path / "two.onnx", weights=np.eye(3)[:, :2]), "2 numbers"),
        (network(tmp_path / "nan.onnx", weights=np.full((3, 3), np.nan)), "not finite"),
        (network(tmp_path / "inputs.onnx", inputs=2), "more than one input"),
    ):
        with pytest.raises(PadModelFailed, match=why) as refused:
            PadNetwork(made)
        assert str(made) in str(refused.value)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"no model")
    (tmp_path / "empty.onnx").write_bytes(b"")
    with open(tmp_path / "huge.onnx", "wb") as stream:
        stream.truncate(LARGEST + 1)
    for name, why in (
        ("x.onnx", "not a working ONNX model"), ("empty.onnx", "not a working ONNX model"),
        ("huge.onnx", "more than"),
        ("missing.onnx", "no such file"), (".", "is a directory"),
    ):  # fmt: skip
        with pytest.raises(PadModelFailed, match=why):
            PadNetwork(tmp_path / name)


def test_a_model_is_named_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert digest(tmp_path / "x").startswith("ba7816bf")
    assert onnx.load(network(tmp_path / "m.onnx")).graph.name == "pad"
