"""The references that probes are compared with, and the candidates that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Candidate:
    """A subject returned for a probe, with its distance.

    distance: to the nearest of its templates; lower is closer.
    """

    subject_id: int
    distance: float


@dataclass(frozen=True, eq=False)
class References:
    """The templates of a gallery.

    vectors: (n, dimension) float32. subjects: (n,) int64, row ids of their subjects. squares: (n,)
    float32, squared lengths of the vectors.
    """

    vectors: Vectors
    subjects: Numbers
    squares: Vectors
