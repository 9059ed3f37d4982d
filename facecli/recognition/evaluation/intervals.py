"""95 % intervals of measured rates; each names its method.

Comparisons that share a person are not independent, so that an interval over comparisons is much
too narrow. The bootstrap draws people with all their images (the subsets bootstrap of Bolle, Ratha
& Pankanti, Computer Vision and Image Understanding 93, 2004).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from facecli.printable import counted
from facecli.recognition.evaluation.results import Interval

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.floating]
    Codes = npt.NDArray[np.integer]

REPLICATES = 1000
"""Draws of people."""
MOST_WEIGHTS = 2**27
"""Largest number of weights, 512 MB: sets of very many people get fewer draws."""
SEED = 19795
"""Seed of the draws; the number of the ISO/IEC standard on evaluation."""
Z = 1.959964
"""97.5 % quantile of the standard normal distribution."""
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""97.5 % quantiles of Student's t for 1 to 10 degrees of freedom."""
WEIGHTS_AT_ONCE = 2**22
"""Products of two weights in memory at once: 16 MB."""


def wilson(errors: int, count: int, method: str = "Wilson") -> Interval:
    """Return Wilson's score interval of errors/count (JASA 22, 1927), for independent trials."""
    if not count:
        return Interval(0.0, 1.0, method)
    share = errors / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z / (1 + Z * Z / count) * math.sqrt(
        share * (1 - share) / count + Z * Z / (4 * count * count)
    )  # fmt: skip
    low = 0.0 if errors == 0 else max(middle - half, 0.0)
    high = 1.0 if errors == count else min(middle + half, 1.0)
    return Interval(low, high, method)


def over_folds(values: Sequence[float]) -> Interval:
    """Return the interval by Student's t over the values of two or more folds, 0..1 each."""
    deviation = np.std(values, ddof=1) / math.sqrt(len(values))
    quantile = STUDENT[min(len(values) - 1, len(STUDENT)) - 1]
    middle = float(np.mean(values))
    half = float(quantile * deviation)
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0), f"t over {len(values)} folds")


class PeopleBootstrap:
    """Draws of people with replacement; always the same draws for the same number of people.

    Two draws of one person are not compared with each other, because they have the same images.
    """

    def __init__(self, people: int, replicates: int = REPLICATES) -> None:
        self.people = people
        replicates = min(replicates, max(MOST_WEIGHTS // max(people, 1), 100))
        random = np.random.default_rng(SEED)
        drawn = random.multinomial(people, np.full(people, 1 / people), replicates)
        self.weights = drawn.astype(np.float32)
        """(replicates, people) float32: number of times each person was drawn."""

    @property
    def method(self) -> str:
        """The name of the method of these intervals."""
        return f"bootstrap over {counted(self.people, 'person', 'people')}"

    def interval(self, values: Array) -> Interval:
        """Return the middle 95 % of a statistic's replicates, (replicates,); NaN is ignored."""
        defined = values[np.isfinite(values)]
        if not len(defined):
            return Interval(0.0, 1.0, self.method)
        low, high = np.percentile(defined, [2.5, 97.5])
        return Interval(float(low), float(high), self.method)

    def share(self, errors: Array, counts: Array) -> Interval:
        """Return the interval of sum(errors)/sum(counts), both (people,)."""
        total, wrong = float(counts.sum()), float(errors.sum())
        if wrong in (0.0, total):
            return self._all_or_nothing(bool(wrong), int(np.count_nonzero(counts)))
        return self.interval(self.shares(errors, counts))

    def shares(self, errors: Array, counts: Array) -> Array:
        """Return (replicates,) sum(errors)/sum(counts); NaN if no person with a count was drawn."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.weights @ errors) / (self.weights @ counts))

    def between(self, first: Codes, second: Codes, images: Array) -> Interval:
        """Return the interval of the share of errors in all comparisons between people.

        Args:
            first, second: (errors,) the two people of each error.
            images: (people,) number of images of each.
        """
        if not len(first):
            return self._all_or_nothing(False, int(np.count_nonzero(images)))
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.interval(self._errors(first, second) / self.comparisons_between(images))

    def across(self, first: Codes, second: Codes, one: Array, other: Array) -> Interval:
        """Return the interval of the share of errors in all comparisons across two groups.

        Args:
            first, second: (errors,) the two people of each error; at least one.
            one, other: (people,) images of each person in the one group and in the other.
        """
        weights = self.weights.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            made = (weights @ one) * (weights @ other)
            return self.interval(self._errors(first, second) / made)

    def _errors(self, first: Codes, second: Codes) -> Array:
        """Return (replicates,) the number of errors between these (errors,) people in each draw."""
        low, high = np.minimum(first, second), np.maximum(first, second)
        pairs, counts = np.unique(low.astype(np.int64) * self.people + high, return_counts=True)
        wrong = np.zeros(len(self.weights))
        step = max(WEIGHTS_AT_ONCE // len(self.weights), 1)
        for start in range(0, len(pairs), step):
            a, b = np.divmod(pairs[start : start + step], self.people)
            weights = self.weights[:, a] * self.weights[:, b]
            wrong += weights @ counts[start : start + step]
        return wrong

    def comparisons_between(self, images: Array) -> Array:
        """Return (replicates,) the number of comparisons between people in each draw."""
        weights = self.weights.astype(np.float64)
        return np.asarray(((weights @ images) ** 2 - weights**2 @ images**2) / 2)

    @staticmethod
    def _all_or_nothing(wrong: bool, people: int) -> Interval:
        """Return Wilson's interval over people: all draws of no or only errors look the same."""
        method = f"Wilson over {counted(people, 'person', 'people')}"
        return wilson(people if wrong else 0, people, method)
