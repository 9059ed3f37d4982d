"""Templates of 8 bits: every kernel gives what Python's whole numbers give, at the ends as well."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import Crowds, Scoring, Stored
from facecli.recognition.matching import comparison, int8_prefilter
from facecli.recognition.matching.comparison import Comparison
from facecli.recognition.matching.references import Candidate, References

HOW = Scoring(crowds=Crowds("none", "none", 0.5, 0.1), step=0.5 / 127, handicap_step=0.002)
EUCLIDEAN = Scoring(step=0.5 / 127)
LONG = Scoring(step=2.0**-10)


def templates(seed: int, count: int, dimension: int, kind: str) -> Stored:
    """Templates as a network makes them, or with every component at an end of its range."""
    random = np.random.default_rng(seed)
    if kind == "ends":
        rows = random.choice([-127, 127], (count, dimension))
        rows[:1], rows[-1:] = 127, -127
    elif kind == "small":  # many distances are the same
        rows = random.integers(-2, 3, (count, dimension))
    else:
        rows = random.standard_normal((count, dimension)) * 22
        rows[count // 2 :] = rows[: count - count // 2] + random.integers(-9, 10, dimension)
    codes = random.integers(-127, 128, count) if kind == "ends" else random.integers(-9, 10, count)
    return Stored(rows.clip(-127, 127).round().astype(np.int8), codes.astype(np.int8))


def exact_distance(how: Scoring, probe: Stored, at: int, reference: Stored, row: int) -> float:
    """The distance of two templates by the definition, from whole numbers of any size."""
    one, other = probe.rows[at].tolist(), reference.rows[row].tolist()
    square = Fraction(how.square)
    if how.handicap_step is None:
        return math.sqrt(square * sum((a - b) ** 2 for a, b in zip(one, other, strict=True)))
    handicaps = int(probe.codes[at]) + int(reference.codes[row])
    product = sum(a * b for a, b in zip(one, other, strict=True))
    score = square * product - Fraction(how.handicap_step) * handicaps
    return math.sqrt(max(Fraction(0), 2 - 2 * score))


def brute_force(
    how: Scoring, probes: Stored, found: References, threshold: float, top_k: int
) -> list[list[Candidate]]:
    """The candidates of each probe, pair by pair."""
    answers = []
    for at in range(len(probes)):
        nearest: dict[int, float] = {}
        for row, subject in enumerate(found.subjects.tolist()):
            distance = exact_distance(how, probes, at, found.forms, row)
            nearest[subject] = min(distance, nearest.get(subject, math.inf))
        within = sorted((d, who) for who, d in nearest.items() if d <= threshold)
        answers.append([Candidate(who, distance) for distance, who in within[:top_k]])
    return answers


def search(prefilter: bool, *arguments: Any) -> list[list[Candidate]]:
    """Search with one of both kernels, in blocks of a few references."""
    how, probes, found, threshold, top_k = arguments
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(int8_prefilter, "LEAST_PROBES", 1 if prefilter else 10**9)
        patch.setattr(int8_prefilter, "LEAST_CELLS", 1)
        patch.setattr(int8_prefilter, "ROWS", 7)
        patch.setattr(comparison, "CELLS", 64)
        return Comparison(how, probes).best([found], len(found), threshold, top_k)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    kinds=st.tuples(*[st.sampled_from(["faces", "ends", "small"])] * 2),
    how=st.sampled_from([HOW, EUCLIDEAN, LONG]),
    dimension=st.sampled_from([1, 3, 128, 512]),
    count=st.integers(1, 25),
    quantile=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    top_k=st.integers(1, 4),
)
def test_a_search_is_that_of_whole_numbers(
    seed: int, kinds: tuple[str, str], how: Scoring, dimension: int, count: int,
    quantile: float, top_k: int,
) -> None:  # fmt: skip
    probes = templates(seed, 6, dimension, kinds[0])
    forms = templates(seed + 1, count, dimension, kinds[1])
    subjects = np.random.default_rng(seed).integers(1, 9, count)
    found = References(how, forms, subjects)
    # One of the distances is the threshold: what lies on it is found.
    every = [exact_distance(how, probes, at, forms, row) for at in range(6) for row in range(count)]
    asked = Comparison(how, probes).distances(
        found, np.repeat(np.arange(6), count), np.tile(np.arange(count), 6)
    )
    assert asked.tolist() == pytest.approx(every, rel=1e-12, abs=1e-7)
    threshold = float(np.quantile(asked, quantile, method="lower"))
    with_it, without = (
        search(kind, how, probes, found, threshold, top_k) for kind in (True, False)
    )
    assert with_it == without
    own = [[Candidate(who, d) for who, d in ranked] for ranked in _ranked(asked, found, threshold)]
    assert with_it == [ranked[:top_k] for ranked in own]


def _ranked(asked: np.ndarray, found: References, threshold: float) -> list[list[Any]]:
    """Subjects and distances within the threshold for each of six probes, nearest first."""
    answers = []
    for distances in asked.reshape(6, -1):
        nearest = {
            who: float(distances[found.subjects == who].min())
            for who in np.unique(found.subjects).tolist()
        }
        pairs = sorted((d, who) for who, d in nearest.items() if d <= threshold)
        answers.append([(who, distance) for distance, who in pairs])
    return answers


@pytest.mark.parametrize("prefilter", [True, False])
@pytest.mark.parametrize("how", [HOW, EUCLIDEAN])
def test_templates_at_the_ends_of_their_range_are_found(prefilter: bool, how: Scoring) -> None:
    """A kernel that adds in 16 bits is off by millions here, and not with ordinary templates."""
    probes, forms = templates(1, 6, 128, "ends"), templates(2, 40, 128, "ends")
    found = References(how, forms, np.arange(40))
    for threshold in (0.0, 8.0, 12.0, 99.0):
        answers = search(prefilter, how, probes, found, threshold, 50)
        expected = brute_force(how, probes, found, threshold, 50)
        assert [[one.subject_id for one in ranked] for ranked in answers] == [
            [one.subject_id for one in ranked] for ranked in expected
        ]


@pytest.mark.parametrize("prefilter", [True, False])
def test_neither_the_order_of_templates_nor_the_number_of_threads_changes_an_answer(
    prefilter: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes, forms = templates(5, 6, 128, "small"), templates(6, 60, 128, "small")
    subjects = np.arange(60) % 40
    answers = []
    for seed, threads in ((0, 1), (1, 2), (2, 5)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _, count=threads: range(count))
        order = np.random.default_rng(seed).permutation(60)
        shuffled = Stored(forms.rows[order], forms.codes[order])
        found = References(HOW, shuffled, subjects[order])
        answers.append(search(prefilter, HOW, probes, found, 99.0, 7))
    assert answers[0] == answers[1] == answers[2]
    assert all(len(ranked) == 7 for ranked in answers[0])


def test_both_ways_round_a_distance_is_the_same() -> None:
    one, other = templates(3, 50, 128, "faces"), templates(4, 50, 128, "faces")
    for how in (HOW, EUCLIDEAN):
        there = scoring.paired_distances(how, one, other)
        assert there.tolist() == scoring.paired_distances(how, other, one).tolist()
