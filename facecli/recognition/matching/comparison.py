"""Compare probes with references: blocked matrix products, a threshold first, then ranks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from facecli.recognition.matching import int8_prefilter
from facecli.recognition.matching.references import Candidate, References

if TYPE_CHECKING:
    import numpy.typing as npt

    from facecli.recognition.matching.references import Numbers, Vectors

    Reals = npt.NDArray[np.float64]

PROBES = 1024  # probes at once: the more, the fewer times each reference is read
CELLS = 2**21  # products of probes and references at once: 8 MB
EXACTLY = 16384  # distances computed at once in double precision: 16 MB
ROUNDING = 1e-3  # more than float32 can lose in a squared distance, for each unit of length


class Comparison:
    """Compares some probes with references.

    probes: (m, dimension) float32.
    """

    def __init__(self, references: References, probes: Vectors) -> None:
        self._references, self._probes = references, probes

    def best(self, threshold: float, top_k: int) -> list[list[Candidate]]:
        """Return per probe the `top_k` nearest subjects within the threshold, nearest first."""
        best = _Ranked(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        for probes, rows in _gathered(self._near_enough(threshold)):
            distances = self.distances(probes, rows)
            within = distances <= threshold
            subjects = self._references.subjects[rows[within]]
            best = best.with_more(probes[within], subjects, distances[within], top_k)
        return best.candidates(len(self._probes))

    def _near_enough(self, threshold: float) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield per block (n,) rows of probes and of references that may be near enough."""
        vectors, squares = self._references.vectors, self._references.squares
        own = np.einsum("ij,ij->i", self._probes, self._probes)
        limit = threshold * threshold
        prefilter = self._prefilter()
        step = int8_prefilter.ROWS if prefilter else max(CELLS // len(own), 1)
        for start in range(0, len(vectors), step):
            block = slice(start, start + step)
            shortest, longest = float(squares[block].min()), float(squares[block].max())
            slack = ROUNDING * max(1.0, float(own.max()), longest)
            # |p - r|^2 <= limit, written with the product on one side.
            least = (own + shortest - limit - slack) / 2
            if prefilter:
                probes, rows = prefilter.within(vectors[block], longest**0.5, least)
            else:
                products = self._probes @ vectors[block].T
                if longest - shortest > ROUNDING:  # skipped if all have unit length: one pass less
                    products -= (squares[block] - np.float32(shortest)) / 2
                hits = np.flatnonzero(products >= least.astype(np.float32)[:, None])
                probes, rows = np.divmod(hits, products.shape[1])
            if len(rows):
                yield probes, rows + start

    def _prefilter(self) -> int8_prefilter.Prefilter | None:
        """Return a prefilter where it pays: for many references, all of the same length."""
        squares, probes = self._references.squares, len(self._probes)
        if (
            probes < int8_prefilter.LEAST_PROBES
            or probes * len(squares) < int8_prefilter.LEAST_CELLS
        ):
            return None
        alike = squares.max() - squares.min() <= ROUNDING and np.isfinite(self._probes).all()
        return int8_prefilter.Prefilter(self._probes) if alike else None

    def distances(self, probes: Numbers, rows: Numbers) -> Reals:
        """Return (n,) float64 distances between these (n,) probes and (n,) references."""
        found = np.empty(len(rows))
        for start in range(0, len(rows), EXACTLY):
            part = slice(start, start + EXACTLY)
            difference = self._references.vectors[rows[part]].astype(np.float64)
            difference -= self._probes[probes[part]]
            found[part] = np.sqrt(np.einsum("ij,ij->i", difference, difference))
        return found


def _gathered(found: Iterator[tuple[Numbers, Numbers]]) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield the same pairs in larger parts, so that ranking them costs little."""
    waiting: list[tuple[Numbers, Numbers]] = []
    count = 0
    for probes, rows in found:
        waiting.append((probes, rows))
        count += len(rows)
        if count >= EXACTLY:
            yield _together(waiting)
            waiting, count = [], 0
    if waiting:
        yield _together(waiting)


def _together(parts: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    return np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Candidates so far, (n,) each: probes rising, distances rising for each probe."""

    probes: Numbers
    subjects: Numbers
    distances: Reals

    def with_more(
        self, probes: Numbers, subjects: Numbers, distances: Reals, top_k: int
    ) -> _Ranked:
        """Return the `top_k` nearest of both per probe, each subject once, by nearest template."""
        probes = np.concatenate([self.probes, probes])
        subjects = np.concatenate([self.subjects, subjects])
        distances = np.concatenate([self.distances, distances])
        order = np.lexsort((distances, subjects, probes))
        new = np.ones(len(order), bool)
        new[1:] = np.diff(probes[order]).astype(bool) | np.diff(subjects[order]).astype(bool)
        order = order[new]
        order = order[np.lexsort((subjects[order], distances[order], probes[order]))]
        rank = np.arange(len(order)) - np.searchsorted(probes[order], probes[order])
        order = order[rank < top_k]
        return _Ranked(probes[order], subjects[order], distances[order])

    def candidates(self, probes: int) -> list[list[Candidate]]:
        """Return the candidates as one list per probe, for this number of probes."""
        found: list[list[Candidate]] = [[] for _ in range(probes)]
        columns = (self.probes.tolist(), self.subjects.tolist(), self.distances.tolist())
        for probe, subject, distance in zip(*columns, strict=True):
            found[probe].append(Candidate(subject, distance))
        return found
