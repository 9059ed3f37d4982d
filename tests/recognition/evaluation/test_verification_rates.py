from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecli.recognition.evaluation import verification_rates
from facecli.recognition.evaluation.sets import LabelledImage, Pair, PairList
from tests.recognition.synthetic import CALIBRATION


def pair_list(same: list[bool], folds: int) -> PairList:
    each = len(same) // folds
    pairs = []
    for at, one in enumerate(same):
        first = LabelledImage("a", Path(f"{at}"))
        second = LabelledImage("a" if one else "b", Path(f"{at}-2"))
        pairs.append(Pair(first, second, at // each))
    return PairList(folds, tuple(pairs))


@pytest.mark.parametrize("seed", range(20))
def test_the_best_threshold_is_the_best_of_all(seed: int) -> None:
    random = np.random.default_rng(seed)
    same = random.random(40) < 0.5
    distances = np.round(random.normal(np.where(same, 1, 2), 0.6), 1 + seed % 2)
    distances[random.random(40) < 0.1] = np.inf
    right = ((distances <= verification_rates.best_threshold(distances, same)) == same).sum()
    tried = [-1.0, *distances[np.isfinite(distances)]]
    assert right == max(((distances <= threshold) == same).sum() for threshold in tried)


def test_accuracy_chooses_its_threshold_on_the_other_folds() -> None:
    # Fold 0 needs a threshold of 1.5, fold 1 one of 3.5: each is wrong for the other.
    same = [True, True, False, False] * 2
    distances = np.array([1.0, 1.2, 2.0, 2.2, 3.0, 3.2, 4.0, 4.2])
    found = verification_rates.accuracy(pair_list(same, 2), distances)
    assert (found.value, found.errors, found.of) == (0.5, 4, 8)


def test_one_fold_supports_no_accuracy() -> None:
    found = verification_rates.accuracy(pair_list([True, False], 1), np.array([1.0, 2.0]))
    assert found.value is None
    assert "not supported" in str(found.note)


def test_a_pair_that_could_not_be_compared_is_not_hidden() -> None:
    same = [True, True, False, False]
    distances = np.array([1.0, np.inf, 5.0, np.inf])
    found = {
        (one.measure, one.at): one
        for one in verification_rates.study(pair_list(same, 2), distances, CALIBRATION)
    }
    at = "calibrated FMR 0.01"
    assert (found["FNMR", at].errors, found["FNMR", at].of) == (0, 1)
    assert (found["generalised FNMR", at].errors, found["generalised FNMR", at].of) == (1, 2)
    assert (found["generalised FMR", at].errors, found["generalised FMR", at].of) == (0, 2)
