from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.det_band import Weighed, band, drawn_hits
from facecli.recognition.evaluation.identification_rates import IdentificationStudy
from tests.recognition.synthetic import acquired, people_and_templates

WRONG = Weighed(np.array([1.0, 2.0, 3.0, 4.0]), np.array([[0, 1], [0, 2], [1, 2], [1, 2]]))
RIGHT = Weighed(np.array([0.5, 1.5, 2.5]), np.array([[0], [1], [2]]))


def test_a_comparison_counts_as_often_as_both_of_its_people_were_drawn() -> None:
    counts = WRONG.counts(np.array([[2.0, 1.0, 3.0]]))
    assert counts.tolist() == [[2, 8, 11, 14]]


def test_each_draw_has_the_threshold_at_which_it_shows_the_rate() -> None:
    draws = np.array([[1.0, 1.0, 1.0], [0.0, 2.0, 1.0], [3.0, 0.0, 0.0]])
    totals = np.array([4.0, 4.0, 4.0])
    hits = drawn_hits(draws, [0.25, 0.5, 0.75], totals, WRONG, RIGHT)
    # Of the second draw, only the two comparisons of the last two people count, each twice.
    assert hits[0].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert hits[1].tolist() == pytest.approx([2 / 3, 1, 1])
    # In the third, nobody is compared with anybody else.
    assert hits[2].tolist() == [1, 1, 1]


def test_a_face_that_was_not_found_matches_at_no_threshold() -> None:
    wrong = Weighed(np.array([1.0, np.inf]), np.array([[0], [1]]))
    right = Weighed(np.array([0.5, np.inf]), np.array([[0], [1]]))
    hits = drawn_hits(np.ones((1, 2)), [0.5, 1.0], np.array([2.0]), wrong, right)
    assert hits.tolist() == [[0.5, 0.5]]


def test_the_band_has_the_ends_of_the_draws() -> None:
    hits = np.linspace(0.8, 1.0, 201)[:, None].repeat(2, axis=1)
    found = band([0.1, 0.2], np.vstack([hits, [[np.nan, np.nan]]]))
    assert found is not None
    assert found.low == pytest.approx([0.005, 0.005])
    assert found.high == pytest.approx([0.195, 0.195])
    assert band([], np.empty((3, 0))) is None
    assert band([0.1, 0.2], np.full((3, 2), np.nan)) is None


def test_the_band_is_around_the_curve_of_all_pairs() -> None:
    labels, templates = people_and_templates(40, 3, noise=0.9)
    curve = AllPairs(acquired(labels, templates)).curve()
    assert curve.band is not None
    lowest = curve.false_positive[0]
    assert curve.band.false_positive[0] == pytest.approx(lowest)
    for rate, low, high in zip(
        curve.band.false_positive, curve.band.low, curve.band.high, strict=True
    ):
        at = int(np.searchsorted(curve.false_positive, rate * (1 + 1e-9)))
        if at < len(curve.false_positive):
            assert low - 0.02 <= curve.false_negative[at] <= high + 0.02
    assert max(curve.band.high) > max(curve.band.low)


def test_the_band_is_around_the_curve_of_searches() -> None:
    labels, templates = people_and_templates(200, 2, noise=0.9)
    enrolled = np.arange(0, 200, 2)
    gallery = acquired([labels[at] for at in enrolled], templates[enrolled])
    probes = acquired(labels[1::2], templates[1::2])
    curve = IdentificationStudy(gallery, probes).curve()
    assert curve.band is not None
    assert curve.band.low[0] <= curve.false_negative[0] <= curve.band.high[0]
