"""Verification rates of each cohort, at thresholds that all people together set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from facecli.recognition.engines.calibration import RULE_OF_30
from facecli.recognition.evaluation.all_pairs import AllPairs, count_between, det_curve
from facecli.recognition.evaluation.cohorts import Cohorts
from facecli.recognition.evaluation.comparisons import all_comparisons
from facecli.recognition.evaluation.intervals import PeopleBootstrap
from facecli.recognition.evaluation.results import RATES, Curve, Result, measured

if TYPE_CHECKING:
    import numpy.typing as npt

COHORT_RATES = RATES[:3]
FEW_ERRORS = "fewer than 30 errors"


def cohort_rates(study: AllPairs, cohorts: Cohorts) -> Iterator[Result]:
    """Yield each cohort's own FMR (between its people) and FNMR at the overall thresholds.

    An overall threshold is the one at which all people together show the rate.
    """
    part = f"cohort {cohorts.column}"
    for rate in COHORT_RATES:
        threshold = study.threshold(rate)
        at = f"overall FMR {rate:g}"
        if threshold is None:
            note = "not supported: too few comparisons overall (rule of 30)"
            yield Result(part, "FMR", None, at, note=note)
            continue
        for name, members in cohorts.members.items():
            inside = np.isin(study.names, members)
            rest = {"at": at, "cohort": name, "threshold": threshold}
            yield false_matches(study, part, inside, threshold, (rate, "overall"), rest)
            yield false_non_matches(study, part, inside, threshold, rest)


def false_matches(
    study: AllPairs,
    part: str,
    inside: npt.NDArray[np.bool_],
    threshold: float,
    against: tuple[float, str],
    rest: dict[str, Any],
) -> Result:
    """Return the FMR between the people of a cohort.

    Args:
        inside: (people,) True for the people of the cohort.
        against: a rate, 0..1, and its name, to compare with in the note.
        rest: further fields of the result.
    """
    people = study.impostors_within(threshold)
    wrong = inside[people].all(axis=1)
    images = study.images[inside]
    count, errors = count_between(images), int(wrong.sum())
    if not count:
        return Result(part, "FMR", None, note="not supported: fewer than two people", **rest)
    renumbered = np.cumsum(inside) - 1
    first, second = renumbered[people[wrong]].T
    note = f"{errors / count / against[0]:.2g} times the {against[1]} rate"
    if errors < RULE_OF_30:
        note += f"; {FEW_ERRORS}"
    interval = PeopleBootstrap(int(inside.sum())).between(first, second, images)
    return measured(
        part, "FMR", errors / count, interval, errors=errors, of=count, note=note, **rest
    )


def false_non_matches(
    study: AllPairs,
    part: str,
    inside: npt.NDArray[np.bool_],
    threshold: float,
    rest: dict[str, Any],
) -> Result:
    """Return the FNMR of the people of a cohort. inside, rest: as in `false_matches`."""
    missed, made = (values[inside] for values in study.misses(threshold))
    if not made.sum():
        return Result(part, "FNMR", None, note="not supported: no person has two images", **rest)
    interval = PeopleBootstrap(int(inside.sum())).share(missed, made)
    errors, count = int(missed.sum()), int(made.sum())
    note = FEW_ERRORS if errors < RULE_OF_30 else None
    return measured(
        part, "FNMR", errors / count, interval, errors=errors, of=count, note=note, **rest
    )


def cohort_curves(study: AllPairs, cohorts: Cohorts) -> Iterator[Curve]:
    """Yield a DET curve for each cohort, of the comparisons between its own people."""
    for name, members in cohorts.members.items():
        rows = np.flatnonzero(np.isin(study.acquired.people, members))
        people: Sequence[str] = [study.acquired.people[row] for row in rows]
        genuine, impostor = all_comparisons(study.distances.among(rows), people)
        if len(genuine) and len(impostor):
            yield det_curve(name, impostor, genuine)
