from __future__ import annotations

import pytest

from facecli.printable import counted


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 images"), (1, "1 image"), (2, "2 images"), (12345, "12,345 images")],
)
def test_what_is_counted_stands_in_its_grammatical_number(number: int, expected: str) -> None:
    assert counted(number, "image") == expected


def test_a_plural_of_its_own_is_used() -> None:
    assert [counted(number, "person", "people") for number in (1, 3)] == ["1 person", "3 people"]
