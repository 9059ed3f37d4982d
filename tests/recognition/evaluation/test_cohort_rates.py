from __future__ import annotations

import numpy as np

from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.cohort_rates import cohort_rates
from facecli.recognition.evaluation.cohorts import Cohorts
from tests.recognition.synthetic import acquired, by, people_and_templates


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
