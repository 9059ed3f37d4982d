"""Rates of each cohort at the thresholds in use, against the rate that a purpose states.

`match` and `verify` use these thresholds where a purpose states the rate and its gallery has no
calibration of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np

from facecli.recognition.engines.calibration import RULE_OF_30
from facecli.recognition.evaluation.all_pairs import AllPairs, count_between
from facecli.recognition.evaluation.cohort_rates import (
    FEW_ERRORS,
    false_matches,
    false_non_matches,
)
from facecli.recognition.evaluation.cohorts import Cohorts
from facecli.recognition.evaluation.intervals import PeopleBootstrap
from facecli.recognition.evaluation.results import Interval, Result, measured
from facecli.recognition.matching.rate_scale import RateScale

if TYPE_CHECKING:
    import numpy.typing as npt

    Mask = npt.NDArray[np.bool_]
    People = npt.NDArray[np.int64]

RATIO = "FMR / stated FMR"
WORST_PAIR = "FMR of the worst pair"


def held_rates(
    study: AllPairs, cohorts: Cohorts, scale: RateScale, rates: Sequence[float]
) -> Iterator[Result]:
    """Yield FMR, its ratio to the stated rate, and FNMR of each cohort; then the worst pair.

    Args:
        scale: the thresholds of a purpose.
        rates: false-match rates that a purpose may state, 0..1.
    """
    part = f"cohort {cohorts.column}"
    inside = {name: np.isin(study.names, who) for name, who in cohorts.members.items()}
    for rate in rates:
        at = f"stated FMR {rate:g}"
        if not scale.smallest <= rate <= scale.largest:
            note = "not supported: the calibration has no such rate"
            yield Result(part, "FMR", None, at, note=note)
            continue
        held = scale.held(rate)
        for name, members in inside.items():
            rest = {"at": at, "cohort": name, "threshold": held.distance}
            found = false_matches(study, part, members, held.distance, (rate, "stated"), rest)
            yield found
            yield ratio(found, rate)
            yield false_non_matches(study, part, members, held.distance, rest)
        rest = {"part": part, "at": at, "threshold": held.distance}
        yield worst_pair(study, inside, held.distance, rate, rest)


def ratio(fmr: Result, rate: float) -> Result:
    """Return a measured FMR divided by the stated rate. Its interval is divided as well."""
    if fmr.value is None:
        return replace(fmr, measure=RATIO)
    low, high = (None if one is None else one / rate for one in (fmr.low, fmr.high))
    note = FEW_ERRORS if (fmr.errors or 0) < RULE_OF_30 else None
    return replace(fmr, measure=RATIO, value=fmr.value / rate, low=low, high=high, note=note)


def worst_pair(
    study: AllPairs, inside: dict[str, Mask], threshold: float, rate: float, rest: dict[str, Any]
) -> Result:
    """Return the FMR between the people of the two cohorts where it is highest.

    The two may be the same cohort. Pairs with RULE_OF_30 errors or more come first: of few errors,
    chance would choose.

    Args:
        inside: (people,) True for the people of each cohort.
        rest: further fields of the result.
    """
    people = study.impostors_within(threshold)
    pairs = [
        (_errors(people, inside[one], inside[other]), _made(study, inside[one], inside[other]),
         one, other)
        for one, other in combinations_with_replacement(inside, 2)
    ]  # fmt: skip
    pairs = [pair for pair in pairs if pair[1]]
    worst = max(
        pairs, key=lambda pair: (len(pair[0]) >= RULE_OF_30, len(pair[0]) / pair[1]), default=None
    )
    if worst is None or not len(worst[0]):
        note = "no two people matched in any pair of cohorts" if pairs else "not supported: no pair"
        return Result(measure=WORST_PAIR, value=None, note=note, **rest)
    errors, made, one, other = worst
    interval = _interval(study, errors, inside[one], inside[other])
    note = f"{len(errors) / made / rate:.2g} times the stated rate; worst of {len(pairs)} pairs"
    if len(errors) < RULE_OF_30:
        note += f"; {FEW_ERRORS}"
    named = one if one == other else f"{one} and {other}"
    return measured(
        measure=WORST_PAIR, value=len(errors) / made, interval=interval, cohort=named,
        errors=len(errors), of=made, note=note, **rest,
    )  # fmt: skip


def _errors(people: People, one: Mask, other: Mask) -> People:
    """Return (n, 2) those of the pairs of people that are of the one cohort and of the other."""
    first, second = people.T
    across = (one[first] & other[second]) | (other[first] & one[second])
    found: People = people[across]
    return found


def _made(study: AllPairs, one: Mask, other: Mask) -> int:
    """Return the number of comparisons of different people across two cohorts, or within one."""
    if np.array_equal(one, other):
        return count_between(study.images[one])
    return round(float(study.images[one].sum() * study.images[other].sum()))


def _interval(study: AllPairs, errors: People, one: Mask, other: Mask) -> Interval:
    everybody = one | other
    first, second = (np.cumsum(everybody) - 1)[errors].T
    bootstrap = PeopleBootstrap(int(everybody.sum()))
    images = [np.where(which, study.images, 0.0)[everybody] for which in (one, other)]
    if np.array_equal(one, other):
        return bootstrap.between(first, second, images[0])
    return bootstrap.across(first, second, *images)
