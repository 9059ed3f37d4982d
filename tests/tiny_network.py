"""A network small enough to be built in a test, with random weights, and its model card."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from facecli.recognition.engines import calibration
from facecli.recognition.engines.calibration import Calibration, Origin, Point

Floats = npt.NDArray[np.float32]
SIDE, DIMENSION = 16, 8
WEIGHTS = np.random.default_rng(5).normal(size=(3 * SIDE * SIDE, DIMENSION)).astype(np.float32)


def network(layout: str, weights: Floats = WEIGHTS) -> bytes:
    """Flatten, then a matrix: every pixel counts, in its place."""
    shape = [1, 3, SIDE, SIDE] if layout == "NCHW" else [1, SIDE, SIDE, 3]
    graph = helper.make_graph(
        [helper.make_node("Flatten", ["in"], ["flat"]),
         helper.make_node("MatMul", ["flat", "w"], ["out"])],
        "tiny",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, DIMENSION])],
        [numpy_helper.from_array(weights, "w")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def write_card(folder: Path, **changes: Any) -> Path:
    """The tiny model and its card, with some fields changed; None leaves one out."""
    layout = changes.get("layout", "NCHW")
    own = network(layout if layout == "NHWC" else "NCHW", changes.pop("weights", WEIGHTS))
    content = changes.pop("network", own)
    (folder / "tiny.onnx").write_bytes(content)
    fields = {
        "name": "tiny", "model": "tiny.onnx", "sha256": hashlib.sha256(content).hexdigest(),
        "input_size": SIDE, "layout": "NCHW", "colour": "RGB", "mean": [127.5, 127.5, 127.5],
        "scale": 0.0078125, "dimension": DIMENSION, "metric": "cosine", "licence": "MIT",
        **changes,
    }  # fmt: skip
    path = folder / "card.toml"
    lines = (f"{name} = {value!r}" for name, value in fields.items() if value is not None)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def calibration_file(tmp_path: Path, engine_id: str) -> Path:
    """A calibration of that engine: FMR 1e-4 at distance 0.4, 0.1 at 0.9."""
    origin = Origin("x", 1, 0, 1, 1, 1, "x", "2026-01-31")
    made = Calibration(engine_id, origin, (Point(1e-4, 0.4, 0.1), Point(0.1, 0.9, 0.01)))
    path = tmp_path / "tiny.calibration.json"
    path.write_text(calibration.dump(made), encoding="utf-8")
    return path
