"""Tracking without pixels: sightings whose template is one number."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.video.tracking import (
    LONGEST_SECONDS,
    LOST_SECONDS,
    Track,
    Tracker,
)

ANNE, BERT = 0.0, 10.0  # templates, ten apart
SAME = 1.0


@dataclass
class Face:
    """A sighting. `compared` counts how often its template was asked for."""

    who: float
    left: int
    score: int = 50
    top: int = 100
    compared: list[float] = field(default_factory=list)

    @property
    def box(self) -> FaceBox:
        return self.left, self.top, self.left + 100, self.top + 100

    def distance(self, other: Face) -> float:
        self.compared.append(other.who)
        return abs(self.who - other.who)


@pytest.fixture
def tracker() -> Tracker[Face]:
    return Tracker(SAME)


def numbers(tracks: list[Track[Face]]) -> list[int]:
    return [track.number for track in tracks]


def test_a_face_that_moves_a_little_stays_one_track_and_costs_no_template(
    tracker: Tracker[Face],
) -> None:
    faces = [Face(ANNE, 10 * step) for step in range(8)]
    for step, face in enumerate(faces):
        assert numbers(tracker.update([face], step / 10, step)) == [1]
    assert not any(face.compared for face in faces)


def test_a_fast_face_is_expected_where_it_would_be(tracker: Tracker[Face]) -> None:
    """Seventy of its hundred pixels a look: overlap with its last place is too little."""
    for step in range(8):
        [track] = tracker.update([Face(ANNE, 70 * step)], step / 10, step)
    assert track.number == 1


def test_two_faces_apart_are_two_tracks(tracker: Tracker[Face]) -> None:
    for step in range(5):
        tracks = tracker.update([Face(ANNE, 0), Face(BERT, 300)], step / 10, step)
    assert numbers(tracks) == [1, 2]


def test_two_who_cross_keep_their_tracks(tracker: Tracker[Face]) -> None:
    for step in range(31):
        faces = [Face(ANNE, 10 * step), Face(BERT, 300 - 10 * step)]
        tracks = tracker.update(faces, step / 10, step)
    assert numbers(tracks) == [1, 2]


def test_who_takes_anothers_place_is_another_track(tracker: Tracker[Face]) -> None:
    tracker.update([Face(ANNE, 0)], 0.0, 0)
    for step in range(1, 30):
        [track] = tracker.update([Face(BERT, 0)], step / 10, step)
    assert track.number == 2
    assert track.best.who == BERT


def test_nobody_becomes_the_best_of_a_track_who_is_not_the_same(tracker: Tracker[Face]) -> None:
    [first] = tracker.update([Face(ANNE, 0, score=40)], 0.0, 0)
    tracker.update([Face(BERT, 0, score=90)], 0.1, 1)
    assert first.best.who == ANNE


def test_who_was_hidden_for_a_moment_is_the_same_track(tracker: Tracker[Face]) -> None:
    tracker.update([Face(ANNE, 0)], 0.0, 0)
    assert tracker.ended(LOST_SECONDS) == []
    assert numbers(tracker.update([Face(ANNE, 400)], LOST_SECONDS, 30)) == [1]


def test_who_comes_back_later_is_a_new_track(tracker: Tracker[Face]) -> None:
    tracker.update([Face(ANNE, 0)], 0.0, 0)
    assert numbers(tracker.ended(LOST_SECONDS + 0.1)) == [1]
    assert numbers(tracker.update([Face(ANNE, 0)], LOST_SECONDS + 0.2, 40)) == [2]


def test_a_track_is_judged_by_its_best_sighting(tracker: Tracker[Face]) -> None:
    for frame, score in enumerate((40, 70, 70, 60)):
        [track] = tracker.update([Face(ANNE, 0, score=score)], frame / 10, frame)
    assert (track.best.score, track.frame) == (70, 1)  # the second 70 is no better
    assert (track.first_seconds, track.last_seconds) == (0.0, 0.3)


def test_who_stays_is_let_go_of_after_a_time(tracker: Tracker[Face]) -> None:
    tracker.update([Face(ANNE, 0)], 0.0, 0)
    tracker.update([Face(ANNE, 0)], LONGEST_SECONDS - 1, 1)
    assert tracker.ended(LONGEST_SECONDS - 0.5) == []
    assert numbers(tracker.ended(LONGEST_SECONDS)) == [1]


def test_memory_does_not_grow_with_an_hours_passers(tracker: Tracker[Face]) -> None:
    most = 0
    for second in range(3600):
        tracker.ended(float(second))
        tracker.update([Face(20.0 * second, 0)], float(second), second)
        most = max(most, len(tracker._open))
    assert most <= 3
    assert len(tracker.finish()) <= 3


def test_finish_gives_all_that_are_open(tracker: Tracker[Face]) -> None:
    tracker.update([Face(ANNE, 0), Face(BERT, 300)], 0.0, 0)
    assert numbers(tracker.finish()) == [1, 2]
    assert tracker.finish() == []
