"""The marks of an annotated picture; a face in doubt is blurred."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facecli.capture.marks import Mark
from facecli.recognition.analysis.image import ImageAnalysis
from facecli.recognition.annotation.requests import (
    AnnotationStyle,
    TrackDecisions,
    TrackPictureRequests,
)
from facecli.recognition.video.watch_worker import UNFOLLOWED, EndedTrack, KeptFrame, TrackedBoxes

BOX, OTHER = (10, 20, 110, 120), (200, 20, 300, 120)
PLAIN, NAMED = AnnotationStyle(names=False, blur=True), AnnotationStyle(names=True, blur=True)


def match(
    track: int, ref: str = "A-1", rank: int = 1, name: str | None = "王小明"
) -> dict[str, Any]:
    return {
        "track": track, "decision": "match", "rank": rank, "ref": ref, "name": name,
        "distance": 0.524,
    }  # fmt: skip


def stranger(track: int) -> dict[str, Any]:
    return {"track": track, "decision": "no-match", "rank": None}


def seen(track: int, boxes: TrackedBoxes) -> EndedTrack:
    image = ImageAnalysis("v", "", 640, 480, (), 0)
    return EndedTrack(track, 0.0, 1.0, 3, 1, image, KeptFrame(b"jpeg", boxes))


def drawn(boxes: TrackedBoxes, *rows: dict[str, Any]) -> tuple[Mark, ...]:
    decisions = TrackDecisions()
    decisions.add(rows)
    return TrackPictureRequests(Path("o"), PLAIN, decisions).request(seen(1, boxes)).marks


@pytest.mark.parametrize(
    ("style", "row", "mark"),
    [
        (PLAIN, match(1), Mark(BOX, "A-1  0.52", kind="match")),
        (NAMED, match(1), Mark(BOX, "A-1 王小明  0.52", kind="match")),
        (NAMED, match(1, name=None), Mark(BOX, "A-1  0.52", kind="match")),
        (NAMED, stranger(1), Mark(BOX, "", blur=True)),
        (NAMED, {**match(1), "decision": "ambiguous"}, Mark(BOX, "", blur=True)),
        (NAMED, None, Mark(BOX, "", blur=True)),
        (AnnotationStyle(names=True, blur=False), stranger(1), Mark(BOX, "", blur=False)),
    ],
)
def test_a_face_is_drawn_by_what_was_decided(style: AnnotationStyle, row: Any, mark: Mark) -> None:
    assert style.mark(BOX, row) == mark


def test_of_several_candidates_the_nearest_is_named() -> None:
    [mark] = drawn(((1, BOX),), match(1, "A-1"), match(1, "A-2", rank=2))
    assert mark.caption.startswith("A-1 ")


@pytest.mark.parametrize("other", [2, UNFOLLOWED], ids=["not ended", "followed by no track"])
def test_who_is_not_decided_is_blurred(other: int) -> None:
    [mine, theirs] = drawn(((1, BOX), (other, OTHER)), match(1))
    assert (mine.blur, mine.box) == (False, BOX)
    assert theirs == Mark(OTHER, "", blur=True)


def test_who_was_decided_before_is_named_in_later_pictures() -> None:
    assert [mark.blur for mark in drawn(((1, BOX), (2, OTHER)), stranger(1), match(2))] == [
        True, False,
    ]  # fmt: skip


def test_whose_decision_is_forgotten_is_blurred() -> None:
    decisions = TrackDecisions(remembered=2)
    for track in (1, 2, 3):
        decisions.add([match(track)])
    assert decisions.of(1) is None
    assert decisions.of(2) is not None
    assert decisions.of(3) is not None


def test_pictures_are_named_for_their_tracks() -> None:
    drawing = TrackPictureRequests(Path("o"), PLAIN, TrackDecisions())
    assert drawing.request(seen(7, ())).output == Path("o/track-0007.jpg")
    assert drawing.request(seen(12345, ())).output == Path("o/track-12345.jpg")
