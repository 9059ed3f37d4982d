"""Faces between two analysed frames, and the area blurred for unmatched ones. No pixels."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.capture.frames import Frame
from facecli.capture.marks import Mark
from facecli.errors.capture import VideoChanged
from facecli.recognition.annotation.requests import AnnotationStyle, TrackDecisions
from facecli.recognition.annotation.trail import BEYOND, Trail, retrace
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.video.watch_worker import UNFOLLOWED

STYLE = AnnotationStyle(names=False, blur=True)
EVERY = 4  # frames from one look to the next


def face(left: int) -> FaceBox:
    return left, 100, left + 80, 200


def known(*tracks: int) -> TrackDecisions:
    decisions = TrackDecisions(remembered=None)
    for track in tracks:
        decisions.add(
            [{"track": track, "decision": "match", "rank": 1, "ref": f"A-{track}", "distance": 0.5}]
        )
    return decisions


def trail(*looks: dict[int, int], every: int = EVERY) -> Trail:
    """A trail of looks, each the left edges of faces by their tracks."""
    made = Trail()
    for at, boxes in enumerate(looks):
        made.add(at * every, [(track, face(left)) for track, left in boxes.items()])
    return made


def drawn(made: Trail, *tracks: int, style: AnnotationStyle = STYLE) -> list[tuple[Mark, ...]]:
    """The marks of each frame, where these tracks matched."""
    numbered = list(made.marks(known(*tracks), style))
    assert [number for number, _ in numbered] == list(range(made.frames))
    return [marks for _, marks in numbered]


def covers(mark: Mark, box: FaceBox) -> bool:
    assert mark.reach is not None
    left, top, right, bottom = mark.reach
    return left <= box[0] and top <= box[1] and right >= box[2] and bottom >= box[3]


def test_a_match_goes_straight_from_look_to_look() -> None:
    frames = drawn(trail({1: 0}, {1: 40}, {1: 40}), 1)
    assert [marks[0].box[0] for marks in frames] == [0, 10, 20, 30, 40, 40, 40, 40, 40]
    assert {(mark.caption, mark.blur) for marks in frames for mark in marks} == {
        ("A-1  0.50", False)
    }


def test_nothing_is_shown_after_the_last_look() -> None:
    assert trail({}, {}, {}).frames == 2 * EVERY + 1
    assert Trail().frames == 0
    assert list(Trail().marks(known(), STYLE)) == []


def test_a_stranger_is_blurred_on_all_the_way_between_two_looks() -> None:
    frames = drawn(trail({1: 0}, {1: 60}))
    for marks in frames[:EVERY]:
        assert marks[0].blur
    for marks in frames[1:EVERY]:
        assert covers(marks[0], face(0))
        assert covers(marks[0], face(60))
    assert covers(frames[EVERY][0], face(60))


def test_a_strangers_blur_is_larger_than_the_face_at_a_look_too() -> None:
    reach = drawn(trail({1: 100}))[0][0].reach
    assert reach == (80, 75, 200, 225)


def test_a_face_of_one_look_is_blurred_before_and_after_it() -> None:
    looks: list[dict[int, int]] = [{} for _ in range(9)]
    looks[4] = {1: 100}
    frames = drawn(trail(*looks))
    present = [number for number, marks in enumerate(frames) if marks]
    assert present == list(range((4 - BEYOND) * EVERY, (4 + BEYOND) * EVERY + 1))
    assert all(mark.blur and covers(mark, face(100)) for marks in frames for mark in marks)


def test_who_leaves_is_blurred_where_he_goes_on_to() -> None:
    frames = drawn(trail({1: 0}, {1: 50}, {}, {}))
    for number in range(EVERY + 1, 3 * EVERY + 1):
        expected = 50 + 50 * (number - EVERY) // EVERY
        assert covers(frames[number][0], face(expected))


def test_who_comes_is_blurred_where_he_came_from() -> None:
    frames = drawn(trail({}, {}, {1: 300}, {1: 250}))
    for number in range(2 * EVERY):
        expected = 300 + 50 * (2 * EVERY - number) // EVERY
        assert covers(frames[number][0], face(expected))


def test_a_stranger_who_was_not_seen_for_some_looks_stays_blurred() -> None:
    frames = drawn(trail({1: 0}, {}, {}, {1: 120}))
    assert all(marks for marks in frames)
    for marks in frames[1 : 3 * EVERY]:
        assert covers(marks[0], face(0))
        assert covers(marks[0], face(120))


def test_a_match_is_drawn_only_between_looks_that_saw_it() -> None:
    frames = drawn(trail({}, {1: 10}, {}, {1: 10}, {}), 1)
    present = [number for number, marks in enumerate(frames) if marks]
    assert present == list(range(EVERY, 3 * EVERY + 1))


def test_two_who_cross_stay_apart_and_the_stranger_blurred() -> None:
    frames = drawn(trail({1: 0, 2: 200}, {1: 100, 2: 100}, {1: 200, 2: 0}), 1)
    for marks in frames:
        assert sorted(mark.blur for mark in marks) == [False, True]
    assert {mark.box for mark in frames[-1] if not mark.blur} == {face(200)}


def test_faces_that_no_track_follows_are_blurred() -> None:
    made = trail({1: 0}, {1: 0}, {1: 0}, {1: 0}, {1: 0})
    made.add(5 * EVERY, [(1, face(0)), (UNFOLLOWED, face(400)), (UNFOLLOWED, face(500))])
    made.add(6 * EVERY, [(1, face(0))])
    frames = drawn(made, 1)
    for number, marks in enumerate(frames):
        strangers = [mark for mark in marks if mark.blur]
        near = number >= (5 - BEYOND) * EVERY
        assert len(strangers) == (2 if near else 0), number
    boxes = {mark.box for mark in frames[5 * EVERY] if mark.blur}
    assert boxes == {face(400), face(500)}


def test_without_blur_strangers_are_outlined_where_they_were_seen() -> None:
    frames = drawn(trail({}, {1: 10}, {1: 10}, {}), style=AnnotationStyle(names=False, blur=False))
    present = [number for number, marks in enumerate(frames) if marks]
    assert present == list(range(EVERY, 2 * EVERY + 1))
    assert not any(mark.blur for marks in frames for mark in marks)


def test_an_hour_of_passers_takes_little_memory_and_each_frame_only_who_is_near() -> None:
    made = Trail()
    for look in range(36_000):
        made.add(look, [(1 + look // 30, face(look % 30))])
    assert sum(len(path._kept) * path._kept.itemsize for path in made._paths.values()) == 720_000
    assert max(len(marks) for _, marks in made.marks(known(), STYLE)) <= 2


# -- the second time ------------------------------------------------------------------------


def shown(number: int) -> Frame:
    """A frame whose picture nobody sees."""
    return Frame(np.empty((0, 0, 3), np.uint8), number, number / 15)


def test_each_frame_comes_with_its_marks_and_no_more_are_asked_for() -> None:
    made = trail({1: 0}, {1: 0})
    rest = iter([shown(number) for number in range(20)])
    added: list[int] = []
    retrace(rest, made.marks(known(1), STYLE), lambda _, marks: added.append(len(marks)), "v")
    assert added == [1] * (EVERY + 1)
    assert next(rest).number == EVERY + 1


@pytest.mark.parametrize("numbers", [[0, 1, 2], [0, 2, 3, 4, 5], [1, 2, 3, 4, 5], []])
def test_other_frames_than_those_that_were_searched_are_refused(numbers: list[int]) -> None:
    made = trail({1: 0}, {1: 0})
    with pytest.raises(VideoChanged):
        retrace(map(shown, numbers), made.marks(known(1), STYLE), lambda *_: None, "v")
