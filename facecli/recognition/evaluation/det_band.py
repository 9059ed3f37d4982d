"""The confidence band of a DET curve: its misses in each draw of people.

Each draw chooses its own thresholds, at which it shows the false-positive rates of the curve. So
the band covers the uncertainty of both kinds of error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from facecli.recognition.evaluation.intervals import WEIGHTS_AT_ONCE
from facecli.recognition.evaluation.results import Band

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.floating]

POINTS = 40
FARTHEST = float(np.finfo(np.float32).max)
"""The longest distance. An infinite one stands for a face that was not found: it never matches."""
ENDS = (2.5, 97.5)
"""Percentiles of the draws that are the ends of the band."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """Comparisons or searches, which count in a draw as often as all their people were drawn.

    distances: (n,), rising; infinite for a face that was not found. people: (n, k)
    the k people of each.
    """

    distances: Array
    people: npt.NDArray[np.integer]

    def counts(self, draws: Array) -> Array:
        """Return (draws, n) the weight at or below each distance. draws: (draws, people)."""
        columns = (draws[:, column] for column in self.people.T)
        return np.cumsum(reduce(np.multiply, columns), axis=1, dtype=np.float64)


def drawn_hits(
    weights: Array, rates: Sequence[float], totals: Array, wrong: Weighed, right: Weighed
) -> Array:
    """Return (draws, rates) the share of `right` within the threshold of each draw and rate.

    A share is NaN in a draw without any of `right`.

    Args:
        weights: (draws, people) number of times each person was drawn.
        rates: shares of `wrong` at or below a threshold, 0..1.
        totals: (draws,) weight of all comparisons of which `wrong` are the nearest.
    """
    found = np.full((len(weights), len(rates)), np.nan)
    step = max(WEIGHTS_AT_ONCE // max(len(wrong.distances), 1), 1)
    for start in range(0, len(weights), step):
        draws = weights[start : start + step]
        counts, hits = wrong.counts(draws), right.counts(draws)
        for at in range(len(draws)):
            if hits.shape[1] and hits[at, -1]:
                allowed = np.asarray(rates) * totals[start + at]
                limits = np.searchsorted(counts[at], allowed, side="right")
                thresholds = np.append(-1.0, wrong.distances)[limits]
                thresholds = np.minimum(thresholds, FARTHEST)
                within = np.searchsorted(right.distances, thresholds, side="right")
                found[start + at] = np.append(0.0, hits[at])[within] / hits[at, -1]
    return found


def band(rates: Sequence[float], hits: Array) -> Band | None:
    """Return the band of the misses at these false-positive rates, rising; None if there is none.

    hits: (draws, rates) of `drawn_hits`.
    """
    defined = hits[np.isfinite(hits).all(axis=1)]
    if len(rates) < 2 or not len(defined):
        return None
    low, high = np.percentile(1 - defined, ENDS, axis=0)
    return Band(tuple(rates), tuple(low.tolist()), tuple(high.tolist()))
