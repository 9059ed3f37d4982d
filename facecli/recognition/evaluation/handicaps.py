"""Estimate the constants of a model card's handicaps from labelled images, by cross-validation.

The people are split in two halves, SPLITS times. The crowd is the mean of one half, and true-match
rates are measured on the other half, for each pair of weights. Constants are only returned if they
gain on people who were not used for them; the crowd is then the mean of everybody.

This file is pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from facecli.errors.command_line import BadInput
from facecli.printable import counted
from facecli.recognition.engines import scoring
from facecli.recognition.engines.card_handicap import DIGITS, CardHandicap
from facecli.recognition.engines.engine import ModelCard
from facecli.recognition.engines.scoring import NetworkOutput
from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.distances import Templates

if TYPE_CHECKING:
    import numpy.typing as npt

    Reals = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]

SEED = 19795
"""Seed of the splits; the number of the ISO/IEC standard on evaluation."""
SPLITS = 3
LEAST_PEOPLE = 100
"""People whose mean is the crowd: of few, it would show who they are."""
MOST_MEASURED = 2000
"""Templates that are compared in a half at most: two million pairs."""
RATE = 1e-3
"""False-match rate at which true-match rates are compared."""
CROWD_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4)
NORM_SPANS = (0.0, 0.03, 0.06, 0.09)
"""Handicap of the highest norm less that of the lowest; `sface` has 0.06."""
NORM_ENDS = (1, 50, 99)
"""Percentiles of the norms that are low, middle and high."""


def with_constants(acquired: Acquired, card: ModelCard) -> tuple[ModelCard, Acquired]:
    """Return the card with estimated constants, and the templates as they make them.

    Args:
        acquired: by the engine of `unscaled(card)`.

    Raises:
        BadInput: see `estimate`.
    """
    output = NetworkOutput.of_unit_length(acquired.templates.forms.rows.astype(np.float32))
    estimated = replace(card, handicap=estimate(output, acquired.people))
    how = estimated.spec(None).scoring
    return estimated, replace(acquired, templates=Templates(how, scoring.stored(how, output)))


def unscaled(card: ModelCard) -> ModelCard:
    """Return a card whose templates are the network's output as it is, with its norm."""
    return replace(card, metric="euclidean", handicap=None)


def estimate(output: NetworkOutput, people: Sequence[str]) -> CardHandicap:
    """Return the constants with the highest true-match rate on people who were not used.

    Args:
        people: the person of each template.

    Raises:
        BadInput: there are fewer than LEAST_PEOPLE, or no constants gain.
    """
    codes = np.unique(list(people), return_inverse=True)[1]
    count = len(np.unique(codes))
    if count < LEAST_PEOPLE:
        seen = counted(count, "person", "people")
        why = f"they are of {seen}, and constants need {LEAST_PEOPLE}"
        raise BadInput(what="The set of images", why=why)
    rates = _cross_validated(output, codes)
    weights = max(rates, key=lambda one: (rates[one].mean(), -sum(one)))
    gain = rates[weights] - rates[0.0, 0.0]
    if gain.mean() <= gain.std(ddof=1) / np.sqrt(len(gain)):
        why = "no constants gain on people who were not used to estimate them"
        raise BadInput(what="The set of images", why=why)
    return _constants(output, codes, *weights)


def _cross_validated(output: NetworkOutput, codes: Numbers) -> dict[tuple[float, float], Reals]:
    """Return (2 * SPLITS,) true-match rates, 0..1, of each crowd weight and span of the norm."""
    found: dict[tuple[float, float], list[float]] = {}
    for learn, measured in _halves(codes):
        pairs = _Pairs(output, codes, measured)
        for weights in product(CROWD_WEIGHTS, NORM_SPANS):
            learnt = _constants(_part(output, learn), codes[learn], *weights)
            found.setdefault(weights, []).append(pairs.true_match_rate(learnt))
    return {weights: np.array(rates) for weights, rates in found.items()}


def _halves(codes: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield the rows to learn from, and rows of other people to measure on."""
    random = np.random.default_rng(SEED)
    people = np.unique(codes)
    for _ in range(SPLITS):
        first = np.isin(codes, random.permutation(people)[: len(people) // 2])
        for half in (first, ~first):
            mixed = random.permutation(np.unique(codes[~half]))
            rows = np.concatenate([np.flatnonzero(codes == person) for person in mixed])
            yield np.flatnonzero(half), rows[:MOST_MEASURED]


def _part(output: NetworkOutput, rows: Numbers) -> NetworkOutput:
    return NetworkOutput(output.vectors[rows], output.norms[rows])


class _Pairs:
    """All pairs of some templates, which are scored with several constants."""

    def __init__(self, output: NetworkOutput, codes: Numbers, rows: Numbers) -> None:
        self._output = _part(output, rows)
        self._first, self._second = np.triu_indices(len(rows), 1)
        vectors = self._output.vectors
        self._products = (vectors @ vectors.T)[self._first, self._second]
        self._same = codes[rows][self._first] == codes[rows][self._second]

    def true_match_rate(self, constants: CardHandicap) -> float:
        """Return the share of genuine pairs, 0..1, above the threshold that holds RATE."""
        scores = self._products
        if constants != CardHandicap():
            handicaps = scoring.handicaps(constants.scoring, self._output).astype(np.float32)
            scores = scores - handicaps[self._first] - handicaps[self._second]
        others = scores[~self._same]
        above = max(int(RATE * len(others)), 1)
        limit = np.partition(others, len(others) - above)[len(others) - above]
        return float((scores[self._same] > limit).mean())


def _constants(
    output: NetworkOutput, codes: Numbers, crowd_weight: float, norm_span: float
) -> CardHandicap:
    """Return the constants of these weights that these people give. Each person counts once."""
    found = CardHandicap()
    if crowd_weight:
        people, places = np.unique(codes, return_inverse=True)
        means = np.zeros((len(people), output.vectors.shape[1]))
        np.add.at(means, places, output.vectors.astype(np.float64))
        crowd = (means / np.bincount(places)[:, None]).mean(axis=0)
        crowd /= np.linalg.norm(crowd)
        usual = float((output.vectors @ crowd).mean())
        numbers = tuple(round(float(number), DIGITS) for number in crowd)
        found = replace(
            found, crowd=numbers, crowd_weight=crowd_weight, crowd_usual=round(usual, DIGITS)
        )
    low, middle, high = (
        float(f"{end:.5g}") for end in np.percentile(output.norms.astype(np.float64), NORM_ENDS)
    )
    if norm_span and low < high:
        weight = float(f"{norm_span / (high - low):.4g}")
        found = replace(found, norm_weight=weight, norm_low=low, norm_middle=middle, norm_high=high)
    return found
