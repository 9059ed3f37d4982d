"""Drop comparisons that cannot be near enough, by products of whole numbers of 8 bits.

Probes are rounded to whole numbers b of 7 bits and a step t, p = t b + f. References are whole
numbers q of 8 bits already, or are rounded to such, r = s q + e. Then

    <p, r> = s t <b, q> + <t b, e> + <f, r>

where by Cauchy and Schwarz what the rounding hides, |<t b, e> + <f, r>|, is at most
|t b| |e| + |f| |r|. |e| is 0 for references of whole numbers, and else at most half a step in each
component. Products of whole numbers are exact. A comparison is dropped only if its product, and all
that the rounding can hide, is less than it must be. `comparison` computes the others exactly.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnxruntime

    Rows = npt.NDArray[np.int8] | npt.NDArray[np.float32]
    Whole = npt.NDArray[np.int8]
    Reals = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]

# References become 1..255 around a middle of 128, probes -63..63. Processors without VNNI add two
# such products in 16 bits. None overflows, as 2 * 255 * 63 < 2**15; with probes of 8 bits most do.
MIDDLE, LARGEST_REFERENCE, LARGEST_PROBE = 128, 127, 63
BEYOND = 2**29  # larger than any product of whole numbers; two of them fit in 32 bits
HALF = 0.5001  # steps: a component's largest error, and the error of its division in float32
LONGER = 1.0001  # more than float32 can take from a sum of squares
SUM_ERROR = 1e-6  # for each unit of length: more than float32 can take from a difference
ROWS = 1024  # references at once: with 1,000 probes their products, 4 MB, stay near the processor
LEAST_CELLS = 2**26  # comparisons from which it saves more than ONNX Runtime takes to start
LEAST_PROBES = 64  # with fewer, reading the references takes as long as comparing them


def pays(probes: int, comparisons: int) -> bool:
    """Return True if a prefilter saves time for this number of probes.

    comparisons: with the same gallery, of these probes and of those before them.
    """
    return probes >= LEAST_PROBES and comparisons >= LEAST_CELLS


class Prefilter:
    """Some probes, (m, dimension) int8 or float32, prepared for products with references.

    Blocks may be given by several threads at once.
    """

    def __init__(self, probes: Rows) -> None:
        exact = probes.astype(np.float32)
        step = np.float32(max(float(np.abs(exact).max()) / LARGEST_PROBE, 1e-30))
        rounded = np.rint(exact / step)
        self._step = float(step)
        self._whole = np.ascontiguousarray(rounded.astype(np.int8).T)
        near = rounded * step
        self._lengths = _lengths(near) * LONGER
        self._errors = (_lengths(exact - near) + SUM_ERROR * self._lengths) * LONGER

    def within(
        self, block: Rows, longest: float, least: Reals, more: Reals
    ) -> tuple[Numbers, Numbers]:
        """Return (k,) rows of probes and (k,) rows of the block: the pairs that may match.

        Every pair is among them whose product is at least the probe's `least` and the reference's
        `more` together, and some others.

        Args:
            block: references, (n, dimension) int8 or float32.
            longest: the length of the longest reference in the block.
            least: (m,) float64, one number per probe.
            more: (n,) float64, one number per reference.
        """
        whole, step, error = _in_8_bits(block)
        hidden = self._lengths * error + self._errors * longest
        limits = np.floor((least - hidden) / (self._step * step))
        limits = limits.clip(-BEYOND, BEYOND).astype(np.int32)
        extra = np.floor(more / (self._step * step)).clip(-BEYOND, BEYOND).astype(np.int32)
        found = products(whole, self._whole)
        rows = np.flatnonzero(found.max(axis=1) >= limits.min() + extra)
        near = found[rows] >= limits + extra[rows, None]
        kept, probes = np.divmod(np.flatnonzero(near), len(limits))
        return probes, rows[kept]


def _lengths(rows: npt.NDArray[np.float32]) -> Reals:
    """Return (n,) float64, the Euclidean length of each of (n, dimension) rows."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", rows, rows)), np.float64)


def _in_8_bits(block: Rows) -> tuple[Whole, float, float]:
    """Return rows as whole numbers of a step, the step, and the largest length of an error."""
    if block.dtype == np.int8:
        return block.astype(np.int8, copy=False), 1.0, 0.0
    step = max(float(np.abs(block).max()) / LARGEST_REFERENCE, 1e-30)
    whole = np.rint(block / np.float32(step)).astype(np.int8)
    return whole, step, HALF * step * float(np.sqrt(block.shape[1]))


def products(references: Whole, probes: Whole) -> npt.NDArray[np.int32]:
    """Return (n, m) int32, the exact inner products of references and probes.

    Args:
        references: (n, dimension) int8, -127..127.
        probes: (dimension, m) int8, -63..63. With larger ones sums overflow on some processors.
    """
    shifted = references.view(np.uint8) ^ np.uint8(MIDDLE)  # adds 128
    given = {"references": shifted, "middle": np.array(MIDDLE, np.uint8), "probes": probes}
    (found,) = _network().run(None, given)
    return np.asarray(found)


@cache
def _network() -> onnxruntime.InferenceSession:
    """Return a session that multiplies whole numbers in the thread that asks it."""
    from onnx import TensorProto, helper

    from facecli.recognition.engines import weights
    from facecli.recognition.engines.onnx_recipes import IR_VERSION, OPSET

    def value(name: str, kind: int, *shape: str) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["references", "probes", "middle"], ["products"])],
        "coarse",
        [
            value("references", TensorProto.UINT8, "n", "k"),
            value("probes", TensorProto.INT8, "k", "m"),
            value("middle", TensorProto.UINT8),
        ],
        [value("products", TensorProto.INT32, "n", "m")],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    return weights.open_session(model.SerializeToString(), "coarse")
