"""Rates of each cohort at the thresholds in use, against the rate that a purpose states.

`match` and `verify` use these thresholds where a purpose states the rate and its gallery has no
calibration of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from facecli.printable import counted
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
    Places = npt.NDArray[np.int64]

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
    ends = np.sort(_places(study, inside)[people], axis=1)
    errors, made = _counts(ends, study, list(inside.values()))
    pairs = int(np.count_nonzero(made))
    few = errors.max(initial=0) < RULE_OF_30
    fit = made > 0 if few else errors >= RULE_OF_30
    shares = np.where(fit, errors / np.maximum(made, 1), -1.0)
    one, other = (int(end) for end in np.unravel_index(int(shares.argmax()), shares.shape))
    if not errors[one, other]:
        note = "no two people matched in any pair of cohorts" if pairs else "not supported: no pair"
        return Result(measure=WORST_PAIR, value=None, note=note, **rest)
    value = float(shares[one, other])
    note = f"{value / rate:.2g} times the stated rate; worst of {counted(pairs, 'pair')}"
    names, masks = list(inside), list(inside.values())
    wrong = people[(ends == (one, other)).all(axis=1)]
    return measured(
        measure=WORST_PAIR,
        value=value,
        interval=_interval(study, wrong, masks[one], masks[other]),
        cohort=names[one] if one == other else f"{names[one]} and {names[other]}",
        errors=int(errors[one, other]),
        of=int(made[one, other]),
        note=f"{note}; {FEW_ERRORS}" if few else note,
        **rest,
    )


def _places(study: AllPairs, inside: dict[str, Mask]) -> Places:
    """Return (people,) the place of each person's cohort, or -1 for no cohort."""
    places = np.full(len(study.names), -1)
    for at, members in enumerate(inside.values()):
        places[members] = at
    return places


def _counts(ends: Places, study: AllPairs, inside: list[Mask]) -> tuple[Places, Places]:
    """Return the errors and the comparisons of each pair of cohorts, (cohorts, cohorts) each.

    Both are 0 below the diagonal. ends: (errors, 2) the two cohorts of each error, rising.
    """
    size = len(inside)
    known = ends[ends[:, 0] >= 0]
    errors = np.bincount(known[:, 0] * size + known[:, 1], minlength=size * size)
    images = np.array([study.images[members].sum() for members in inside])
    made = np.triu(np.outer(images, images).round().astype(np.int64))
    np.fill_diagonal(made, [count_between(study.images[members]) for members in inside])
    return errors.reshape(size, size), made


def _interval(study: AllPairs, errors: Places, one: Mask, other: Mask) -> Interval:
    everybody = one | other
    first, second = (np.cumsum(everybody) - 1)[errors].T
    bootstrap = PeopleBootstrap(int(everybody.sum()))
    images = [np.where(which, study.images, 0.0)[everybody] for which in (one, other)]
    if np.array_equal(one, other):
        return bootstrap.between(first, second, images[0])
    return bootstrap.across(first, second, *images)
