"""The nearest pairs of different subjects of a gallery, in constant memory.

Each pair of subjects is compared once: one template of the first, drawn at random, with the nearest
template of the second, as a probe is compared with a subject. The order of the subjects is drawn as
well. So a subject with many templates makes no more pairs than another.

In a large gallery, MOST_SUBJECTS of the subjects are drawn at random, fewer if they have more than
MOST_TEMPLATES templates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import Scoring, Stored
from facecli.recognition.matching.rate_bounds import SEED, NearestPairs
from facecli.steps import counting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from facecli.consent.gate import Permission
    from facecli.recognition.matching.references import References

    Numbers = npt.NDArray[np.int64]
    Singles = npt.NDArray[np.float32]

MOST_SUBJECTS = 12_000
"""Subjects drawn at most: their 72 million pairs show a rate of 1e-6 with 72 of them."""
MOST_TEMPLATES = 48_000
"""Templates of the subjects drawn at most."""
MOST_OF_ONE = 32
"""Templates of one subject at most, drawn at random."""
NEAR = 0.1
"""Share of the pairs that is kept: the highest rate for which a threshold is found."""
LEAST_KEPT, MOST_KEPT = 64, 800_000
"""Pairs kept at least and at most. A kept pair takes 16 bytes."""
PROBES = 256
"""Subjects compared with all others at once: with MOST_TEMPLATES, 50 MB."""


def drawn(permission: Permission) -> Permission:
    """Return the templates of the subjects drawn, of all that may be compared."""
    random = np.random.default_rng(SEED)
    subjects, counts = np.unique(permission.subjects, return_counts=True)
    order = random.permutation(len(subjects))
    used = np.minimum(counts[order], MOST_OF_ONE).cumsum()
    chosen = order[: min(int(np.searchsorted(used, MOST_TEMPLATES, side="right")), MOST_SUBJECTS)]
    if len(chosen) == len(subjects) and counts.max(initial=0) <= MOST_OF_ONE:
        return permission
    rows = np.flatnonzero(np.isin(permission.subjects, subjects[chosen]))
    rows = random.permutation(rows)
    rows = rows[np.argsort(permission.subjects[rows], kind="stable")]
    rows = np.sort(rows[_ranks(permission.subjects[rows]) < MOST_OF_ONE])
    return replace(
        permission,
        shards=permission.shards[rows],
        slots=permission.slots[rows],
        subjects=permission.subjects[rows],
    )


def _ranks(subjects: npt.NDArray[np.uint32]) -> Numbers:
    """Return (n,) the place of each row among those of its subject; equal subjects adjoin."""
    begins = np.ones(len(subjects), bool)
    begins[1:] = subjects[1:] != subjects[:-1]
    starts = np.flatnonzero(begins)
    return np.asarray(np.arange(len(subjects)) - starts[begins.cumsum() - 1], np.int64)


@dataclass(frozen=True, eq=False)
class Sample:
    """Subjects in the order drawn, with their templates.

    subjects: (n,) int64 row ids. rows: (m, dimension) float32, offsets: (m,) float32 (see
    `scoring.offsets`), in the subjects' order. starts: (n,) first template of each subject.
    probes: (n,) a template of each, drawn at random.
    """

    how: Scoring
    subjects: Numbers
    rows: Singles
    offsets: Singles
    starts: Numbers
    probes: Numbers

    @classmethod
    def of(cls, how: Scoring, blocks: Iterable[References]) -> Sample:
        """Return the sample that these templates are."""
        held = list(blocks)
        forms = Stored(
            np.concatenate([block.forms.rows for block in held]),
            np.concatenate([block.forms.codes for block in held]),
        )
        owners = np.concatenate([block.subjects for block in held])
        random = np.random.default_rng(SEED)
        rising, number = np.unique(owners, return_inverse=True)
        place_of = random.permutation(len(rising))
        subjects = np.empty_like(rising)
        subjects[place_of] = rising
        place = place_of[number]
        order = np.argsort(place, kind="stable")
        counts = np.bincount(place, minlength=len(subjects))
        starts = counts.cumsum() - counts
        probes = starts + random.integers(0, counts)
        rows, offsets = forms.rows[order].astype(np.float32), scoring.offsets(how, forms)[order]
        return cls(how, subjects, rows, offsets.astype(np.float32), starts, probes)

    def others_of_one(self, left_out: Sequence[int] = ()) -> int:
        """Return the number of templates that a subject is searched in, in the mean.

        left_out: places of subjects who do not count.
        """
        counts = np.diff([*self.starts, len(self.rows)])
        counts[np.array(left_out, np.int64)] = 0
        people = np.count_nonzero(counts)
        return int(counts.sum() * max(people - 1, 0) // max(people, 1))

    def squares(self) -> Iterator[tuple[int, Singles]]:
        """Yield `start` and (PROBES, n - start) float32, squared distances of subjects from it on.

        Those to a subject that is no later than the probe are infinite: each pair is there once.
        """
        for start in range(0, len(self.subjects), PROBES):
            probes = self.probes[start : start + PROBES]
            first = self.starts[start]
            found = self.rows[probes] @ self.rows[first:].T
            found *= np.float32(-2 * self.how.square)
            found += self.offsets[probes][:, None]
            found += self.offsets[None, first:]
            if len(self.rows) - first > len(self.subjects) - start:
                found = np.minimum.reduceat(found, self.starts[start:] - first, axis=1)
            found[np.tril_indices(len(probes), 0, found.shape[1])] = np.inf
            yield start, found


def nearest(sample: Sample) -> NearestPairs:
    """Return the nearest pairs of a sample, each with the weight 1."""
    count = len(sample.subjects)
    pairs = count * (count - 1) // 2
    most = int(min(max(NEAR * pairs, LEAST_KEPT), MOST_KEPT, pairs))
    kept = _Kept(most)
    with counting("subject", count) as step:
        for start, squares in sample.squares():
            kept.add(start, squares)
            step(len(squares))
    kept.trim()
    order = np.argsort(kept.squares, kind="stable")
    distances = np.sqrt(np.maximum(kept.squares[order].astype(np.float64), 0.0))
    limit = float(distances[-1]) if len(distances) else 0.0
    return NearestPairs(
        count, kept.first[order], kept.second[order], distances, np.ones(len(order)), limit
    )


class _Kept:
    """The nearest pairs met so far: at most `most`, and twice as many between two trims."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = np.float32(np.inf)
        self._first: list[npt.NDArray[np.int32]] = []
        self._second: list[npt.NDArray[np.int32]] = []
        self._squares: list[Singles] = []
        self._count = 0

    def add(self, start: int, squares: Singles) -> None:
        """Add the pairs of a block that are near enough."""
        first, second = np.nonzero(squares < self._limit)
        self._first.append((first + start).astype(np.int32))
        self._second.append((second + start).astype(np.int32))
        self._squares.append(squares[first, second])
        self._count += len(first)
        if self._count > 2 * self._most:
            self.trim()

    def trim(self) -> None:
        """Forget all but the nearest. Of equal ones at the end, none is kept."""
        first, second, squares = self.first, self.second, self.squares
        if len(squares) > self._most:
            self._limit = np.partition(squares, self._most)[self._most]
            near = squares < self._limit
            first, second, squares = first[near], second[near], squares[near]
        self._first, self._second, self._squares = [first], [second], [squares]
        self._count = len(squares)

    @property
    def first(self) -> npt.NDArray[np.int32]:
        """(n,) the earlier subject of each pair."""
        return np.concatenate([np.empty(0, np.int32), *self._first])

    @property
    def second(self) -> npt.NDArray[np.int32]:
        """(n,) the later subject of each pair."""
        return np.concatenate([np.empty(0, np.int32), *self._second])

    @property
    def squares(self) -> Singles:
        """(n,) float32, the squared distance of each pair; below 0 only by rounding."""
        return np.concatenate([np.empty(0, np.float32), *self._squares])


def without(near: NearestPairs, subjects: npt.NDArray[np.int32]) -> NearestPairs:
    """Return the pairs of all but some subjects, who are renumbered."""
    stays = np.ones(near.subjects, bool)
    stays[subjects] = False
    number = (stays.cumsum() - 1).astype(np.int32)
    inside = stays[near.first] & stays[near.second]
    first, second = number[near.first[inside]], number[near.second[inside]]
    kept = near.distances[inside], near.weights[inside]
    return NearestPairs(int(stays.sum()), first, second, *kept, near.limit)
