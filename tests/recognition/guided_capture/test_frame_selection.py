"""The choice among good frames."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.engines.scoring import PLAIN, Scoring
from facecli.recognition.guided_capture.frame_selection import (
    MARGIN,
    GoodFrame,
    OneSitting,
    choose,
    distances,
    spread,
)


def at(*place: float) -> bytes:
    """A template of three numbers, to see distances at a glance."""
    return np.array([*place, 0, 0][:3], "<f4").tobytes()


def test_the_best_comes_first_then_the_farthest_from_all_chosen() -> None:
    line = [GoodFrame(at(x), 80) for x in (0, 1, 2, 9, 10, 5)]
    line[1] = GoodFrame(at(1), 90)
    assert choose(line, 1, PLAIN) == [1]
    assert choose(line, 2, PLAIN) == [1, 4]  # 10 is farthest from 1
    assert choose(line, 3, PLAIN) == [1, 4, 5]  # 5 is 4 from 1 and 5 from 10


def test_what_is_much_worse_than_the_best_is_not_taken_however_different() -> None:
    frames = [GoodFrame(at(0), 90), GoodFrame(at(1), 90), GoodFrame(at(50), 89 - MARGIN)]
    assert choose(frames, 3, PLAIN) == [0, 1]
    frames[2] = GoodFrame(at(50), 90 - MARGIN)
    assert choose(frames, 2, PLAIN) == [0, 2]


def test_the_very_same_template_is_taken_once() -> None:
    assert choose([GoodFrame(at(1), 80)] * 5, 3, PLAIN) == [0]


def test_of_equals_the_earlier_is_taken() -> None:
    assert choose([GoodFrame(at(x), 80) for x in (0, 1, -1)], 2, PLAIN) == [0, 1]


@pytest.mark.parametrize("count", [0, -1])
def test_nothing_is_chosen_of_nothing(count: int) -> None:
    assert choose([], 3, PLAIN) == []
    assert choose([GoodFrame(at(1), 80)], count, PLAIN) == []


def test_the_choice_is_at_least_half_as_spread_as_the_best_possible() -> None:
    """Gonzalez' bound, against all choices of four that include the first."""
    from itertools import combinations

    rows = np.random.default_rng(3).normal(size=(12, 3))
    frames = [GoodFrame(at(*row), 80) for row in rows]
    found = spread([frames[index].template for index in choose(frames, 4, PLAIN)], PLAIN)
    best = max(
        spread([frames[0].template, *(frames[index].template for index in others)], PLAIN)
        for others in combinations(range(1, 12), 3)
    )
    assert best / 2 <= found <= best


def test_distances_are_euclidean_and_few_templates_have_no_spread() -> None:
    assert distances([at(0, 0), at(3, 4)], PLAIN)[0, 1] == pytest.approx(5)
    assert spread([at(0), at(3), at(1)], PLAIN) == pytest.approx(1)
    assert spread([at(0)], PLAIN) == float("inf")


def test_distances_of_8_bit_templates_are_in_units_of_the_vectors() -> None:
    templates = [np.array(row, "i1").tobytes() for row in ([0, 0, 0], [3, 4, 0])]
    assert distances(templates, Scoring(step=0.5))[0, 1] == pytest.approx(2.5)


def test_two_frames_show_one_person_up_to_the_distance_of_one_sitting() -> None:
    sitting = OneSitting(PLAIN, 5.0)
    assert sitting.one_person(at(0), at(3, 4))
    assert not sitting.one_person(at(0), at(3, 4.1))
