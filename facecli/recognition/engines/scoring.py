"""The stored form of a template, and the distance between two stored forms.

A network's output for a face is a unit vector a and, with some engines, the norm that it had
before it was scaled to unit length. Two things about it predict how often the face is matched
falsely or missed, whatever it is compared with. So each template has a *handicap*

    h = w (max_j <a, m_j> - usual) + k (clip(norm) - middle)

m_j: a few fixed unit vectors, each the mean of many people (*crowds*). A face near a crowd is
matched falsely more often. norm: of SFace's output. It falls with the quality of the capture;
genuine scores fall with it, impostor scores do not. With one crowd, the mean of everybody, the
first part is partial centring. Source: measured for facecli, see facecli-engines(5).

The score of two templates and their distance are

    s = <a, b> - h_a - h_b              higher is closer
    d = sqrt(max(0, 2 - 2 s))           lower is closer

Stored are a, perhaps rounded to whole numbers of one step (8 bits), and h as a whole number of
another step (8 bits). With one *offset* for each template,

    d^2 = o_a + o_b - 2 <a, b>,         o_a = 1 + 2 h_a

An engine without handicaps has o_a = <a, a>, which makes this the Euclidean distance.

A specification holds a `Scoring`, so nothing heavy is imported here until a function is called.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
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
"""Largest absolute value of an 8-bit component or handicap."""
AT_ONCE = 512
"""Rows made float32 together: they fit into a processor's cache, and BLAS needs no threads."""
LENGTH_ERROR = 1e-3
"""More than float32 can change a length of 1."""
LONGEST = 1e18
"""Length of a float32 vector whose products float32 still holds."""


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
class Crowds:
    """The part of a handicap that comes from the nearest crowd.

    file: name of the file in facecli/models/ that holds the crowds; "" where a model card states
    them. sha256: of that file or of the card's numbers, hexadecimal. weight: w. usual: the mean
    product of a face with its nearest crowd. stated: the crowds of a model card.
    """

    file: str
    sha256: str
    weight: float
    usual: float
    stated: tuple[tuple[float, ...], ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class NormTerm:
    """The part of a handicap that comes from the norm.

    weight: k, for each unit of norm. low, high: the norm is clipped to this range. middle: the
    norm without handicap.
    """

    weight: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Scoring:
    """The way in which templates are stored and compared. Part of the engine's id.

    step: of an 8-bit component; None: components are float32. handicap_step: of an 8-bit handicap;
    None: there are no handicaps.
    """

    crowds: Crowds | None = None
    norm: NormTerm | None = None
    step: float | None = None
    handicap_step: float | None = None

    def __post_init__(self) -> None:
        if (self.crowds is None and self.norm is None) is not (self.handicap_step is None):
            raise ValueError("handicaps need a step, and a step needs handicaps")

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
    (n,) int8, whole numbers of `Scoring.handicap_step`; zeros without handicaps.
    """

    rows: Rows
    codes: Codes = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)


def stored(scoring: Scoring, output: NetworkOutput) -> Stored:
    """Return the stored forms of a network's output.

    Components and handicaps beyond the range of 8 bits are clipped to it.

    Raises:
        ValueError: a vector is zero, not finite or of a length that cannot be compared (see
            `fits`), or a norm that the scoring needs is missing.
    """
    import numpy as np

    vectors = output.vectors
    if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
        raise ValueError("a template of zeros or without finite numbers")
    codes = np.zeros(len(vectors), np.int8)
    if scoring.handicap_step is not None:
        codes = _whole(handicaps(scoring, output), scoring.handicap_step)
    forms = Stored(vectors.astype(np.float32), codes)
    if scoring.step is not None:
        forms = Stored(_whole(vectors.astype(np.float64), scoring.step), codes)
    if not fits(scoring, forms):
        raise ValueError("a template of a length that cannot be compared")
    return forms


def _whole(values: Reals, step: float) -> Codes:
    import numpy as np

    return np.rint(values / step).clip(-LARGEST, LARGEST).astype(np.int8)


def handicaps(scoring: Scoring, output: NetworkOutput) -> Reals:
    """Return (n,) float64, the handicap of each face; the higher, the lower its scores.

    Raises:
        ValueError: a norm that the scoring needs is missing.
    """
    import numpy as np

    found = np.zeros(len(output.vectors))
    if scoring.crowds is not None and len(found):
        nearest = (output.vectors.astype(np.float64) @ vectors_of(scoring.crowds).T).max(axis=1)
        found += scoring.crowds.weight * (nearest - scoring.crowds.usual)
    if scoring.norm is not None:
        term = scoring.norm
        if not np.isfinite(output.norms).all():
            raise ValueError("a template without a norm")
        inside = output.norms.astype(np.float64).clip(term.low, term.high)
        found += term.weight * (inside - term.middle)
    return found


def offsets(scoring: Scoring, forms: Stored) -> Reals:
    """Return (n,) float64, the offset o of each stored form (see the head of this file)."""
    import numpy as np

    if scoring.handicap_step is None:
        rows = forms.rows.astype(np.float64)
        return np.asarray(np.einsum("ij,ij->i", rows, rows) * scoring.square)
    return np.asarray(1 + 2 * scoring.handicap_step * forms.codes.astype(np.float64))


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
    if scoring.handicap_step is None:  # differences do not cancel: the same template has distance 0
        difference = first - second
        squares = np.einsum("ij,ij->i", difference, difference) * scoring.square
        return np.asarray(np.sqrt(squares))
    products = np.einsum("ij,ij->i", first, second)
    return distances(scoring, products, offsets(scoring, one), offsets(scoring, other))


def fits(scoring: Scoring, forms: Stored) -> bool:
    """Return False if some of these stored forms cannot have been made with this scoring.

    Vectors with 8 bits or handicaps have unit length, and the others at most `LONGEST`. In 8 bits 1
    is as many steps as fit in it. Rounding changes it by half a step for each component at most,
    and clipping shortens it. So rows of another step, and rows that were overwritten, have another
    length. All rows are finite.
    """
    import numpy as np

    rows = forms.rows
    lengths = _lengths(rows)
    if scoring.step is None:
        if scoring.handicap_step is None:
            return bool((lengths <= LONGEST).all())
        return bool((np.abs(lengths - 1) <= LENGTH_ERROR).all())
    one, rounding = 1 / scoring.step, math.sqrt(rows.shape[1]) / 2
    short = rows[lengths < one - rounding]
    clipped = np.abs(short.astype(np.float32)).max(axis=1) == LARGEST
    return bool((lengths <= one + rounding).all() and clipped.all())


def _lengths(rows: Rows) -> Vectors:
    """Return (n,) float32, the Euclidean length of each row; not finite if it is beyond float32."""
    import numpy as np

    found = np.empty(len(rows), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for place, part in in_parts(rows):
            np.vecdot(part, part, out=found[place])
    return np.sqrt(found, out=found)


def in_parts(rows: Rows) -> Iterator[tuple[slice, Vectors]]:
    """Yield all (n, dimension) rows as float32, AT_ONCE at a time, each part with its place.

    A part is overwritten by the next one.
    """
    import numpy as np

    size = (min(AT_ONCE, len(rows)), rows.shape[1])
    memory = np.empty(size, np.float32)  # one for all parts: new memory takes longer
    for start in range(0, len(rows), AT_ONCE):
        place = slice(start, min(start + AT_ONCE, len(rows)))
        part = memory[: place.stop - start]
        part[:] = rows[place]
        yield place, part


# -- bytes -----------------------------------------------------------------------------------


def layout(scoring: Scoring, dimension: int) -> np.dtype[Any]:
    """Return the layout of one stored form in bytes: `row`, then `code` if there are handicaps.

    Little-endian, without gaps: 128 components of 8 bits and a handicap take 129 bytes.
    """
    import numpy as np

    component = "<f4" if scoring.step is None else "i1"
    code = [] if scoring.handicap_step is None else [("code", "i1")]
    return np.dtype([("row", component, (dimension,)), *code])


def size(scoring: Scoring, dimension: int) -> int:
    """Return the bytes of one stored form. Imports no numpy."""
    return dimension * (4 if scoring.step is None else 1) + (scoring.handicap_step is not None)


def packed(scoring: Scoring, forms: Stored) -> list[bytes]:
    """Return each stored form as bytes, by `layout`."""
    import numpy as np

    found = np.empty(len(forms), layout(scoring, forms.rows.shape[1]))
    found["row"] = forms.rows
    if scoring.handicap_step is not None:
        found["code"] = forms.codes
    return [one.tobytes() for one in found]


def dimension_of(scoring: Scoring, template: bytes) -> int:
    """Return the number of components of one stored form in bytes."""
    return (len(template) - (scoring.handicap_step is not None)) // (
        4 if scoring.step is None else 1
    )


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
    if scoring.handicap_step is None:
        return Stored(rows, np.zeros(len(found), np.int8))
    return Stored(rows, np.ascontiguousarray(found["code"]))


# -- crowds ----------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def vectors_of(crowds: Crowds) -> Reals:
    """Return (crowds, dimension) float64 of unit length: those stated, or those that ship.

    Raises:
        ValueError: the file is not the one that the engine names.
    """
    import numpy as np

    vectors = np.array(crowds.stated or _shipped(crowds), np.float64)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _shipped(crowds: Crowds) -> list[list[float]]:
    content = files("facecli.models").joinpath(crowds.file).read_bytes()
    if hashlib.sha256(content).hexdigest() != crowds.sha256:
        raise ValueError(f"{crowds.file} is not the file that the engine names")
    found: list[list[float]] = json.loads(content)["crowds"]
    return found
