from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.intervals import PeopleBootstrap
from tests.recognition.synthetic import CALIBRATION, acquired, by, people_and_templates


def test_rates_over_all_pairs_are_the_counted_ones() -> None:
    labels, templates = people_and_templates(30, 4, noise=0.6)
    study = AllPairs(acquired(labels, templates, failed=["person 000", "nobody else"]))
    results = list(study.study(CALIBRATION))
    threshold = CALIBRATION.threshold(1e-2)
    pairs = list(combinations(range(120), 2))
    close = [np.linalg.norm(templates[a] - templates[b]) <= threshold for a, b in pairs]
    same = [labels[a] == labels[b] for a, b in pairs]
    false = sum(near and not one for near, one in zip(close, same, strict=True))
    missed = sum(one and not near for near, one in zip(close, same, strict=True))
    at = "calibrated FMR 0.01"
    assert (by(results, "FMR", at).errors, by(results, "FMR", at).of) == (false, 7140 - 180)
    assert (by(results, "FNMR", at).errors, by(results, "FNMR", at).of) == (missed, 180)
    # One of five images of the first person failed: four comparisons of theirs were not made.
    generalised = by(results, "generalised FNMR", at)
    assert (generalised.errors, generalised.of) == (missed + 4, 184)
    generalised = by(results, "generalised FMR", at)
    assert (generalised.errors, generalised.of) == (false, 122 * 121 // 2 - 184)


def test_the_true_match_rate_is_stated_only_where_thirty_errors_are() -> None:
    labels, templates = people_and_templates(60, 4, noise=0.6)
    results = list(AllPairs(acquired(labels, templates)).study(None))
    found = {one.at: one for one in results}
    assert len(results) == 5
    assert found["FMR 0.01"].value is not None
    assert [found[f"FMR {rate}"].value for rate in ("0.001", "0.0001", "1e-05", "1e-06")] == [
        None, None, None, None,
    ]  # fmt: skip
    assert "rule of 30" in str(found["FMR 0.001"].note)


def test_the_interval_of_a_true_match_rate_is_that_of_the_slow_way() -> None:
    labels, templates = people_and_templates(40, 3, noise=0.7)
    study = AllPairs(acquired(labels, templates))
    study.bootstrap = PeopleBootstrap(40, replicates=20)
    fast = study._drawn_true_matches[0.01]
    codes = study.codes
    pairs = list(combinations(range(120), 2))
    distances = np.array([np.linalg.norm(templates[a] - templates[b]) for a, b in pairs])
    for weights, value in zip(study.bootstrap.weights, fast, strict=True):
        first, second = (codes[[pair[end] for pair in pairs]] for end in (0, 1))
        same = first == second
        impostor = weights[first[~same]] * weights[second[~same]]
        order = np.argsort(distances[~same])
        within = np.cumsum(impostor[order]) <= 0.01 * impostor.sum()
        threshold = distances[~same][order][within][-1]
        genuine = weights[first[same]]
        expected = genuine[distances[same] <= threshold + 1e-6].sum() / genuine.sum()
        assert value == pytest.approx(expected, abs=1e-6)


def test_impostors_beyond_the_nearest_are_found_as_well() -> None:
    labels, templates = people_and_templates(60, 3, noise=0.6)
    study = AllPairs(acquired(labels, templates))
    for place in (len(study.near[0]) // 2, len(study.near[0]) + 500):
        threshold = float(study.impostor[place])
        people = study.impostors_within(threshold)
        assert len(people) == np.searchsorted(study.impostor, np.float32(threshold), "right")
        assert (people[:, 0] != people[:, 1]).all()
