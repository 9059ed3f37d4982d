"""Verification on a list of pairs: error rates over the pairs, and the accuracy over folds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from facecli.recognition.engines.calibration import Calibration
from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.intervals import over_folds, wilson
from facecli.recognition.evaluation.results import RATES, Result, measured
from facecli.recognition.evaluation.sets import PairList

if TYPE_CHECKING:
    import numpy.typing as npt

PART = "pairs"


def pair_distances(pairs: PairList, acquired: Acquired) -> npt.NDArray[np.float64]:
    """Return (pairs,) float64 distances; infinite, and so no match, if a template is missing."""
    rows = {image: row for row, image in enumerate(acquired.images)}
    distances = np.full(len(pairs.pairs), np.inf)
    made = np.array([pair.first in rows and pair.second in rows for pair in pairs.pairs], bool)
    compared = [(rows[p.first], rows[p.second]) for p in itertools.compress(pairs.pairs, made)]
    distances[made] = acquired.templates.of(np.array(compared, np.int64).reshape(-1, 2))
    return distances


def study(
    pairs: PairList, distances: npt.NDArray[np.float64], calibration: Calibration | None
) -> Iterator[Result]:
    """Yield FMR and FNMR at the calibration's thresholds, and the accuracy over folds.

    FMR and FNMR are of the pairs that could be compared. If some could not, the generalised rates
    (ISO/IEC 19795-1) follow, in which such a pair counts as a non-match. distances: (pairs,).
    """
    same = np.array([pair.same for pair in pairs.pairs])
    compared = np.isfinite(distances)
    for rate, threshold in calibrated(calibration):
        at = f"calibrated FMR {rate:g}"
        yield from _rates("", compared, same, distances, at, threshold)
        if not compared.all():
            yield from _rates("generalised ", np.ones_like(same), same, distances, at, threshold)
    yield accuracy(pairs, distances)


def calibrated(calibration: Calibration | None) -> list[tuple[float, float]]:
    """Return the rates of RATES that the calibration supports, with their thresholds."""
    if calibration is None:
        return []
    inside = [rate for rate in RATES if calibration.smallest <= rate <= calibration.largest]
    return [(rate, calibration.threshold(rate)) for rate in inside]


def _rates(
    kind: str,
    counted: npt.NDArray[np.bool_],
    same: npt.NDArray[np.bool_],
    distances: npt.NDArray[np.float64],
    at: str,
    threshold: float,
) -> Iterator[Result]:
    matched = distances <= threshold
    for name, wrong, among in (
        ("FMR", matched, counted & ~same),
        ("FNMR", ~matched, counted & same),
    ):
        errors, count = int((wrong & among).sum()), int(among.sum())
        if not count:
            yield Result(PART, kind + name, None, at, note="not supported: nothing was compared")
            continue
        yield measured(
            PART,
            kind + name,
            errors / count,
            wilson(errors, count, "Wilson over pairs"),
            at=at,
            threshold=threshold,
            errors=errors,
            of=count,
        )


def accuracy(pairs: PairList, distances: npt.NDArray[np.float64]) -> Result:
    """Return the mean share of right decisions, with thresholds chosen on the other folds.

    This is LFW's protocol (Huang et al., 2007). A pair that could not be compared counts as a
    non-match: it is wrong if both images show one person. distances: (pairs,).
    """
    if pairs.folds < 2:
        return Result(PART, "accuracy", None, note="not supported: it needs two folds or more")
    same = np.array([pair.same for pair in pairs.pairs])
    fold = np.array([pair.fold for pair in pairs.pairs])
    values, thresholds = [], []
    right = 0
    for left_out in range(pairs.folds):
        training, test = fold != left_out, fold == left_out
        threshold = best_threshold(distances[training], same[training])
        hits = int(((distances[test] <= threshold) == same[test]).sum())
        values.append(hits / int(test.sum()))
        thresholds.append(threshold)
        right += hits
    return measured(
        PART,
        "accuracy",
        float(np.mean(values)),
        over_folds(values),
        at=f"{pairs.folds} folds",
        threshold=float(np.mean(thresholds)),
        errors=len(same) - right,
        of=len(same),
        note="mean of the thresholds, each chosen on the other folds",
    )


def best_threshold(distances: npt.NDArray[np.float64], same: Sequence[bool] | object) -> float:
    """Return the threshold with most right decisions, midway to the next distance.

    Infinite distances never match. distances: (pairs,). same: (pairs,) True for genuine pairs.
    """
    order = np.argsort(distances, kind="stable")
    sorted_distances = distances[order]
    sorted_same = np.asarray(same, bool)[order]
    gained = np.concatenate([[0], np.cumsum(np.where(sorted_same, 1, -1))])
    gained[1:][~np.isfinite(sorted_distances)] = -len(distances) - 1
    ends = np.append(sorted_distances[1:] != sorted_distances[:-1], True)
    gained[1:][~ends] = -len(distances) - 1  # a threshold takes all equal distances or none
    best = int(np.argmax(gained))
    low = sorted_distances[best - 1] if best else 0.0
    high = sorted_distances[best] if best < len(distances) else low
    return float((low + high) / 2) if np.isfinite(high) else float(low)
