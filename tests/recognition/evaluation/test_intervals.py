from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from facecli.recognition.evaluation.intervals import PeopleBootstrap, over_folds, wilson


@pytest.mark.parametrize(
    ("errors", "count", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I: Wilson's score method.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_gives_the_published_intervals(
    errors: int, count: int, low: float, high: float
) -> None:
    found = wilson(errors, count)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_over_folds_is_students() -> None:
    found = over_folds([0.90, 0.92, 0.94, 0.96])
    deviation = 0.0129099
    assert (found.low, found.high) == pytest.approx(
        (0.93 - 3.182 * deviation, 0.93 + 3.182 * deviation), abs=1e-5
    )


def test_the_bootstrap_of_comparisons_between_people_is_the_slow_one() -> None:
    images = np.array([1.0, 2.0, 3.0, 1.0, 2.0])
    first, second = np.array([0, 2, 2, 3, 2]), np.array([1, 1, 4, 0, 1])
    bootstrap = PeopleBootstrap(5, replicates=50)
    slow = []
    for weights in bootstrap.weights:
        wrong = sum(weights[a] * weights[b] for a, b in zip(first, second, strict=True))
        made = sum(
            weights[a] * weights[b] * images[a] * images[b] for a, b in combinations(range(5), 2)
        )
        slow.append(wrong / made if made else np.nan)
    found = bootstrap.between(first, second, images)
    low, high = np.nanpercentile(slow, [2.5, 97.5])
    assert (found.low, found.high) == pytest.approx((low, high))


def test_the_bootstrap_of_comparisons_across_groups_is_the_slow_one() -> None:
    one, other = np.array([1.0, 2.0, 0.0, 0.0]), np.array([0.0, 0.0, 3.0, 1.0])
    first, second = np.array([0, 3, 2]), np.array([2, 1, 1])
    bootstrap = PeopleBootstrap(4, replicates=50)
    slow = []
    for weights in bootstrap.weights:
        wrong = sum(weights[a] * weights[b] for a, b in zip(first, second, strict=True))
        made = float(weights @ one) * float(weights @ other)
        slow.append(wrong / made if made else np.nan)
    found = bootstrap.across(first, second, one, other)
    low, high = np.nanpercentile(slow, [2.5, 97.5])
    assert (found.low, found.high) == pytest.approx((low, high))


def test_the_bootstrap_over_people_is_wider_than_an_interval_over_comparisons() -> None:
    errors, counts = np.array([100.0] + [0.0] * 49), np.full(50, 100.0)
    over_people = PeopleBootstrap(50).share(errors, counts)
    over_comparisons = wilson(100, 5000)
    assert over_people.high > 2 * over_comparisons.high
    assert over_people.low == 0


def test_no_error_at_all_still_leaves_room_for_some() -> None:
    found = PeopleBootstrap(50).share(np.zeros(50), np.full(50, 100.0))
    assert (found.low, found.high) == (0, pytest.approx(wilson(0, 50).high))
    assert found.method == "Wilson over 50 people"
