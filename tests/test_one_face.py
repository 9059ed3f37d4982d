"""The measurements of `other-face` and `ambiguous`, on people who are points."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.engines.scoring import NetworkOutput
from tests.benchmarks import one_face
from tests.benchmarks.choose_scoring import MOST_IMAGES, Faces
from tests.benchmarks.one_face import Distances
from tests.prepared import SPEC
from tests.recognition.synthetic import people_and_templates


@pytest.fixture(scope="module")
def all_of() -> Distances:
    labels, templates = people_and_templates(30, 8, noise=0.3)
    codes = np.unique(labels, return_inverse=True)[1]
    wide = np.pad(templates, ((0, 0), (0, SPEC.dimension - templates.shape[1])))
    output = NetworkOutput.of_unit_length(wide)
    output = NetworkOutput(output.vectors, np.full(len(codes), 12.0, np.float32))
    return one_face.distances_of(SPEC, Faces(output, codes))


def test_few_captures_of_each_person_count(all_of: Distances) -> None:
    assert np.bincount(all_of.codes).tolist() == [MOST_IMAGES] * 30
    assert all_of.between.shape == (180, 180)


def test_further_captures_are_nearer_than_strangers(all_of: Distances) -> None:
    further, others = one_face.first_and_further(all_of, 2)
    assert (further.shape, others.shape) == ((180, 2), (180 * one_face.STRANGERS, 2))
    assert further.mean() < others.mean()


def test_two_of_one_person_differ_by_less_than_the_limit(all_of: Distances) -> None:
    gaps = one_face.two_of_one(all_of, 1.0)
    assert len(gaps) > 100
    assert 0 <= gaps.min() <= gaps.max() <= 1.0


def test_every_further_capture_is_searched(all_of: Distances) -> None:
    matched, right, wrong = one_face.of_two_people(all_of, 3.0)
    assert matched == len(right) + len(wrong) == 180 - 30
    assert len(right) > len(wrong)


def test_both_tables_have_their_lines(all_of: Distances) -> None:
    lines = list(one_face.rates_of_other_face(SPEC, all_of))
    assert len(lines) == len(one_face.OWN) * (len(one_face.RATES) + 1) * 2
    assert any("equal error" in line for line in lines)
    margins = [line for line in one_face.rates_of_ambiguity(SPEC, all_of) if "margin" in line]
    assert len(margins) == 3 * len(one_face.MARGINS)
