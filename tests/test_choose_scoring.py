"""The cross-validation that chose the scoring of the engines, on people who are points."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facecli.recognition.engines import engine
from facecli.recognition.engines.scoring import PLAIN, NetworkOutput
from tests.benchmarks import choose_scoring
from tests.benchmarks.choose_scoring import Faces
from tests.recognition.synthetic import people_and_templates


@pytest.fixture(scope="module")
def faces() -> Faces:
    labels, templates = people_and_templates(60, 8, noise=0.5)
    codes = np.unique(labels, return_inverse=True)[1]
    return Faces(NetworkOutput.of_unit_length(templates), codes)


def test_one_crowd_is_the_mean_of_the_people(faces: Faces) -> None:
    [crowd] = choose_scoring.crowds_of(faces, 1)
    means = [faces.output.vectors[faces.codes == person].mean(axis=0) for person in range(60)]
    expected = np.mean(means, axis=0)
    assert crowd == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)


def test_crowds_have_unit_length_and_many_people_and_stay_the_same(faces: Faces) -> None:
    crowds = choose_scoring.crowds_of(faces, 4)
    assert np.linalg.norm(crowds, axis=1) == pytest.approx(np.ones(4))
    assert choose_scoring.smallest_group(faces, crowds) >= 2
    assert (choose_scoring.crowds_of(faces, 4) == crowds).all()


def test_nobody_is_learnt_from_and_measured(faces: Faces) -> None:
    for learn, measure in choose_scoring.halves(faces):
        assert not set(learn.codes) & set(measure.codes)
        assert np.bincount(measure.codes).max() <= choose_scoring.MOST_IMAGES


def test_rates_are_those_of_all_pairs(faces: Faces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose_scoring, "RATES", (0.01, 0.001))
    handicaps = np.linspace(-0.05, 0.05, len(faces.codes))
    vectors = faces.output.vectors.astype(np.float64)
    first, second = np.triu_indices(len(vectors), 1)
    scores = (vectors @ vectors.T)[first, second] - handicaps[first] - handicaps[second]
    same = faces.codes[first] == faces.codes[second]
    falling = np.sort(scores[~same])[::-1]
    expected = [
        (scores[same] > falling[int(rate * len(falling)) - 1]).mean() for rate in (0.01, 0.001)
    ]
    assert choose_scoring.true_match_rates(faces, handicaps) == pytest.approx(expected)


def test_people_who_were_not_used_are_measured_with_the_scoring_in_use(
    faces: Faces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose_scoring, "DRAWS", 1)
    learn = faces.among(np.flatnonzero(faces.codes < 10))
    measure = faces.among(np.flatnonzero(faces.codes >= 10))
    spec = engine.spec("sface")
    found = choose_scoring.held_out(learn, measure, spec)
    assert set(found) == {"plain, TMR at FMR 0.001", "in use, TMR at FMR 0.001"}
    [[plain], [in_use]] = found.values()
    assert 0 < plain < 1
    assert in_use != plain
    crowds = choose_scoring.with_crowds_of(learn, spec.scoring).crowds
    assert crowds is not None
    assert crowds.stated == (tuple(choose_scoring.crowds_of(learn, 1)[0]),)
    assert choose_scoring.with_crowds_of(learn, PLAIN) == PLAIN


def test_the_file_of_crowds_says_what_it_holds(faces: Faces) -> None:
    crowds = choose_scoring.crowds_of(faces, 2)
    record = json.loads(choose_scoring.content_of(crowds, {"holds": "means"}))
    assert record["schema"] == "facecli.crowds/1"
    assert record["origin"] == {"holds": "means"}
    assert np.array(record["crowds"]) == pytest.approx(crowds, abs=1e-4)
