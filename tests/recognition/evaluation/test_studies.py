from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.engines import calibration
from facecli.recognition.engines.engine import spec
from facecli.recognition.evaluation import studies
from facecli.recognition.evaluation.studies import StudyOptions
from tests.recognition.synthetic import acquired, people_and_templates


def test_a_saved_calibration_is_one_that_can_be_loaded(tmp_path: Path) -> None:
    labels, templates = people_and_templates(60, 4, noise=0.6)
    made = studies.calibration_of(
        acquired(labels, templates), spec("sface"), "x", "largest", "2026-01-31"
    )
    assert "the largest face" in made.origin.method
    path = tmp_path / "c.json"
    path.write_text(calibration.dump(made), encoding="utf-8")
    assert calibration.load(path, spec("sface").engine_id) == made


def test_a_set_of_fewer_than_two_templates_is_refused() -> None:
    with pytest.raises(BadInput, match="fewer than two"):
        studies.verification_study(
            acquired(["a"], np.zeros((1, 16))), None, spec("sface"), None, StudyOptions()
        )


def test_probes_that_are_gallery_files_are_noted() -> None:
    labels, templates = people_and_templates(4, 2)
    both = acquired(labels, templates)
    found = studies.identification_study(both, both, spec("sface"), None, StudyOptions())
    assert found.notes == ["8 probes with the file of a gallery image: FNIR is too low."]


def test_cohorts_are_of_people_with_a_template_and_leave_a_note() -> None:
    labels, templates = people_and_templates(6, 3)
    options = StudyOptions({"person 000": "a", "gone": "b"}, "group", Path("c.csv"))
    found = studies.verification_study(
        acquired(labels, templates), None, spec("sface"), None, options
    )
    assert found.notes == [
        "c.csv: no images of 1 person.", "c.csv: no cohort for 5 people in the images.",
    ]  # fmt: skip
    assert found.plot is not None
    assert [curve.label for curve in found.plot.curves] == ["everybody"]


def test_a_calibration_has_the_groups_with_people_enough() -> None:
    labels, templates = people_and_templates(40, 4, noise=0.9)
    names = sorted(set(labels))
    groups = {person: "many" if at < 25 else "few" if at < 30 else "" for at, person in
              enumerate(names)}  # fmt: skip
    found = studies.calibration_of(
        acquired(labels, templates), spec("reference"), "x", "centre", "2026-01-01",
        {person: group for person, group in groups.items() if group},
    )  # fmt: skip
    [many] = found.groups
    assert (many.name, many.people, many.pairs) == ("many", 25, 300)
    assert many.comparisons == 300 * 16
    rates = [point.fmr for point in many.points]
    assert set(rates) <= set(studies.GROUP_RATES)
    assert {1e-2, 2e-2, 5e-2, 1e-1} <= set(rates)  # lower ones, where their middle is stricter
    assert all(point.low <= point.fmr for point in many.points)
    assert [point.extrapolated for point in many.points[-2:]] == [True, True]
