"""Thresholds from pairs of people: they hold the rate, and show no pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.recognition.engines import engine
from facecli.recognition.engines.scoring import vectors_of
from facecli.recognition.matching import rate_bounds
from facecli.recognition.matching.rate_bounds import OF_GROUPS, Beyond, NearestPairs, grid
from facecli.recognition.matching.rate_bounds import pair_bounds as bounds

DLIB_CROWDS = engine.DLIB_SCORING.crowds
RATES = tuple(step * 10.0**-decade for decade in range(6, 1, -1) for step in (1, 2, 5))


def pairs_of(vectors: np.ndarray, share: float = 0.1) -> NearestPairs:
    """The nearest pairs of people with one vector each."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    first, second = np.triu_indices(len(unit), 1)
    distances = np.sqrt(np.maximum(2 - 2 * (unit @ unit.T)[first, second], 0))
    near = np.argsort(distances)[: max(int(share * len(first)), 40)]
    return NearestPairs(
        len(unit), first[near].astype(np.int32), second[near].astype(np.int32),
        distances[near], np.ones(len(near)), float(distances[near].max()),
    )  # fmt: skip


def crowd(seed: int, people: int, dimension: int = 24) -> np.ndarray:
    """People whose faces differ in so many ways."""
    return np.random.default_rng(seed).standard_normal((people, dimension))


def real_rate(gallery: np.ndarray, strangers: np.ndarray, distance: float) -> float:
    """The share of comparisons of strangers with the gallery within a distance."""
    one, other = (
        each / np.linalg.norm(each, axis=1, keepdims=True) for each in (gallery, strangers)
    )
    return float((np.sqrt(np.maximum(2 - 2 * other @ one.T, 0)) <= distance).mean())


@pytest.mark.parametrize(
    ("people", "rate", "most"), [(250, 1e-3, 1.5), (250, 1e-4, 2.0), (700, 1e-4, 1.5)]
)
def test_a_bound_holds_its_rate_for_strangers(people: int, rate: float, most: float) -> None:
    strangers = crowd(1, 1500)
    found = []
    for seed in range(2, 5):
        gallery = crowd(seed, people)
        held = {one.rate: one for one in bounds(pairs_of(gallery), RATES)}
        found.append(real_rate(gallery, strangers, held[rate].distance) / rate)
    assert max(found) <= most
    assert np.mean(found) > 0.2


def of_crowds(seed: int, people: int) -> np.ndarray:
    """People around the 48 crowds that ship for `dlib`: many of the first, few of the last."""
    random = np.random.default_rng(seed)
    assert DLIB_CROWDS is not None
    crowds = vectors_of(DLIB_CROWDS)
    chances = 1 / np.arange(1, len(crowds) + 1)
    chosen = random.choice(len(crowds), people, p=chances / chances.sum())
    noise = random.standard_normal((people, crowds.shape[1]))
    return np.asarray(crowds[chosen] + 0.03 * noise)


@pytest.mark.parametrize(("people", "extrapolated"), [(50, True), (200, False)])
def test_a_stated_rate_of_1e_2_is_exceeded_in_few_draws_of_galleries(
    people: int, extrapolated: bool
) -> None:
    """The bound is of 95 %: of 40 galleries, two may exceed the rate, and four by chance."""
    strangers = of_crowds(1, 1000)
    ratios = []
    for seed in range(2, 42):
        gallery = of_crowds(seed, people)
        [held] = bounds(pairs_of(gallery), [1e-2])
        assert held.extrapolated is extrapolated
        ratios.append(real_rate(gallery, strangers, held.distance) / 1e-2)
    assert np.mean(np.array(ratios) > 1) <= 0.1
    assert max(ratios) <= 1.5
    assert np.mean(ratios) > 0.4


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**16), people=st.integers(50, 200), dimension=st.integers(3, 60))
def test_a_lower_rate_has_a_shorter_distance_on_the_grid(
    seed: int, people: int, dimension: int
) -> None:
    near = pairs_of(crowd(seed, people, dimension))
    found = bounds(near, RATES)
    distances = [one.distance for one in found]
    assert distances == sorted(set(distances))
    for one in found:
        assert np.isclose(grid(near.limit), one.distance).any()
        assert 0 <= one.low <= one.high <= 1
        assert one.middle >= one.distance or not one.extrapolated
        if not one.extrapolated:
            assert (near.distances <= one.distance).sum() >= 30
            assert one.middle == one.distance


def test_what_is_measured_has_30_pairs_and_a_tail_reaches_so_far_and_no_further() -> None:
    near = pairs_of(crowd(3, 250))
    found = bounds(near, RATES)
    lowest = min(one.rate for one in found if not one.extrapolated)
    assert 30 / near.all_pairs <= lowest <= 80 / near.all_pairs
    assert found[0].extrapolated
    assert found[0].rate >= 30 / near.all_pairs / 20
    measured = bounds(near, RATES, Beyond(1))
    assert not any(one.extrapolated for one in measured)


