"""Common areas of boxes of faces: (left, top, right, bottom) in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import FaceBox


def iou(one: FaceBox, other: FaceBox) -> float:
    """Return the intersection over union of two boxes, 0..1; higher overlaps more."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    both = max(across, 0) * max(down, 0)
    return both / max(_area(one) + _area(other) - both, 1)


def is_same_place(one: FaceBox, other: FaceBox) -> bool:
    """Return True if two boxes have more than half of their common area in common."""
    return iou(one, other) > 0.5


def _area(box: FaceBox) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
