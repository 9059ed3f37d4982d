"""How much two boxes have in common."""

from __future__ import annotations

import pytest

from facecli.recognition.analysis.face_boxes import iou, is_same_place
from facecli.recognition.engines.engine import FaceBox


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ((0, 0, 10, 10), 1.0),
        ((5, 0, 15, 10), 50 / 150),
        ((10, 0, 20, 10), 0.0),
        ((30, 30, 40, 40), 0.0),
        ((0, 0, 0, 0), 0.0),
    ],
)
def test_intersection_over_union(other: FaceBox, expected: float) -> None:
    assert iou((0, 0, 10, 10), other) == pytest.approx(expected)


def test_boxes_that_mostly_cover_each_other_are_the_same_place() -> None:
    box = (10, 10, 30, 30)
    assert is_same_place(box, box)
    assert is_same_place(box, (12, 10, 32, 32))
    assert not is_same_place(box, (17, 10, 37, 30))
    assert not is_same_place(box, (12, 12, 20, 20))  # one within the other
    assert not is_same_place(box, (40, 40, 60, 60))
