from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import OutsideCalibration
from facecli.recognition.engines import calibration, engine
from facecli.recognition.engines.calibration import Calibration, Origin, Point

ORIGIN = Origin("test set", 10, 1, 3, 1_000_000, 12, "all pairs", "2026-01-31")
THREE = Calibration(
    "test-1", ORIGIN, (Point(1e-4, 0.4, 0.3), Point(1e-3, 0.5, 0.1), Point(1e-1, 0.7, 0.0))
)


@pytest.mark.parametrize(
    ("fmr", "distance"),
    [(1e-4, 0.4), (1e-3, 0.5), (1e-1, 0.7), (1e-2, 0.6), (10**-3.5, 0.45)],
)
def test_thresholds_are_linear_in_the_logarithm_of_the_rate(fmr: float, distance: float) -> None:
    assert THREE.threshold(fmr) == pytest.approx(distance)
    assert THREE.fmr(distance) == pytest.approx(fmr)


@pytest.mark.parametrize("fmr", [0.0, 9e-5, 0.11, 1.0, -1.0, math.nan])
def test_a_rate_outside_the_measured_range_is_refused(fmr: float) -> None:
    with pytest.raises(OutsideCalibration, match=r"0\.0001 to 0\.1"):
        THREE.threshold(fmr)


def test_outside_the_table_a_distance_gets_the_bound() -> None:
    assert THREE.fmr(0.0) == 1e-4
    assert THREE.fmr(2.0) == 1e-1


@given(st.floats(1e-4, 1e-1), st.floats(1e-4, 1e-1))
def test_a_lower_rate_never_gets_a_wider_threshold(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert THREE.threshold(low) <= THREE.threshold(high)
    assert THREE.fmr(THREE.threshold(low)) == pytest.approx(low)


@pytest.mark.parametrize(
    "points",
    [
        (),
        (Point(1e-3, 0.5, 0.1),),
        (Point(1e-3, 0.5, 0.1), Point(1e-3, 0.6, 0.1)),
        (Point(1e-3, 0.5, 0.1), Point(1e-2, 0.4, 0.1)),
        (Point(0.0, 0.4, 0.1), Point(1e-2, 0.5, 0.1)),
        (Point(1e-3, 0.4, 0.1), Point(1e-2, math.nan, 0.1)),
    ],
)
def test_a_table_that_does_not_rise_is_refused(points: tuple[Point, ...]) -> None:
    with pytest.raises(BadInput):
        Calibration("test-1", ORIGIN, points)


def test_a_calibration_reads_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "test.calibration.json"
    path.write_text(calibration.dump(THREE), encoding="utf-8")
    assert calibration.load(path, "test-1") == THREE


def test_an_fpir_and_the_fmr_that_holds_it_are_each_other_s_reverse() -> None:
    for references in (1, 10, 10**6):
        rate = calibration.fmr_for_search(0.02, references)
        assert calibration.fpir_of_search(rate, references) == pytest.approx(0.02)


def test_a_calibration_of_another_engine_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test.calibration.json"
    path.write_text(calibration.dump(THREE), encoding="utf-8")
    with pytest.raises(BadInput, match="test-1"):
        calibration.load(path, "test-2")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"schema": "facecli.calibration/1"}', '{"schema": "other/1"}']
)
def test_a_damaged_calibration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "test.calibration.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="not written by `facecli evaluate"):
        calibration.load(path, "test-1")


def test_a_missing_calibration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        calibration.load(tmp_path / "none.json", "test-1")


@pytest.mark.parametrize("name", engine.names())
def test_what_ships_belongs_to_its_engine_and_states_its_origin(name: str) -> None:
    spec = engine.spec(name)
    shipped = calibration.load(spec.calibration_file, spec.engine_id)
    impostors = shipped.origin.impostor_comparisons
    assert shipped.smallest * impostors >= calibration.RULE_OF_30 * 0.999
    assert shipped.threshold(1e-4) < shipped.threshold(1e-3)
    record = json.loads(spec.calibration_file.read_text(encoding="utf-8"))
    assert all(value not in (None, "") for value in record["origin"].values())


@pytest.mark.parametrize(
    ("comparisons", "rates"),
    [
        (300, []),
        (1_000, [0.03, 0.05, 0.1]),
        (30_000, [1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1]),
    ],
)
def test_rates_follow_the_rule_of_thirty(comparisons: int, rates: list[float]) -> None:
    assert calibration.supported_rates(comparisons) == pytest.approx(rates)


@pytest.mark.parametrize(("fpir", "gallery", "fmr"), [(0.01, 1, 0.01), (0.01, 1000, 1.005e-5)])
def test_search_rate_falls_with_the_gallery(fpir: float, gallery: int, fmr: float) -> None:
    assert calibration.fmr_for_search(fpir, gallery) == pytest.approx(fmr, rel=1e-3)


@pytest.mark.parametrize("fpir", [0.0, 1.0, -0.1])
def test_a_search_rate_that_is_none_is_refused(fpir: float) -> None:
    with pytest.raises(BadInput):
        calibration.fmr_for_search(fpir, 10)


def shifted(by: float, lowest: int = 0) -> Calibration:
    """THREE with thresholds that are smaller by so much, from one of its rates on."""
    points = tuple(replace(point, distance=point.distance - by) for point in THREE.points[lowest:])
    return Calibration("test-1", replace(ORIGIN, people=40), points)


def test_the_worst_group_decides_where_its_rates_were_measured() -> None:
    both = replace(THREE, groups=(("a", shifted(0.01)), ("b", shifted(-0.02))))
    found = both.in_worst_group(1e-3)
    assert (found.group, found.extrapolated) == ("a", False)
    assert found.distance == pytest.approx(THREE.threshold(1e-3) - 0.01)
    assert both.threshold(1e-3) == THREE.threshold(1e-3)


def test_below_a_group_s_rates_its_shift_is_kept_and_said() -> None:
    few = replace(THREE, groups=(("few", shifted(0.03, 1)),))
    found = few.in_worst_group(THREE.smallest)
    assert (found.group, found.extrapolated) == ("few", True)
    assert found.distance == pytest.approx(THREE.points[0].distance - 0.03)


def test_without_groups_everybody_is_the_worst_group() -> None:
    assert THREE.in_worst_group(1e-3).distance == THREE.threshold(1e-3)
    assert THREE.in_worst_group(1e-3).group is None
    with pytest.raises(OutsideCalibration):
        THREE.in_worst_group(1e-9)


@given(st.floats(1e-4, 1e-1), st.floats(1e-4, 1e-1))
def test_a_lower_rate_never_gets_a_wider_threshold_in_the_worst_group(
    one: float, other: float
) -> None:
    both = replace(THREE, groups=(("a", shifted(0.01)), ("few", shifted(0.03, 1))))
    low, high = sorted((one, other))
    limit = both.in_worst_group(high).distance + 1e-12
    assert both.in_worst_group(low).distance <= limit


def test_groups_read_back_as_written(tmp_path: Path) -> None:
    both = replace(THREE, groups=(("a b", shifted(0.01)), ("few", shifted(0.03, 1))))
    path = tmp_path / "test.calibration.json"
    path.write_text(calibration.dump(both), encoding="utf-8")
    assert calibration.load(path, "test-1") == both
