"""Open-set identification as the gallery grows: the threshold it needs, and what remains missed.

A gallery of N references holds an FPIR where one comparison holds 1 - (1 - FPIR)^(1/N). Such a rate
is soon too low to be measured: then it is read off the fitted tail of the distances, with the upper
bound over people (see `rate_bounds`). Here the tail is followed beyond what `calibrate` uses.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from facecli.printable import counted
from facecli.recognition.engines.calibration import RULE_OF_30, fmr_for_search, fpir_of_search
from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.comparisons import nearest_pairs
from facecli.recognition.evaluation.results import Interval, Result, measured
from facecli.recognition.matching.rate_bounds import (
    ANYWHERE,
    BOUNDED,
    DRAWS,
    TAIL,
    Bound,
    pair_bounds,
)

PART = "growth"
KEPT = 1.5 * TAIL
"""Share of the comparisons to which the tail is fitted, with a margin."""


def growth(study: AllPairs, sizes: Sequence[int], fpir: float) -> Iterator[Result]:
    """Yield FPIR and FNIR at the threshold that galleries of these sizes need.

    FNIR is the share of genuine comparisons beyond the threshold, at any rank. `FNIR of the middle
    estimate` is at the threshold of the middle draw, which holds the rate in half of them.

    Args:
        sizes: numbers of references.
        fpir: share of searches for strangers that may return a candidate, 0..1 excluded.
    """
    near, _ = nearest_pairs(study.distances, study.acquired.people, KEPT)
    rates = {size: fmr_for_search(fpir, size) for size in sorted(set(sizes))}
    bounds = {one.rate: one for one in pair_bounds(near, rates.values(), ANYWHERE)}
    for size, rate in rates.items():
        at = f"FPIR {fpir:g}, N={size}"
        note = reach(rate, near.all_pairs)
        bound = bounds.get(rate)
        if bound is None:
            yield Result(PART, "FNIR", None, at, note=f"not supported; {note}")
            continue
        yield _false_positives(bound, size, at, note)
        yield _misses(study, "FNIR", bound.distance, at, note)
        yield _misses(study, "FNIR of the middle estimate", bound.middle, at, note)


def reach(rate: float, pairs: int) -> str:
    """Return how a false-match rate, 0..1, relates to what some pairs of people support."""
    lowest = RULE_OF_30 / max(pairs, 1)
    needed = f"to measure it takes {counted(people_for(rate), 'person', 'people')}"
    if rate >= lowest:
        return "measured"
    if rate * BOUNDED.reach >= lowest:
        return f"extrapolated; {needed}"
    return f"{lowest / rate:,.0f} times below the lowest rate of 30 pairs: not calibrated; {needed}"


def people_for(rate: float) -> int:
    """Return the least number of people whose pairs show a false-match rate RULE_OF_30 times."""
    return math.ceil((1 + math.sqrt(1 + 8 * RULE_OF_30 / rate)) / 2)


def _false_positives(bound: Bound, size: int, at: str, note: str) -> Result:
    """Return the FPIR of a gallery at a threshold, with the interval over draws of people."""
    low, middle, high = (fpir_of_search(one, size) for one in (bound.low, bound.share, bound.high))
    interval = Interval(low, high, f"{DRAWS} draws of people")
    return measured(PART, "FPIR", middle, interval, at=at, threshold=bound.distance, note=note)


def _misses(study: AllPairs, measure: str, threshold: float, at: str, note: str) -> Result:
    """Return the share of genuine comparisons beyond a threshold."""
    missed, made = study.misses(threshold)
    errors, count = int(missed.sum()), int(made.sum())
    if not count:
        return Result(PART, measure, None, at, note="not supported: no person has two images")
    interval = study.bootstrap.share(missed, made)
    return measured(
        PART, measure, errors / count, interval, at=at, threshold=threshold,
        errors=errors, of=count, note=note,
    )  # fmt: skip
