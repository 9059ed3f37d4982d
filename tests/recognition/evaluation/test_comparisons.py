from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.engines.calibration import Origin
from facecli.recognition.evaluation import comparisons as evaluation
from facecli.recognition.evaluation import distances as module
from tests.recognition.synthetic import people_and_templates, plain

ORIGIN = Origin("random", 0, 2, 0, 0, 0, "all pairs", "2026-01-31")


def test_all_comparisons_are_every_pair_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 7)
    labels, templates = people_and_templates(9, 4)
    genuine, impostor = evaluation.all_comparisons(plain(templates), labels)
    pairs = list(combinations(range(36), 2))
    expected = {
        same: sorted(
            float(np.linalg.norm(templates[a] - templates[b]))
            for a, b in pairs
            if (labels[a] == labels[b]) is same
        )
        for same in (True, False)
    }
    assert genuine == pytest.approx(expected[True], abs=1e-4)
    assert impostor == pytest.approx(expected[False], abs=1e-4)


def test_no_templates_give_no_comparisons() -> None:
    genuine, impostor = evaluation.all_comparisons(plain(np.empty((0, 16), np.float32)), [])
    assert len(genuine) == len(impostor) == 0


@pytest.mark.parametrize(("fmr", "threshold"), [(0.1, 1.0), (0.25, 2.0), (0.29, 2.0), (1.0, 10.0)])
def test_a_threshold_lets_at_most_that_share_through(fmr: float, threshold: float) -> None:
    impostor = np.arange(1, 11, dtype=np.float32)
    assert evaluation.threshold_at(impostor, fmr) == threshold
    assert evaluation.share_within(impostor, threshold) <= fmr


def test_a_rate_too_small_for_the_comparisons_is_refused() -> None:
    with pytest.raises(BadInput):
        evaluation.threshold_at(np.arange(10, dtype=np.float32), 0.05)


def test_a_calibration_counts_what_was_compared_and_holds_its_rates() -> None:
    labels, templates = people_and_templates(40, 4)
    made = evaluation.calibrate(plain(templates), labels, "random-1", ORIGIN)
    assert made.origin.images == 160 + 2
    assert made.origin.people == 40
    assert made.origin.genuine_comparisons == 40 * 6
    assert made.origin.impostor_comparisons == 160 * 159 // 2 - 240
    _, impostor = evaluation.all_comparisons(plain(templates), labels)
    for point in made.points:
        assert evaluation.share_within(impostor, point.distance) <= point.fmr + 1 / len(impostor)
    assert [point.fnmr for point in made.points] == sorted(
        (point.fnmr for point in made.points), reverse=True
    )


def test_a_set_too_small_for_any_rate_is_refused() -> None:
    labels, templates = people_and_templates(3, 2)
    with pytest.raises(BadInput):
        evaluation.calibrate(plain(templates), labels, "random-1", ORIGIN)


def test_rows_of_comparisons_agree_with_all_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 7)
    labels, templates = people_and_templates(9, 4)
    labels, templates = labels[::-1], templates[::-1]
    codes = np.unique(labels, return_inverse=True)[1]
    genuine, impostor = evaluation.all_comparisons(plain(templates), labels)
    distances, rows = evaluation.genuine_rows(plain(templates), codes)
    assert distances == pytest.approx(genuine, abs=1e-4)
    assert all(labels[a] == labels[b] and a != b for a, b in rows)
    limit = float(impostor[99])
    near, places = evaluation.impostor_rows(plain(templates), codes, limit)
    assert near == pytest.approx(impostor[:100], abs=1e-6)
    assert all(labels[a] != labels[b] for a, b in places)
    assert near == pytest.approx([np.linalg.norm(templates[a] - templates[b]) for a, b in places],
                                 abs=1e-4)  # fmt: skip
