"""The templates of a set, and the distances between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import Scoring, Stored

if TYPE_CHECKING:
    import numpy.typing as npt

    Reals = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]

BLOCK = 512
"""Rows compared at once. This bounds memory without slowing the matrix product."""


class Templates:
    """Stored forms of n templates, compared as matching compares them; lower is closer."""

    def __init__(self, how: Scoring, forms: Stored) -> None:
        self._how = how
        self.forms = forms
        self._rows = forms.rows.astype(np.float32)  # products of 8-bit rows are exact in float32
        self._offsets = scoring.offsets(how, forms)

    def __len__(self) -> int:
        return len(self.forms)

    def among(self, rows: Numbers | slice) -> Templates:
        """Return these templates only."""
        return Templates(self._how, Stored(self.forms.rows[rows], self.forms.codes[rows]))

    def blocks(self) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Yield `start` and (rows, n - start) float32 distances for each block from `start` on."""
        for start in range(0, len(self), BLOCK):
            block = self.among(slice(start, start + BLOCK))
            yield start, block.to(self, start).astype(np.float32)

    def to(self, others: Templates, start: int = 0) -> Reals:
        """Return (n, m - start) distances to the other templates from `start` on."""
        products = self._rows @ others._rows[start:].T
        offsets = self._offsets[:, None], others._offsets[None, start:]
        return scoring.distances(self._how, products.astype(np.float64), *offsets)

    def of(self, rows: Numbers) -> Reals:
        """Return (m,) distances between the two templates of each of (m, 2) rows."""
        first, second = (Stored(self.forms.rows[part], self.forms.codes[part]) for part in rows.T)
        return scoring.paired_distances(self._how, first, second)
