"""Drop comparisons that cannot be near enough, by products in 8 bits, at half the cost.

Probes and references are rounded to whole numbers b and q of steps t and s, p = t b + f and
r = s q + e, so that their product is

    <p, r> = s t <b, q> + <t b, e> + <f, r>

where by Cauchy and Schwarz what the rounding hides, |<t b, e> + <f, r>|, is at most
|t b| |e| + |f| |r|, and |e| at most half a step in each component. Products of whole numbers are
exact. A comparison is dropped only if its product, and all that the rounding can hide, is less
than it must be. `comparison` computes the others exactly.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnxruntime

    Vectors = npt.NDArray[np.float32]
    Reals = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]

# References become 1..127 around a middle of 64, probes -127..127: of instructions that add two
# such products in 16 bits none overflows, as 2 * 127 * 127 < 2**15.
MIDDLE, LARGEST_REFERENCE, LARGEST_PROBE = 64, 63, 127
BEYOND = 2**30  # larger than any product of whole numbers
HALF = 0.5001  # steps: a component's largest error, and the error of its division in float32
ROWS = 1024  # references at once: with 1,000 probes their products, 4 MB, stay near the processor
LEAST_CELLS = 2**26  # comparisons from which it saves more than ONNX Runtime takes to start
LEAST_PROBES = 64  # with fewer, reading the references takes as long as comparing them


class Prefilter:
    """Some probes, (m, dimension) float32, prepared for products with blocks of references."""

    def __init__(self, probes: Vectors) -> None:
        exact = probes.astype(np.float64)
        self._step = max(float(np.abs(exact).max()) / LARGEST_PROBE, 1e-30)
        rounded = np.rint(exact / self._step)
        self._whole = np.ascontiguousarray(rounded.T.astype(np.int8))
        self._lengths = self._step * np.linalg.norm(rounded, axis=1)
        self._errors = np.linalg.norm(exact - self._step * rounded, axis=1)

    def within(self, block: Vectors, longest: float, least: Reals) -> tuple[Numbers, Numbers]:
        """Return (n,) rows of probes and (n,) rows of the block: the pairs that may match.

        Every pair is among them whose product is at least the probe's `least`, and some others.

        Args:
            block: references, (n, dimension) float32.
            longest: the length of the longest reference in the block.
            least: (m,) float64, one number per probe.
        """
        step = np.float32(max(block.max(), -block.min()) / LARGEST_REFERENCE)
        step = max(step, np.float32(1e-30))
        hidden = self._lengths * (HALF * step * np.sqrt(block.shape[1])) + self._errors * longest
        limits = np.floor((least - hidden) / (self._step * float(step)))
        limits = limits.clip(-BEYOND, BEYOND).astype(np.int32)
        products = self._products(block, step)
        rows = np.flatnonzero(products.max(axis=1) >= limits.min())
        found, probes = np.divmod(np.flatnonzero(products[rows] >= limits), len(limits))
        return probes, rows[found]

    def _products(self, block: Vectors, step: np.float32) -> npt.NDArray[np.int32]:
        """Return (references, probes) int32 products of whole numbers."""
        given = {
            "references": block,
            "step": np.array(step),
            "middle": np.array(MIDDLE, np.uint8),
            "probes": self._whole,
        }
        (products,) = _network().run(None, given)
        return np.asarray(products)


@cache
def _network() -> onnxruntime.InferenceSession:
    """Return a session that rounds references and multiplies them with probes, in 8 bits."""
    import os

    from onnx import TensorProto, helper

    from facecli.recognition.engines import weights
    from facecli.recognition.engines.onnx_recipes import IR_VERSION, OPSET

    def value(name: str, kind: int, *shape: str) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    graph = helper.make_graph(
        [
            helper.make_node("QuantizeLinear", ["references", "step", "middle"], ["whole"]),
            helper.make_node("MatMulInteger", ["whole", "probes", "middle"], ["products"]),
        ],
        "coarse",
        [
            value("references", TensorProto.FLOAT, "n", "k"),
            value("step", TensorProto.FLOAT),
            value("middle", TensorProto.UINT8),
            value("probes", TensorProto.INT8, "k", "m"),
        ],
        [value("products", TensorProto.INT32, "n", "m")],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    return weights.open_session(model.SerializeToString(), "coarse", len(os.sched_getaffinity(0)))
