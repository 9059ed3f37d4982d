from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.evaluation.identification_rates import IdentificationStudy
from tests.recognition.synthetic import CALIBRATION, acquired, people_and_templates


@pytest.fixture
def identification() -> IdentificationStudy:
    """20 enrolled people with 2 images each, one of them without a template; 20 strangers."""
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