def test_the_worst_of_small_groups_holds_1e_2_for_strangers_of_each() -> None:
    """As shipped thresholds are made: three groups of 12 to 16 people, in 20 draws of people."""
    ways = (12, 16, 24)  # in which the faces of a group differ: the fewer, the more alike they are
    strangers = [crowd(1, 400, each) for each in ways]
    held = []
    for seed in range(2, 22):
        groups = [crowd(seed, 12 + 2 * at, each) for at, each in enumerate(ways)]
        found = [bounds(pairs_of(one, 1.0), [1e-2], OF_GROUPS) for one in groups]
        worst = min(one.distance for group in found for one in group)
        rates = (real_rate(*both, worst) for both in zip(groups, strangers, strict=True))
        held.append(max(rates) <= 1e-2)
    assert np.mean(held) >= 0.95


@pytest.mark.parametrize(("people", "bounded"), [(40, (1e-2,)), (150, (1e-2, 1e-3))])
def test_groups_have_the_bound_where_their_pairs_say_something_and_the_middle_below(
    people: int, bounded: tuple[float, ...]
) -> None:
    near = pairs_of(crowd(5, people), 1.0)
    rates = (1e-4, 1e-3, 1e-2)
    groups, upper = ({one.rate: one for one in bounds(near, rates, how)}
                     for how in (OF_GROUPS, rate_bounds.ANYWHERE))  # fmt: skip
    assert {rate for rate in groups if groups[rate].distance == upper[rate].distance} == {*bounded}
    assert all(groups[one].distance == upper[one].middle for one in groups if one not in bounded)


def test_one_more_or_one_less_pair_of_people_moves_no_threshold_far() -> None:
    """An extreme quantile would be the distance of one pair, and tell how alike two people are."""
    near = pairs_of(crowd(4, 300))
    whole = bounds(near, RATES)
    without = replace(
        near, first=near.first[1:], second=near.second[1:], distances=near.distances[1:],
        weights=near.weights[1:],
    )  # fmt: skip
    rest = {one.rate: one for one in bounds(without, RATES)}
    assert all(abs(one.distance - near.distances[0]) > 1e-9 for one in whole)
    for one in whole:
        if not one.extrapolated and one.rate in rest:
            assert abs(rest[one.rate].distance - one.distance) <= 0.01


def test_pairs_that_are_mostly_of_one_person_are_too_few() -> None:
    """One subject whom 35 resemble shows no rate; the same number of pairs of many does."""
    count = 35
    one = np.zeros(count, np.int32)
    others = np.arange(1, count + 1, dtype=np.int32)
    distances, weights = np.linspace(0.5, 0.9, count), np.ones(count)
    assert bounds(NearestPairs(100, one, others, distances, weights, 0.9), RATES) == ()
    many = NearestPairs(100, others + 40, others, distances, weights, 0.9)
    assert bounds(many, [*RATES, 5e-3])


def test_a_person_whom_many_resemble_makes_the_bound_stricter() -> None:
    count = 60
    distances, weights = np.linspace(0.6, 1.0, count), np.ones(count)
    random = np.random.default_rng(5)
    first = random.permutation(200)[:count].astype(np.int32)
    second = ((first + 1 + random.integers(0, 198, count)) % 200).astype(np.int32)
    spread = bounds(NearestPairs(200, first, second, distances, weights, 1.0), [2e-3])
    first[::3] = 7
    second[::3] = np.arange(100, 120)
    alike = bounds(NearestPairs(200, first, second, distances, weights, 1.0), [2e-3])
    assert alike[0].distance < spread[0].distance


@pytest.mark.parametrize("limit", [0.0, -1.0])
def test_without_pairs_there_is_no_threshold(limit: float) -> None:
    none = np.empty(0)
    near = NearestPairs(60, none.astype(np.int32), none.astype(np.int32), none, none, limit)
    assert bounds(near, RATES) == ()
    assert rate_bounds.search_bounds(near, RATES) == ()


def test_searches_among_the_others_hold_an_fpir() -> None:
    gallery = crowd(6, 800)
    near = pairs_of(gallery)
    found = {one.rate: one for one in rate_bounds.search_bounds(near, (0.001, 0.07, 0.1))}
    assert set(found) == {0.07, 0.1}  # of 800 subjects one in a thousand is nobody
    strangers = crowd(7, 2000)
    one, other = (
        each / np.linalg.norm(each, axis=1, keepdims=True) for each in (gallery, strangers)
    )
    nearest = np.sqrt(np.maximum(2 - 2 * (other @ one.T).max(axis=1), 0))
    for rate, bound in found.items():
        assert (nearest <= bound.distance).mean() <= rate * 1.1


def test_a_grid_has_no_more_steps_for_longer_distances() -> None:
    assert np.diff(grid(1.4)) == pytest.approx(0.001)
    assert len(grid(1.4)) == 1400
    assert len(grid(500.0)) <= rate_bounds.LARGEST_GRID
    assert grid(1.0)[-1] == pytest.approx(1.0)
