"""Rates and intervals, against the same figures worked out slowly."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from facecli.recognition.engines import calibration
from facecli.recognition.engines.calibration import Calibration, Origin, Point
from facecli.recognition.evaluation import studies, verification_rates
from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.cohort_rates import cohort_rates
from facecli.recognition.evaluation.cohorts import Cohorts
from facecli.recognition.evaluation.discarding import discarding, worst_left_out
from facecli.recognition.evaluation.identification_rates import IdentificationStudy
from facecli.recognition.evaluation.intervals import PeopleBootstrap, over_folds, wilson
from facecli.recognition.evaluation.results import Result
from facecli.recognition.evaluation.sets import LabelledImage, Pair, PairList
from tests.recognition.synthetic import acquired, people_and_templates

ORIGIN = Origin("x", 0, 0, 0, 0, 0, "x", "x")
CALIBRATION = Calibration("x", ORIGIN, (Point(1e-3, 2.0, 0.1), Point(0.1, 4.0, 0.01)))


# -- intervals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errors", "count", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I: Wilson's score method.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_gives_the_published_intervals(
    errors: int, count: int, low: float, high: float
) -> None:
    found = wilson(errors, count)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_over_folds_is_students() -> None:
    found = over_folds([0.90, 0.92, 0.94, 0.96])
    deviation = 0.0129099
    assert (found.low, found.high) == pytest.approx(
        (0.93 - 3.182 * deviation, 0.93 + 3.182 * deviation), abs=1e-5
    )


def test_the_bootstrap_of_comparisons_between_people_is_the_slow_one() -> None:
    images = np.array([1.0, 2.0, 3.0, 1.0, 2.0])
    first, second = np.array([0, 2, 2, 3, 2]), np.array([1, 1, 4, 0, 1])
    bootstrap = PeopleBootstrap(5, replicates=50)
    slow = []
    for weights in bootstrap.weights:
        wrong = sum(weights[a] * weights[b] for a, b in zip(first, second, strict=True))
        made = sum(
            weights[a] * weights[b] * images[a] * images[b] for a, b in combinations(range(5), 2)
        )
        slow.append(wrong / made if made else np.nan)
    found = bootstrap.between(first, second, images)
    low, high = np.nanpercentile(slow, [2.5, 97.5])
    assert (found.low, found.high) == pytest.approx((low, high))


def test_the_bootstrap_over_people_is_wider_than_an_interval_over_comparisons() -> None:
    errors, counts = np.array([100.0] + [0.0] * 49), np.full(50, 100.0)
    over_people = PeopleBootstrap(50).share(errors, counts)
    over_comparisons = wilson(100, 5000)
    assert over_people.high > 2 * over_comparisons.high
    assert over_people.low == 0


def test_no_error_at_all_still_leaves_room_for_some() -> None:
    found = PeopleBootstrap(50).share(np.zeros(50), np.full(50, 100.0))
    assert (found.low, found.high) == (0, pytest.approx(wilson(0, 50).high))
    assert found.method == "Wilson over 50 people"


# -- pairs --------------------------------------------------------------------------------


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
    # Fold 0 is told apart at 1.5, fold 1 at 3.5: neither's threshold serves the other.
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


# -- all pairs ----------------------------------------------------------------------------


def by(results: list[Result], measure: str, at: str, cohort: str | None = None) -> Result:
    [found] = [one for one in results if (one.measure, one.at, one.cohort) == (measure, at, cohort)]
    return found


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


def test_a_cohort_that_is_hard_to_tell_apart_shows() -> None:
    labels, templates = people_and_templates(60, 4, noise=0.5)
    alike = [f"person {at:03}" for at in range(10)]
    rows = np.isin(labels, alike)
    templates[rows] = templates[rows] * 0.6 + 0.4 * templates[0]
    members = {"alike": tuple(alike), "rest": tuple(sorted(set(labels) - set(alike)))}
    study = AllPairs(acquired(labels, templates))
    results = list(cohort_rates(study, Cohorts("group", members)))
    alike_, rest = (by(results, "FMR", "overall FMR 0.01", name) for name in ("alike", "rest"))
    assert alike_.of == 40 * 39 // 2 - 60
    assert alike_.value > 10 * rest.value
    assert alike_.low <= alike_.value <= alike_.high
    assert "bootstrap over 10 people" in str(alike_.interval)
    assert "times the overall rate" in str(alike_.note)
    assert {one.part for one in results} == {"cohort group"}


def test_discarding_the_worst_shows_what_it_does() -> None:
    labels, templates = people_and_templates(80, 4, noise=0.3)
    random = np.random.default_rng(1)
    bad = np.arange(320) % 20 == 0
    templates[bad] += random.normal(scale=2.0, size=(16, templates.shape[1]))
    qualities = [10 if one else 80 for one in bad]
    study = AllPairs(acquired(labels, templates, qualities=qualities))
    results = list(discarding(study, 0.05))
    change = by(results, "FNMR change", "overall FMR 0.01")
    assert change.value < 0
    assert change.high < 0
    assert change.note == "lower; 16 images discarded"
    blind = AllPairs(acquired(labels, templates, qualities=random.integers(0, 101, 320).tolist()))
    change = by(list(discarding(blind, 0.05)), "FNMR change", "overall FMR 0.01")
    assert change.low < 0 < change.high
    assert change.note == "unclear; 16 images discarded"


def test_what_could_not_be_assessed_counts_as_the_worst() -> None:
    assert worst_left_out([50, None, 10, 90], 0.5).tolist() == [True, False, False, True]
    assert worst_left_out([50, None, 10, 90], 0.1).tolist() == [True] * 4


# -- identification -----------------------------------------------------------------------


@pytest.fixture
def identification() -> IdentificationStudy:
    """20 enrolled with 2 images each, of one of whom none was acquired; 20 strangers."""
    labels, templates = people_and_templates(40, 4, noise=0.5)
    number = np.array([int(label.split()[1]) for label in labels])
    image = np.arange(160) % 4
    in_gallery = (number < 20) & (image < 2) & (number != 7)
    probing = image >= 2
    gallery = acquired([x for x, one in zip(labels, in_gallery, strict=True) if one],
                       templates[in_gallery], failed=["person 007"] * 2)  # fmt: skip
    probes = acquired([x for x, one in zip(labels, probing, strict=True) if one],
                      templates[probing], failed=["person 003", "person 030"])  # fmt: skip
    return IdentificationStudy(gallery, probes)


def test_failures_to_acquire_count_as_misses_and_not_as_alarms(
    identification: IdentificationStudy,
) -> None:
    results = {
        (one.measure, one.at): one for one in identification.study(CALIBRATION, ranks=(1, 3))
    }
    found = results["FNIR", "no threshold, N=19, R=1"]
    assert found.of == 41  # 20 people with two probes, and one that failed
    slow = slow_misses(identification, np.inf, 1)
    assert found.errors == slow + 3  # that one, and both of him who is not enrolled
    assert results["FNIR of acquired", "no threshold, N=19, R=1"].of == 38
    assert results["FNIR of acquired", "no threshold, N=19, R=1"].errors == slow
    assert results["FNIR", "no threshold, N=19, R=3"].errors <= found.errors


def slow_misses(identification: IdentificationStudy, threshold: float, rank: int) -> int:
    _labels, templates = people_and_templates(40, 4, noise=0.5)
    enrolled = {p: templates[4 * p : 4 * p + 2] for p in range(20) if p != 7}
    missed = 0
    for person in enrolled:
        for probe in templates[4 * person + 2 : 4 * person + 4]:
            near = {p: np.linalg.norm(rows - probe, axis=1).min() for p, rows in enrolled.items()}
            place = sorted(near, key=lambda p: near[p]).index(person) + 1
            missed += near[person] > threshold or place > rank
    return missed


@pytest.mark.parametrize("threshold", [1.5, 2.5, 3.5])
def test_fnir_is_the_counted_one(identification: IdentificationStudy, threshold: float) -> None:
    everyone = np.ones(len(identification.people), bool)
    found = identification.false_negatives(threshold, 1, "", everyone)
    assert found.errors == slow_misses(identification, threshold, 1) + 3


def test_fpir_is_of_strangers_alone(identification: IdentificationStudy) -> None:
    everyone = np.ones(len(identification.people), bool)
    found = identification.false_positives(1e9, "", everyone)
    assert (found.errors, found.of) == (40, 41)  # one failed: no alarm
    assert identification.false_positives(0.0, "", everyone).errors == 0


def test_rates_that_so_few_probes_cannot_show_are_not_stated(
    identification: IdentificationStudy,
) -> None:
    results = list(identification.study(None, ranks=(1,)))
    unsupported = [one for one in results if one.at == "FPIR 0.1"]
    assert [one.value for one in unsupported] == [None]
    assert "rule of 30" in str(unsupported[0].note)


def test_a_gallery_of_everybody_has_no_strangers() -> None:
    labels, templates = people_and_templates(5, 2)
    study = IdentificationStudy(acquired(labels, templates), acquired(labels, templates))
    everyone = np.ones(10, bool)
    found = study.false_positives(1.0, "", everyone)
    assert found.value is None
    assert "no non-mated probes" in str(found.note)
    assert study.same_files == 10


def test_a_saved_calibration_is_one_that_can_be_loaded(tmp_path: Path) -> None:
    from facecli.recognition.engines.engine import spec

    labels, templates = people_and_templates(60, 4, noise=0.6)
    made = studies.calibration_of(
        acquired(labels, templates), spec("sface"), "x", "largest", "2026-01-31"
    )
    assert "the largest face" in made.origin.method
    path = tmp_path / "c.json"
    path.write_text(calibration.dump(made), encoding="utf-8")
    assert calibration.load(path, spec("sface").engine_id) == made
