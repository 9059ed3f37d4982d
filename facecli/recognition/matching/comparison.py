"""Compare probes with references: blocked matrix products, a threshold first, then ranks.

With d^2 = o_p + o_r - 2 square <p, r> (see `scoring`), a limit of d is a least product. Products in
float32, or of whole numbers (`int8_prefilter`), pick the pairs that may be near enough. Their
distances are computed again in double precision, where whole numbers of 8 bits are exact: the
distance of two such templates is the same on every processor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import Scoring, Stored
from facecli.recognition.matching import int8_prefilter
from facecli.recognition.matching.references import Candidate, References
from facecli.workers import threads

if TYPE_CHECKING:
    import numpy.typing as npt

    from facecli.recognition.engines.scoring import Rows
    from facecli.recognition.matching.references import Numbers, Reals

PROBES = 1024  # probes at once: the more, the fewer times each reference is read
CELLS = 2**21  # products of probes and references at once: 8 MB
EXACTLY = 16384  # distances computed or ranked at once: 16 MB
ROUNDING = 1e-3  # more than float32 can lose in a squared distance, for each unit of length


class _Block(NamedTuple):
    """Some rows of some references."""

    references: References
    rows: slice


class _Pairs(NamedTuple):
    """(n,) rows of probes, subjects of references, and their distances."""

    probes: Numbers
    subjects: Numbers
    distances: Reals

    def some(self, which: npt.NDArray[np.bool_]) -> _Pairs:
        """Return the pairs where (n,) `which` is True."""
        return _Pairs(self.probes[which], self.subjects[which], self.distances[which])


class Comparison:
    """Compares some probes with references of the same scoring."""

    def __init__(self, how: Scoring, probes: Stored) -> None:
        self._scoring, self._probes = how, probes
        self._offsets = scoring.offsets(how, probes)

    def best(
        self, blocks: Iterable[References], comparisons: int, threshold: float, top_k: int
    ) -> list[list[Candidate]]:
        """Return per probe the `top_k` nearest subjects within the threshold, nearest first.

        Args:
            comparisons: with these references, of these probes and of those before them; of many, a
                prefilter saves more time than it takes to start.
        """
        best = _Ranked(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        for pairs in _gathered(self._near(blocks, comparisons, threshold * threshold)):
            best = best.with_more(pairs.some(pairs.distances <= threshold), top_k)
        return best.candidates(len(self._probes))

    def distances(self, references: References, probes: Numbers, rows: Numbers) -> Reals:
        """Return (n,) float64 distances between these (n,) probes and (n,) references."""
        found = np.empty(len(rows))
        for start in range(0, len(rows), EXACTLY):
            part = slice(start, start + EXACTLY)
            chosen = Stored(self._probes.rows[probes[part]], self._probes.codes[probes[part]])
            found[part] = scoring.paired_distances(
                self._scoring, chosen, references.part(rows[part])
            )
        return found

    def _near(
        self, blocks: Iterable[References], comparisons: int, limit: float
    ) -> Iterator[_Pairs]:
        """Yield the pairs that may be near enough, with their distances."""
        worth_it = int8_prefilter.pays(len(self._probes), comparisons)
        if worth_it and np.isfinite(self._probes.rows).all():
            prefilter = int8_prefilter.Prefilter(self._probes.rows)

            def look(block: _Block) -> _Pairs:
                return self._look(block, limit, prefilter)

            yield from threads.map_in_order(look, _blocks(blocks, int8_prefilter.ROWS))
        else:
            for block in _blocks(blocks, max(CELLS // len(self._probes), 1)):
                yield self._look(block, limit, None)

    def _look(
        self, block: _Block, limit: float, prefilter: int8_prefilter.Prefilter | None
    ) -> _Pairs:
        """Return the pairs of a block that may be near enough, with their distances."""
        offsets = block.references.offsets[block.rows]
        slack = ROUNDING * max(1.0, float(self._offsets.max()), float(offsets.max()))
        least = (self._offsets + offsets.min() - limit - slack) / (2 * self._scoring.square)
        more = (offsets - offsets.min()) / (2 * self._scoring.square)
        if prefilter is not None:
            longest = float(block.references.lengths[block.rows].max())
            vectors = block.references.forms.rows[block.rows]
            probes, rows = prefilter.within(vectors, longest, least, more)
        else:
            probes, rows = self._by_products(block, least, more)
        rows = rows + block.rows.start
        distances = self.distances(block.references, probes, rows)
        return _Pairs(probes, block.references.subjects[rows], distances)

    def _by_products(self, block: _Block, least: Reals, more: Reals) -> tuple[Numbers, Numbers]:
        """Return the pairs of a block whose product in float32 is at least `least` and `more`."""
        found = products(block.references.forms.rows[block.rows], self._probes.rows)
        if more.max() > ROUNDING:  # skipped if all have the same offset: one pass less
            found -= more.astype(np.float32)[:, None]
        hits = np.flatnonzero(found >= least.astype(np.float32))
        rows, probes = np.divmod(hits, found.shape[1])
        return probes, rows


def products(references: Rows, probes: Rows) -> npt.NDArray[np.float32]:
    """Return (n, m) float32, the inner products of references and probes, int8 or float32.

    Those of whole numbers of 8 bits are exact: no sum of 128 products reaches 2**24.
    """
    columns = probes.astype(np.float32, copy=False).T
    found = np.empty((len(references), len(probes)), np.float32)
    for place, part in scoring.in_parts(references):
        np.matmul(part, columns, out=found[place])
    return found


def _blocks(references: Iterable[References], size: int) -> Iterator[_Block]:
    for one in references:
        for start in range(0, len(one), size):
            yield _Block(one, slice(start, min(start + size, len(one))))


def _gathered(found: Iterator[_Pairs]) -> Iterator[_Pairs]:
    """Yield the same pairs in larger parts, so that ranking them costs little."""
    waiting: list[_Pairs] = []
    count = 0
    for pairs in found:
        if not len(pairs.probes):
            continue
        waiting.append(pairs)
        count += len(pairs.probes)
        if count >= EXACTLY:
            yield _together(waiting)
            waiting, count = [], 0
    if waiting:
        yield _together(waiting)


def _together(parts: list[_Pairs]) -> _Pairs:
    return _Pairs(
        np.concatenate([part.probes for part in parts]),
        np.concatenate([part.subjects for part in parts]),
        np.concatenate([part.distances for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Candidates so far, (n,) each: probes rising, distances rising for each probe."""

    probes: Numbers
    subjects: Numbers
    distances: Reals

    def with_more(self, more: _Pairs, top_k: int) -> _Ranked:
        """Return the `top_k` nearest of both per probe, each subject once, by nearest template."""
        probes = np.concatenate([self.probes, more.probes])
        subjects = np.concatenate([self.subjects, more.subjects])
        distances = np.concatenate([self.distances, more.distances])
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
