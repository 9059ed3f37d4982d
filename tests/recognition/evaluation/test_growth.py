from __future__ import annotations

import math

import pytest

from facecli.recognition.engines.calibration import fmr_for_search
from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.growth import growth, people_for, reach
from facecli.recognition.evaluation.results import Result
from tests.recognition.synthetic import acquired, by, people_and_templates

SIZES = (10, 30, 10_000, 100_000_000)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    labels, templates = people_and_templates(300, 2, noise=0.4)
    return list(growth(AllPairs(acquired(labels, templates)), SIZES, 0.01))


def test_a_larger_gallery_needs_a_stricter_threshold_and_misses_more(
    results: list[Result],
) -> None:
    found = [by(results, "FNIR", f"FPIR 0.01, N={size}") for size in SIZES]
    thresholds = [one.threshold for one in found if one.threshold is not None]
    assert thresholds == sorted(thresholds, reverse=True)
    misses = [one.value for one in found if one.value is not None]
    assert misses == sorted(misses)
    assert len(misses) >= 3


def test_a_threshold_holds_the_rate_by_the_upper_bound(results: list[Result]) -> None:
    for size in SIZES[:3]:
        fpir = by(results, "FPIR", f"FPIR 0.01, N={size}")
        assert fpir.low is not None
        assert fpir.high is not None
        assert fpir.value is not None
        assert fpir.low <= fpir.value <= 0.01
        assert fpir.high >= fpir.value
        assert fpir.interval == "400 draws of people"


def test_the_middle_estimate_is_never_stricter(results: list[Result]) -> None:
    for size in SIZES[:3]:
        at = f"FPIR 0.01, N={size}"
        bound, middle = by(results, "FNIR", at), by(results, "FNIR of the middle estimate", at)
        assert (middle.threshold or 0) >= (bound.threshold or 9)
        assert (middle.value or 0) <= (bound.value or 0)


def test_each_row_states_whether_anybody_could_calibrate_it(results: list[Result]) -> None:
    notes = [str(by(results, "FNIR", f"FPIR 0.01, N={size}").note) for size in SIZES]
    assert notes[:2] == ["measured", "extrapolated; to measure it takes 424 people"]
    assert "not calibrated" in notes[3]


@pytest.mark.parametrize("rate", [1e-3, 1e-6, 1e-10])
def test_so_many_people_show_a_rate_thirty_times(rate: float) -> None:
    people = people_for(rate)
    assert math.comb(people, 2) * rate >= 30 > math.comb(people - 1, 2) * rate


def test_a_tail_is_trusted_to_a_twentieth_of_the_lowest_measured_rate() -> None:
    pairs = 300_000
    assert reach(1.01e-4, pairs) == "measured"
    assert reach(5.1e-6, pairs).startswith("extrapolated")
    assert "not calibrated" in reach(4.9e-6, pairs)
    assert reach(fmr_for_search(0.01, 10**8), pairs).endswith(" people")


def test_too_few_people_support_nothing() -> None:
    labels, templates = people_and_templates(5, 2)
    [found] = growth(AllPairs(acquired(labels, templates)), [1000], 0.01)
    assert found.value is None
    assert str(found.note).startswith("not supported")
