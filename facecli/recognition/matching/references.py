"""What a search compares and returns: the references, and the candidates for a probe."""

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
    """A subject near a probe. `distance` is that of the nearest template; lower is closer."""

    subject_id: int
    distance: float


@dataclass(frozen=True, eq=False)
class References:
    """Templates (n, dimension) float32, (n,) whose they are, (n,) their squared lengths."""

    vectors: Vectors
    subjects: Numbers
    squares: Vectors
