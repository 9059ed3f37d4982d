from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import CalibrationRefused, OutsideCalibration
from facecli.recognition.engines import calibration, engine
from facecli.recognition.engines.calibration import (
    Calibration,
    Group,
    GroupPoint,
    Origin,
    Point,
)

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
    "text",
    ["", "{", "[]", "{}", '{"schema": "facecli.calibration/1"}', '{"schema": "other/1"}',
     "[" * 100_000],
)  # fmt: skip
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


def shifted(by: float, lowest: int = 0, name: str = "a", *, tail: bool = False) -> Group:
    """A group with thresholds that are smaller by so much, from one of the rates of THREE on."""
    points = tuple(
        GroupPoint(point.fmr, point.distance - by, 0.0, 1.0, tail and point.fmr < 1e-3, 0.25)
        for point in THREE.points[lowest:]
    )
    return Group(name, 40, 1000, points)


def test_the_worst_group_decides_where_its_rates_were_measured() -> None:
    both = replace(THREE, groups=(shifted(0.01), shifted(-0.02, name="b")))
    found = both.in_worst_group(1e-3)
    assert (found.group, found.extrapolated) == ("a", False)
    assert found.distance == pytest.approx(THREE.threshold(1e-3) - 0.01)
    assert both.threshold(1e-3) == THREE.threshold(1e-3)


def test_below_a_group_s_rates_its_shift_is_kept_and_said() -> None:
    few = replace(THREE, groups=(shifted(0.03, 1, "few"),))
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
    both = replace(THREE, groups=(shifted(0.01), shifted(0.03, 1, "few")))
    low, high = sorted((one, other))
    limit = both.in_worst_group(high).distance + 1e-12
    assert both.in_worst_group(low).distance <= limit


def test_groups_read_back_as_written(tmp_path: Path) -> None:
    both = replace(THREE, groups=(shifted(0.01, name="a b"), shifted(0.03, 1, "few", tail=True)))
    path = tmp_path / "test.calibration.json"
    path.write_text(calibration.dump(both), encoding="utf-8")
    assert calibration.load(path, "test-1") == both


def test_a_threshold_from_a_tail_is_named_as_such() -> None:
    both = replace(THREE, groups=(shifted(0.02, tail=True),))
    assert both.in_worst_group(5e-4).extrapolated
    assert not both.in_worst_group(2e-3).extrapolated
    assert not both.in_worst_group(0.1).extrapolated


def test_the_fnmr_of_a_distance_is_linear_between_the_points() -> None:
    assert [THREE.fnmr(d) for d in (0.0, 0.4, 0.45, 0.5, 0.6, 9.0)] == pytest.approx(
        [0.3, 0.3, 0.2, 0.1, 0.05, 0.0]
    )


@pytest.mark.parametrize(
    ("before", "after"), [('"distance": 0.5,', '"distance": 0.6,'), ("1000000", "9999999"),
                          ('"people": 40', '"people": 400')],
)  # fmt: skip
def test_a_calibration_edited_by_hand_is_refused(tmp_path: Path, before: str, after: str) -> None:
    text = calibration.dump(replace(THREE, groups=(shifted(0.01),)))
    assert before in text
    path = tmp_path / "test.calibration.json"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(BadInput, match="edited after"):
        calibration.load(path, "test-1")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1" * 400, "-1", '"many"', "null", "[]"])
@pytest.mark.parametrize("field", ["distance", "people", "fmr", "impostor_comparisons"])
def test_an_edit_to_what_is_no_number_is_refused_and_names_the_file(
    tmp_path: Path, field: str, number: str
) -> None:
    text = calibration.dump(replace(THREE, groups=(shifted(0.01),)))
    path = tmp_path / "test.calibration.json"
    path.write_text(re.sub(f'"{field}": [^,}}\\n]+', f'"{field}": {number}', text), "utf-8")
    with pytest.raises(BadInput, match=r"test\.calibration\.json .* edited after"):
        calibration.load(path, "test-1")


def test_a_file_without_its_digest_is_refused_but_a_database_may_hold_one(tmp_path: Path) -> None:
    record = json.loads(calibration.dump(THREE))
    del record["sha256"]
    for schema, why in (
        ("facecli.calibration/1", "it was written by an earlier facecli"),
        ("facecli.calibration/2", "it was edited after"),
    ):
        text = json.dumps({**record, "schema": schema})
        path = tmp_path / "test.calibration.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CalibrationRefused, match=why) as refused:
            calibration.load(path, "test-1")
        assert "`facecli evaluate --images DIR --save-calibration FILE`" in refused.value.hint
        assert "Correct it" not in refused.value.hint  # its digest would not fit
        assert calibration.parse(text) == THREE


@pytest.mark.parametrize("missed", [(0.3, 0.1, -0.1), (1.1, 0.1, 0.0), (0.1, 0.3, 0.0)])
def test_an_fnmr_that_rises_or_is_no_rate_is_refused(missed: tuple[float, float, float]) -> None:
    points = (replace(point, fnmr=fnmr) for point, fnmr in zip(THREE.points, missed, strict=True))
    with pytest.raises(BadInput, match="FNMR"):
        replace(THREE, points=tuple(points))


@pytest.mark.parametrize(
    "change", [{"low": 0.2, "high": 0.1}, {"high": 2.0}, {"distance": math.inf}]
)
def test_a_group_whose_numbers_cannot_be_is_refused(change: dict[str, Any]) -> None:
    group = shifted(0.01)
    with pytest.raises(BadInput):
        replace(group, points=(replace(group.points[0], **change), *group.points[1:]))
