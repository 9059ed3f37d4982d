"""The calibration that comparisons use, with its groups."""

from __future__ import annotations

from typing import Any

from facecli.recognition.engines.engine import DEFAULT, spec
from facecli.recognition.matching.rate_scale import calibration_of
from facecli.report.custody import accuracy


def test_rates_and_thresholds_are_those_of_the_calibration(figures: Any) -> None:
    found, calibration = figures(accuracy.section), calibration_of(spec(DEFAULT))
    groups = [group.name for group in calibration.groups]
    assert list(dict.fromkeys(one["group"] for one in found["rates"])) == ["everybody", *groups]
    assert found["data_set"] == calibration.origin.data_set
    thresholds = {one["purpose"]: one["distance"] for one in found["thresholds"]}
    assert thresholds["gate"] == round(calibration.in_worst_group(1e-3).distance, 6)
    assert set(thresholds) == {"gate", "attendance"}


def test_each_rate_of_a_group_has_its_people_its_comparisons_and_its_bound(figures: Any) -> None:
    rates, calibration = figures(accuracy.section)["rates"], calibration_of(spec(DEFAULT))
    smallest = min(calibration.groups, key=lambda group: group.comparisons)
    shown = [one for one in rates if one["group"] == smallest.name]
    assert {(one["people"], one["comparisons"]) for one in shown} == {
        (smallest.people, smallest.comparisons)
    }
    assert [one["high"] for one in shown] == [point.high for point in smallest.points]
    assert all(one["high"] >= one["fmr"] for one in shown)
