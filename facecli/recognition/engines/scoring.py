"""The stored form of a template, and the distance between two stored forms.

A network's output for a face is a vector a and, with some engines, the norm that it had before it
was scaled to unit length. Stored and compared is

    a' = a - w m      m: a fixed unit vector, the mean template of many people (partial centring)
    c                 the norm, clipped to a range, as a whole number of steps from its middle

and a' may be rounded to whole numbers of one step (8 bits). The score of two stored forms is

    s = <a', b'> - w^2 - k (c_a + c_b) / 2        higher is closer

and their distance sqrt(max(0, 2 - 2 s)), lower is closer. Written with one *offset* per template,

    distance^2 = o_a + o_b - 2 <a', b'>,          o_a = 1 + w^2 + k c_a

An engine without centring and norm has o_a = <a', a'>, which makes this the Euclidean distance.
With them a template is not at distance 0 from itself.

Partial centring weighs a likeness less where both faces are like everybody. The norm of SFace's
output falls with the quality of the capture, and genuine scores fall with it while impostor scores
do not. Source: measured for facecli, see facecli-engines(5).

A specification holds a `Scoring`, so nothing heavy is imported here until a function is called.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Rows = npt.NDArray[np.int8] | npt.NDArray[np.float32]
    Codes = npt.NDArray[np.int8]
    Reals = npt.NDArray[np.float64]

LARGEST = 127
"""Largest absolute value of an 8-bit component or norm code."""


@dataclass(frozen=True, eq=False)
class NetworkOutput:
    """The templates of some faces as the network made them.

    vectors: (n, dimension) float32, of unit length if the engine's metric says so. norms: (n,)
    float32, the length before scaling to unit length; NaN where the engine has none.
    """

    vectors: Vectors
    norms: Vectors

    @classmethod
    def of_unit_length(cls, raw: Vectors) -> NetworkOutput:
        """Return (n, dimension) float32 rows scaled to length 1, with the lengths they had."""
        import numpy as np

        norms = np.linalg.norm(raw, axis=1)
        vectors = raw / np.maximum(norms, 1e-12)[:, None]
        return cls(vectors.astype(np.float32), norms.astype(np.float32))

    @classmethod
    def unchanged(cls, raw: Vectors) -> NetworkOutput:
        """Return (n, dimension) float32 rows as they are, without norms."""
        import numpy as np

        return cls(raw, np.full(len(raw), np.nan, np.float32))


@dataclass(frozen=True)
class Centring:
    """Partial centring: a' = a - weight * mean.

    mean: name of the file in facecli/models/ that holds the mean, of unit length. sha256: of that
    file, hexadecimal.
    """

    mean: str
    sha256: str
    weight: float


@dataclass(frozen=True)
class NormTerm:
    """The part of the score that comes from the norm.

    weight: k, score for each unit of norm. low, high: the norm is clipped to this range. middle:
    the norm whose code is 0. step: of a norm code.
    """

    weight: float
    low: float
    middle: float
    high: float
    step: float

    def __post_init__(self) -> None:
        reach = max(self.middle - self.low, self.high - self.middle)
        if not self.low <= self.middle <= self.high or reach > LARGEST * self.step:
            raise ValueError("a range of norms that 8 bits do not hold")


@dataclass(frozen=True)
class Scoring:
    """The way in which templates are stored and compared. Part of the engine's id.

    step: of an 8-bit component; None: components are float32.
    """

    centring: Centring | None = None
    norm: NormTerm | None = None
    step: float | None = None

    @property
    def is_euclidean(self) -> bool:
        """True if the distance is the Euclidean distance of the rows."""
        return self.centring is None and self.norm is None

    @property
    def square(self) -> float:
        """The factor from a product of two rows to the product of their vectors."""
        return 1.0 if self.step is None else self.step * self.step


PLAIN = Scoring()
"""Float32 components and the Euclidean distance."""


@dataclass(frozen=True, eq=False)
class Stored:
    """Stored forms of some templates.

    rows: (n, dimension) int8, whole numbers of `Scoring.step`, or float32 without a step. codes:
    (n,) int8, whole numbers of `NormTerm.step`; zeros without a norm term.
    """

    rows: Rows
    codes: Codes = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)


def stored(scoring: Scoring, output: NetworkOutput) -> Stored:
    """Return the stored forms of a network's output.

    Components beyond the range of 8 bits are clipped to it.

    Raises:
        ValueError: a vector is zero or not finite, or a norm that the scoring needs is missing.
    """
    import numpy as np

    vectors = output.vectors.astype(np.float64)
    if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
        raise ValueError("a template of zeros or without finite numbers")
    if scoring.centring is not None:
        vectors -= scoring.centring.weight * mean_of(scoring.centring)
    codes = np.zeros(len(vectors), np.int8)
    if scoring.norm is not None:
        codes = _codes(scoring.norm, output.norms)
    if scoring.step is None:
        return Stored(vectors.astype(np.float32), codes)
    whole = np.rint(vectors / scoring.step).clip(-LARGEST, LARGEST)
    return Stored(whole.astype(np.int8), codes)


def _codes(term: NormTerm, norms: Vectors) -> Codes:
    import numpy as np

    if not np.isfinite(norms).all():
        raise ValueError("a template without a norm")
    inside = norms.astype(np.float64).clip(term.low, term.high)
    return np.rint((inside - term.middle) / term.step).astype(np.int8)


def offsets(scoring: Scoring, forms: Stored) -> Reals:
    """Return (n,) float64, the offset o of each stored form (see the head of this file)."""
    import numpy as np

    if scoring.is_euclidean:
        rows = forms.rows.astype(np.float64)
        return np.asarray(np.einsum("ij,ij->i", rows, rows) * scoring.square)
    weight = 0.0 if scoring.centring is None else scoring.centring.weight
    found = np.full(len(forms), 1.0 + weight * weight)
    if scoring.norm is not None:
        found += scoring.norm.weight * scoring.norm.step * forms.codes
    return found


def distances(scoring: Scoring, products: Reals, one: Reals, other: Reals) -> Reals:
    """Return distances, 0 and up, lower is closer.

    Args:
        products: float64, inner products of rows; whole numbers where rows are 8 bits.
        one, other: offsets of the two templates of each product, broadcast to its shape.
    """
    import numpy as np

    return np.asarray(np.sqrt(np.maximum(one + other - 2 * scoring.square * products, 0.0)))


def paired_distances(scoring: Scoring, one: Stored, other: Stored) -> Reals:
    """Return (n,) float64, the distance between the n-th forms of both, in double precision."""
    import numpy as np

    first, second = one.rows.astype(np.float64), other.rows.astype(np.float64)
    if scoring.is_euclidean:  # differences do not cancel: the same template has distance 0
        difference = first - second
        squares = np.einsum("ij,ij->i", difference, difference) * scoring.square
        return np.asarray(np.sqrt(squares))
    products = np.einsum("ij,ij->i", first, second)
    return distances(scoring, products, offsets(scoring, one), offsets(scoring, other))


# -- bytes -----------------------------------------------------------------------------------


def layout(scoring: Scoring, dimension: int) -> np.dtype[Any]:
    """Return the layout of one stored form in bytes: `row`, then `code` if there is a norm term.

    Little-endian, without gaps: 128 components of 8 bits and a norm code take 129 bytes.
    """
    import numpy as np

    component = "<f4" if scoring.step is None else "i1"
    code = [] if scoring.norm is None else [("code", "i1")]
    return np.dtype([("row", component, (dimension,)), *code])


def size(scoring: Scoring, dimension: int) -> int:
    """Return the bytes of one stored form. Imports no numpy."""
    return dimension * (4 if scoring.step is None else 1) + (scoring.norm is not None)


def packed(scoring: Scoring, forms: Stored) -> list[bytes]:
    """Return each stored form as bytes, by `layout`."""
    import numpy as np

    found = np.empty(len(forms), layout(scoring, forms.rows.shape[1]))
    found["row"] = forms.rows
    if scoring.norm is not None:
        found["code"] = forms.codes
    return [one.tobytes() for one in found]


def dimension_of(scoring: Scoring, template: bytes) -> int:
    """Return the number of components of one stored form in bytes."""
    return (len(template) - (scoring.norm is not None)) // (4 if scoring.step is None else 1)


def distance_between(scoring: Scoring, one: bytes, other: bytes) -> float:
    """Return the distance between two stored forms in bytes; lower is closer."""
    forms = (unpacked(scoring, dimension_of(scoring, each), each) for each in (one, other))
    return float(paired_distances(scoring, *forms)[0])


def unpacked(scoring: Scoring, dimension: int, content: bytes) -> Stored:
    """Return the stored forms in these bytes: any number of them, one after another.

    Raises:
        ValueError: the bytes are no whole number of stored forms.
    """
    import numpy as np

    found = np.frombuffer(content, layout(scoring, dimension))
    rows = np.ascontiguousarray(found["row"])
    codes = np.zeros(len(found), np.int8)
    return Stored(rows, codes if scoring.norm is None else np.ascontiguousarray(found["code"]))


# -- the mean --------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def mean_of(centring: Centring) -> Reals:
    """Return (dimension,) float64, the mean of unit length that ships for this centring.

    Raises:
        ValueError: the file is not the one that the engine names.
    """
    import numpy as np

    content = files("facecli.models").joinpath(centring.mean).read_bytes()
    if hashlib.sha256(content).hexdigest() != centring.sha256:
        raise ValueError(f"{centring.mean} is not the file that the engine names")
    values = np.array(json.loads(content)["mean"], np.float64)
    return values / np.linalg.norm(values)
