"""Comparison: the same candidates as a comparison of every pair, in any number of blocks."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.engines.scoring import PLAIN, Stored
from facecli.recognition.matching import comparison
from facecli.recognition.matching.comparison import Comparison
from facecli.recognition.matching.references import Candidate, References


def references(rows: np.ndarray, subjects: list[int]) -> References:
    return References(PLAIN, forms(rows), np.array(subjects, np.int64))


def forms(rows: np.ndarray) -> Stored:
    """Templates of an engine of float32 without centring or norm."""
    return Stored(rows.astype("<f4"), np.zeros(len(rows), np.int8))


def best(
    found: References, probes: np.ndarray, threshold: float, top_k: int
) -> list[list[Candidate]]:
    return Comparison(PLAIN, forms(probes)).best([found], len(found), threshold, top_k)


def every_pair(found: References, probe: np.ndarray, threshold: float) -> list[Candidate]:
    """The nearest template of each subject within the threshold, nearest first."""
    distances = np.linalg.norm(found.forms.rows.astype(float) - probe.astype(float), axis=1)
    nearest = {
        int(subject): float(distances[found.subjects == subject].min())
        for subject in np.unique(found.subjects)
    }
    within = [(distance, who) for who, distance in nearest.items() if distance <= threshold]
    return [Candidate(who, distance) for distance, who in sorted(within)]


@pytest.mark.parametrize("cells", [8, 2**21])
@pytest.mark.parametrize("unit_length", [True, False])
def test_candidates_are_those_of_a_comparison_of_every_pair(
    monkeypatch: pytest.MonkeyPatch, cells: int, unit_length: bool
) -> None:
    monkeypatch.setattr(comparison, "CELLS", cells)
    random = np.random.default_rng(5)
    rows = random.normal(size=(60, 8))
    probes = random.normal(size=(7, 8)).astype("<f4")
    if unit_length:
        rows /= np.linalg.norm(rows, axis=1)[:, None]
        probes /= np.linalg.norm(probes, axis=1)[:, None]
    found = references(rows, [number // 3 for number in range(60)])
    threshold = 1.0 if unit_length else 3.0
    for probe, candidates in zip(probes, best(found, probes, threshold, 4), strict=True):
        expected = every_pair(found, probe, threshold)[:4]
        assert [one.subject_id for one in candidates] == [one.subject_id for one in expected]
        assert [one.distance for one in candidates] == pytest.approx(
            [one.distance for one in expected]
        )


def test_a_distance_equal_to_the_threshold_is_a_match() -> None:
    found = references(np.array([[3.0, 4.0]]), [1])
    probe = np.zeros((1, 2), "<f4")
    assert best(found, probe, 5.0, 1) == [[Candidate(1, 5.0)]]
    assert best(found, probe, 4.999, 1) == [[]]


def test_of_equal_distances_the_lower_subject_comes_first() -> None:
    found = references(np.array([[1.0, 0.0], [0.0, 1.0]]), [9, 4])
    [candidates] = best(found, np.zeros((1, 2)), 2.0, 2)
    assert [one.subject_id for one in candidates] == [4, 9]


def test_distances_are_of_the_pairs_that_are_named() -> None:
    found = references(np.array([[1.0, 0.0], [0.0, 2.0]]), [1, 2])
    probes = np.array([[0.0, 0.0], [1.0, 0.0]], "<f4")
    asked = Comparison(PLAIN, forms(probes)).distances(
        found, np.array([0, 0, 1]), np.array([0, 1, 0])
    )
    assert asked.tolist() == [1.0, 2.0, 0.0]


@pytest.mark.parametrize("dimension", [128, 512])
def test_products_of_whole_numbers_are_exact_at_the_ends_of_their_range(dimension: int) -> None:
    random = np.random.default_rng(2)
    rows, probes = (
        random.choice([-127, 127], (count, dimension)).astype(np.int8) for count in (1100, 9)
    )
    rows[0], probes[0] = 127, -127
    found = comparison.products(rows, probes)
    assert (found == rows.astype(np.int64) @ probes.astype(np.int64).T).all()
    assert found.min() == -dimension * 127 * 127


def test_products_of_other_numbers_are_those_of_the_vectors() -> None:
    random = np.random.default_rng(3)
    rows, probes = (random.normal(size=(count, 8)).astype("<f4") for count in (1100, 9))
    assert comparison.products(rows, probes) == pytest.approx(rows @ probes.T, abs=1e-5)
    assert comparison.products(rows[:0], probes).shape == (0, 9)
