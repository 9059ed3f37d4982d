from __future__ import annotations

import pytest

from facecli.printable import counted, in_figures


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 images"), (1, "1 image"), (2, "2 images"), (12345, "12,345 images")],
)
def test_what_is_counted_stands_in_its_grammatical_number(number: int, expected: str) -> None:
    assert counted(number, "image") == expected


def test_a_plural_of_its_own_is_used() -> None:
    assert [counted(number, "person", "people") for number in (1, 3)] == ["1 person", "3 people"]


def test_fractions_have_seven_figures_wherever_they_stand() -> None:
    record = {
        "threshold": 0.9610079999999999,
        "low": 1.23456789e-7,
        "of": 123456789,
        "same": True,
        "points": [{"distance": 0.9178913854314087}],
        "box": (1, 2),
        "name": "0.12345678901",
    }
    assert in_figures(record) == {
        "threshold": 0.961008,
        "low": 1.234568e-7,
        "of": 123456789,
        "same": True,
        "points": [{"distance": 0.9178914}],
        "box": [1, 2],
        "name": "0.12345678901",
    }
    assert in_figures(None) is None


def test_a_distance_within_a_threshold_stays_within_it() -> None:
    near, far = 0.9610079999999999, 0.9610080000000001
    assert in_figures(near) <= in_figures(far)
