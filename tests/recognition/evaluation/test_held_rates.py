from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from facecli.recognition.engines import calibration, engine
from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.cohorts import Cohorts
from facecli.recognition.evaluation.held_rates import RATIO, WORST_PAIR, held_rates
from facecli.recognition.evaluation.results import Result
from facecli.recognition.matching.rate_scale import RateScale
from tests.recognition.synthetic import CALIBRATION, acquired, by, people_and_templates

AT = "stated FMR 0.01"
GROUPED = replace(
    CALIBRATION,
    groups=(
        calibration.Group(
            "alike", 20, 100,
            (calibration.GroupPoint(1e-3, 1.0, 0, 1), calibration.GroupPoint(0.1, 2.0, 0, 1)),
        ),
    ),
)  # fmt: skip


def scale(worst_group: bool = False) -> RateScale:
    text = calibration.dump(GROUPED)
    spec = replace(engine.spec(engine.DEFAULT), calibration_text=text)
    return RateScale(spec, worst_group=worst_group, site=None)


def study_and_cohorts() -> tuple[AllPairs, Cohorts]:
    """Two groups whose people resemble each other across, one of one person, and the rest."""
    labels, templates = people_and_templates(60, 4, noise=0.5)
    names = sorted(set(labels))
    rows = np.isin(labels, names[:20])
    templates[rows] = templates[rows] * 0.5 + 0.5 * templates[0]
    members = {
        "a": tuple(names[:10]), "b": tuple(names[10:20]), "lone": (names[20],),
        "rest": tuple(names[21:]),
    }  # fmt: skip
    return AllPairs(acquired(labels, templates)), Cohorts("group", members)


@pytest.fixture(scope="module")
def measured() -> tuple[AllPairs, Cohorts, list[Result]]:
    study, cohorts = study_and_cohorts()
    return study, cohorts, list(held_rates(study, cohorts, scale(), (1e-2, 1e-5)))


def counted(study: AllPairs, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[int, int]:
    """Errors and comparisons of two groups, counted one by one."""
    people, threshold = study.acquired.people, np.float32(scale().held(1e-2).distance)
    pairs = [
        (a, b)
        for a, b in combinations(range(len(people)), 2)
        if people[a] != people[b]
        and ((people[a] in one and people[b] in other) or (people[b] in one and people[a] in other))
    ]
    found = study.distances.of(np.array(pairs, np.int64).reshape(-1, 2)).astype(np.float32)
    return int((found <= threshold).sum()), len(pairs)


def test_each_cohort_is_measured_at_the_threshold_in_use(
    measured: tuple[AllPairs, Cohorts, list[Result]],
) -> None:
    study, cohorts, results = measured
    found = by(results, "FMR", AT, "a")
    assert (found.errors, found.of) == counted(study, *[cohorts.members["a"]] * 2)
    assert found.threshold == scale().held(1e-2).distance
    assert by(results, "FNMR", AT, "a").of == 10 * 6


def test_the_ratio_and_its_interval_are_of_the_stated_rate(
    measured: tuple[AllPairs, Cohorts, list[Result]],
) -> None:
    results = measured[2]
    fmr, ratio = by(results, "FMR", AT, "a"), by(results, RATIO, AT, "a")
    assert [fmr.value, fmr.low, fmr.high] == pytest.approx(
        [one / 100 for one in (ratio.value, ratio.low, ratio.high) if one is not None]
    )
    assert ratio.interval == "bootstrap over 10 people"


def test_the_worst_pair_of_cohorts_is_the_one_that_counting_finds(
    measured: tuple[AllPairs, Cohorts, list[Result]],
) -> None:
    study, cohorts, results = measured
    [worst] = [one for one in results if one.measure == WORST_PAIR]
    rates = {
        (one, other): counted(study, cohorts.members[one], cohorts.members[other])
        for one in cohorts.members
        for other in cohorts.members
        if one <= other
    }
    many = {pair: errors / made for pair, (errors, made) in rates.items() if errors >= 30}
    pair = max(many, key=lambda one: many[one])
    assert worst.cohort == (pair[0] if pair[0] == pair[1] else " and ".join(pair))
    assert (worst.errors, worst.of) == rates[pair]
    assert worst.low is not None
    assert worst.high is not None
    assert worst.low <= many[pair] <= worst.high
    assert "worst of 9 pairs" in str(worst.note)


def test_a_group_of_one_person_has_no_false_match_rate_of_its_own(
    measured: tuple[AllPairs, Cohorts, list[Result]],
) -> None:
    for measure in ("FMR", RATIO):
        found = by(measured[2], measure, AT, "lone")
        assert (found.value, found.note) == (None, "not supported: fewer than two people")


def test_a_rate_that_no_calibration_supports_is_reported_as_such(
    measured: tuple[AllPairs, Cohorts, list[Result]],
) -> None:
    [found] = [one for one in measured[2] if one.at == "stated FMR 1e-05"]
    assert (found.value, found.note) == (None, "not supported: the calibration has no such rate")


def test_thresholds_that_hold_in_the_worst_group_are_stricter() -> None:
    study, cohorts = study_and_cohorts()
    loose, strict = (
        by(list(held_rates(study, cohorts, scale(worst), (1e-2,))), "FMR", AT, "a")
        for worst in (False, True)
    )
    assert (strict.threshold or 0) < (loose.threshold or 0)
    assert (strict.value or 0) < (loose.value or 0)


def test_without_any_false_match_there_is_no_worst_pair() -> None:
    labels, templates = people_and_templates(4, 2, noise=0.01)
    study = AllPairs(acquired(labels, templates * 100))
    cohorts = Cohorts("group", {"all": tuple(sorted(set(labels)))})
    [worst] = [
        one for one in held_rates(study, cohorts, scale(), (1e-2,)) if one.measure == WORST_PAIR
    ]
    assert (worst.value, worst.note) == (None, "no two people matched in any pair of cohorts")
