"""From the nearest pairs of different subjects to thresholds that hold a false-match rate.

A threshold holds a rate if the upper 95 % bound of the share of pairs at or below it is not larger.
The bound is over people: each draw takes as many subjects as there are, with replacement, and each
pair as often as the product of the times that its two subjects were drawn (the subsets bootstrap of
Bolle, Ratha & Pankanti, Computer Vision and Image Understanding 93, 2004). So a subject who
resembles many widens the bound.

Thresholds lie on a grid of distances that does not depend on the pairs. A *measured* one has
RULE_OF_30 pairs or more at or below it, at most half of them of one subject: it is never the
distance of one pair of people. Where fewer lie, a generalised Pareto distribution is fitted to the
tail of the similarities in each draw (Pickands, Annals of Statistics 3, 1975), and the threshold is
*extrapolated*.

This file is pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from facecli.recognition.engines.calibration import RULE_OF_30

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[np.int32]
    Reals = npt.NDArray[np.float64]

DRAWS = 400
"""Draws of people."""
SEED = 19795
"""Seed of the draws; the number of the ISO/IEC standard on evaluation."""
INTERVAL = (2.5, 97.5)
"""Percentiles of the draws that are the ends of an interval."""
UPPER = 95.0
"""Percentile of the draws that is the upper bound."""
GRID = 1e-3
"""Step of the grid of distances. A false-match rate changes by about 4 % in one step."""
PAIRS = 2048
"""Pairs whose times of being drawn are multiplied at once: 3 MB for each of the two."""
LARGEST_GRID = 4096
"""Most steps: an engine with long distances has a grid of 2, 4, 8 … times GRID."""
TAIL = 0.01
"""Share of the pairs to which a tail is fitted."""
LEAST_TAIL = 30
"""Least number of pairs to which a tail is fitted."""
SHAPES = (-0.4, 0.1)
"""Range of the shape of a tail; outside it, the few largest values would decide."""


MIDDLE = 50.0
"""Percentile of the draws that is their middle."""


REACH = 20
"""Times below the lowest measured rate down to which a tail says enough for a bound: 250 subjects
show a rate of 1e-3 with 30 pairs, and 1e-4 by their tail."""


@dataclass(frozen=True)
class Beyond:
    """The way in which a tail is followed below the lowest measured rate.

    reach: how many times below that rate. bounded: the lowest rate that the upper bound holds.
    bounded_near: the same, down to a REACH-th of the lowest measured rate. Below, the middle of the
    draws holds a rate.
    """

    reach: float
    bounded: float = 0.0
    bounded_near: float = 0.0

    def is_bounded(self, rate: float, least: float) -> bool:
        """Return True if the upper bound holds a rate. least: the lowest measured rate."""
        return rate >= self.bounded or rate >= max(self.bounded_near, least / REACH)


BOUNDED = Beyond(REACH)
"""For one gallery."""
ANYWHERE = Beyond(math.inf)
"""To show where a tail leads, and how little it says there. No threshold in use is found so."""
OF_GROUPS = Beyond(math.inf, bounded=1e-2, bounded_near=1e-3)
"""For the worst of several groups, of 12 people or more. At 1e-2 their pairs still say something,
and strangers of the group need the bound. At 1e-3 a group of 13 people has a 13th of a pair: its
bound would raise the FNMR of `sface` from 3 to 8 %. At 1e-4 bounds would raise it from 5 to 22 %,
and from 5 to 16 % if only groups with pairs near that rate had one."""


@dataclass(frozen=True, eq=False)
class NearestPairs:
    """The nearest comparisons between some subjects.

    subjects: their number. first, second: (n,) int32, the two subjects of each comparison, from 0.
    distances: (n,) float64, lower is closer. weights: (n,) float64; those of all comparisons of one
    pair of subjects, near or not, have the sum 1. limit: every comparison at or below it is here.
    """

    subjects: int
    first: Numbers
    second: Numbers
    distances: Reals
    weights: Reals
    limit: float

    @property
    def all_pairs(self) -> int:
        """The number of pairs of these subjects, near or not."""
        return self.subjects * (self.subjects - 1) // 2


@dataclass(frozen=True)
class Bound:
    """A threshold that holds a rate.

    rate: 0..1, as it was asked for. distance: the largest distance that is a match, on the grid.
    extrapolated: by the fitted tail; `middle` is then the distance by the middle draw, otherwise
    the same. low, high: 95 % interval of the rate within `distance`. share: that rate by the middle
    draw.
    """

    rate: float
    distance: float
    middle: float
    extrapolated: bool
    low: float
    high: float
    share: float


@dataclass(frozen=True)
class _Shares:
    """Shares at or below each of (m,) edges, rising, by percentiles of the draws."""

    edges: Reals
    upper: Reals
    middle: Reals
    low: Reals
    high: Reals

    @classmethod
    def of(cls, edges: Reals, draws: Reals, upper: float = UPPER) -> _Shares:
        """Return the percentiles of (draws, m) shares."""
        found = np.percentile(draws, (upper, MIDDLE, *INTERVAL), axis=0)
        return cls(edges, *np.maximum.accumulate(found, axis=1))

    def measured(self, rate: float) -> Bound | None:
        """Return the longest distance whose upper bound is within the rate, if there is one."""
        place = self._last(self.upper, rate)
        return None if place < 0 else self._bound(rate, place, place, extrapolated=False)

    def extrapolated(self, rate: float) -> Bound | None:
        """Return the same of a fitted tail, with the distance by the middle draw."""
        place = self._last(self.upper, rate)
        middle = self._last(self.middle, rate)
        return None if place < 0 else self._bound(rate, place, middle, extrapolated=True)

    @staticmethod
    def _last(shares: Reals, rate: float) -> int:
        return int(np.searchsorted(shares, rate, side="right")) - 1

    def _bound(self, rate: float, place: int, middle: int, *, extrapolated: bool) -> Bound:
        distances = float(self.edges[place]), float(self.edges[middle])
        ends = float(self.low[place]), float(self.high[place])
        return Bound(rate, *distances, extrapolated, *ends, float(self.middle[place]))


def pair_bounds(
    near: NearestPairs, rates: Iterable[float], beyond: Beyond = BOUNDED
) -> tuple[Bound, ...]:
    """Return the thresholds for the false-match rates that these pairs support, rising.

    Args:
        rates: 0..1.
    """
    edges = grid(near.limit)
    counts = _summed(edges, near.distances, near.weights)
    start = _first_supported(near, edges, counts)
    if start is None:
        return ()
    draws = _drawn_shares(near, edges)
    measured = _Shares.of(edges, draws)
    end = _edge_of_tail(counts, near.all_pairs)
    tails = _tails(draws, edges, end)
    bounded, likely = (_Shares.of(edges, tails, level) for level in (UPPER, MIDDLE))
    least, most = measured.upper[start], measured.upper[-1]
    found = []
    for rate in sorted(rates):
        if least <= rate < most:
            found.append(measured.measured(rate))
        elif least / beyond.reach <= rate < least:
            tail = bounded if beyond.is_bounded(rate, least) else likely
            found.append(tail.extrapolated(rate))
    return _rising(found)


def search_bounds(near: NearestPairs, rates: Iterable[float]) -> tuple[Bound, ...]:
    """Return the thresholds for the false-positive identification rates that are supported.

    Each subject is searched among all others. A rate is supported if RULE_OF_30 subjects or more
    find another one.

    Args:
        rates: share of such searches that may return a candidate, 0..1.
    """
    edges = grid(near.limit)
    nearest = np.full(near.subjects, np.inf)
    for side in (near.first, near.second):
        np.minimum.at(nearest, side, near.distances)
    places = np.searchsorted(edges, nearest, side="left")
    counts = np.bincount(places, minlength=len(edges) + 1)[:-1].cumsum()
    if not len(edges) or counts[-1] < RULE_OF_30:
        return ()
    times = _times_drawn(near.subjects)
    draws = [np.bincount(places, one, minlength=len(edges) + 1)[:-1].cumsum() for one in times]
    shares = _Shares.of(edges, np.array(draws) / near.subjects)
    least = shares.upper[int(np.argmax(counts >= RULE_OF_30))]
    fit = (rate for rate in sorted(rates) if least <= rate < shares.upper[-1])
    return _rising([shares.measured(rate) for rate in fit])


def grid(limit: float) -> Reals:
    """Return (m,) float64, the rising distances up to a limit that a threshold may have."""
    step = GRID
    while limit > LARGEST_GRID * step:
        step *= 2
    return np.asarray(np.arange(1, math.floor(limit / step + 1e-6) + 1) * step)


def _rising(found: Sequence[Bound | None]) -> tuple[Bound, ...]:
    """Return the bounds without those that a higher rate contradicts: the stricter one counts."""
    kept: list[Bound] = []
    for one in reversed(found):
        if one is None:
            continue
        stricter = replace(one, middle=min(one.middle, kept[-1].middle)) if kept else one
        if not kept or one.distance < kept[-1].distance:
            kept.append(stricter)
    return tuple(reversed(kept))


def _summed(edges: Reals, distances: Reals, weights: Reals) -> Reals:
    """Return (m,) the sum of the weights at or below each edge."""
    places = np.searchsorted(edges, distances, side="left")
    return np.asarray(np.bincount(places, weights, minlength=len(edges) + 1)[:-1].cumsum())


def _first_supported(near: NearestPairs, edges: Reals, counts: Reals) -> int | None:
    """Return the first edge with pairs enough that are not mostly of one subject."""
    for place in np.flatnonzero(counts >= RULE_OF_30 - 1e-9):
        inside = near.distances <= edges[place]
        weights = near.weights[inside]
        shares = sum(
            np.bincount(side[inside], weights, minlength=near.subjects)
            for side in (near.first, near.second)
        )
        if np.max(shares) <= counts[place] / 2:
            return int(place)
    return None


def _edge_of_tail(counts: Reals, pairs: int) -> int:
    place = int(np.searchsorted(counts, max(TAIL * pairs, LEAST_TAIL)))
    return min(place, len(counts) - 1)


def _times_drawn(subjects: int) -> Iterable[Reals]:
    """Yield for each draw (subjects,) float64, the number of times that each was drawn."""
    random = np.random.default_rng(SEED)
    chances = np.full(subjects, 1 / subjects)
    for _ in range(DRAWS):
        yield random.multinomial(subjects, chances).astype(np.float64)


def _drawn_shares(near: NearestPairs, edges: Reals) -> Reals:
    """Return (draws, m) the share of pairs at or below each edge in each draw of people.

    Two draws of one subject make no pair. Sums of a step of the grid are of whole numbers below
    2^24 where each weight is 1, and so exact in float32.
    """
    order = np.argsort(near.distances, kind="stable")
    first, second = near.first[order], near.second[order]
    weights = near.weights[order].astype(np.float32)[:, None]
    times = np.empty((near.subjects, DRAWS), np.float32)
    for draw, drawn in enumerate(_times_drawn(near.subjects)):
        times[:, draw] = drawn
    ends = np.searchsorted(near.distances[order], edges, side="right")
    found = np.zeros((len(edges), DRAWS))
    last = int(ends.max(initial=0))
    for start, end in pairwise(np.unique([*ends, *range(0, last, PAIRS)])):
        one, other = times[first[start:end]], times[second[start:end]]
        place = np.searchsorted(ends, start, side="right")
        found[place] += np.einsum("pd,pd->d", one * weights[start:end], other)
    pairs = (near.subjects**2 - np.square(times, dtype=np.float64).sum(axis=0)) / 2
    return np.asarray(found.cumsum(axis=0).T / np.maximum(pairs, 1.0)[:, None])


def _tails(draws: Reals, edges: Reals, at: int) -> Reals:
    """Return (draws, at + 1) the shares at or below the first edges by the fitted tails.

    The similarity of a distance d is -d^2 / 2. Its excess over that of the edge `at` has the
    distribution with the same first two moments (Hosking & Wallis, Technometrics 29, 1987).
    """
    similar = -np.square(edges[: at + 1]) / 2
    excess = similar - similar[-1]
    inside = np.diff(draws[:, : at + 1], axis=1, prepend=0.0)
    whole = inside.sum(axis=1, keepdims=True)
    mean = inside @ excess[:, None] / np.maximum(whole, 1e-300)
    variance = inside @ np.square(excess)[:, None] / np.maximum(whole, 1e-300) - np.square(mean)
    shape = np.clip((1 - np.square(mean) / np.maximum(variance, 1e-300)) / 2, *SHAPES)
    shape = np.where(np.abs(shape) < 1e-6, 1e-6, shape)
    scale = np.maximum(mean * (1 - shape), 1e-300)
    left = np.maximum(1 + shape * excess[None] / scale, 0.0)
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(whole * np.power(left, -1 / shape))
