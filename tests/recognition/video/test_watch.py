"""Frames go to the worker at a pace, and every track is searched, however the source ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from facecli.capture.frames import Frame
from facecli.cli.session import Session
from facecli.errors.capture import StreamLost
from facecli.recognition.video.watch import FramePace, VideoMatcher
from tests import clips
from tests.clips import Rgb
from tests.recognition.matching.conftest import session
from tests.recognition.matching.test_identification import matcher

__all__ = ["session"]
RATE = 15


@pytest.fixture(scope="module")
def pictures() -> list[Rgb]:
    return clips.turn()[:16]


class Matched:
    """Collects the rows and frames of one source, in which nobody is enrolled."""

    def __init__(self, session: Session) -> None:
        self.rows: list[dict[str, Any]] = []
        self.frames: list[int] = []
        self.matcher = VideoMatcher(
            matcher(session),
            "v",
            0.9,
            self.rows.extend,
            lambda number, _: self.frames.append(number),
        )

    def run(self, frames: Iterator[Frame], pace: FramePace, *, live: bool = False) -> None:
        with self.matcher.worker() as worker:
            self.matcher.match(worker, frames, pace, live=live)


def source(pictures: list[Rgb], error: BaseException | None = None) -> Iterator[Frame]:
    """The frames of a source; at its end the error, if there is one."""
    for number, rgb in enumerate(pictures):
        yield Frame(rgb, number, number / RATE)
    if error is not None:
        raise error


@pytest.mark.parametrize("live", [True, False])
def test_every_n_th_frame_is_analysed_and_the_track_searched_once(
    session: Session, pictures: list[Rgb], live: bool
) -> None:
    found = Matched(session)
    found.run(source(pictures), FramePace(every=3), live=live)
    assert found.frames == [0, 3, 6, 9, 12, 15]
    [row] = found.rows
    assert (row["path"], row["track"], row["face"], row["decision"]) == ("v", 1, 1, "no-match")
    assert (row["first_seconds"], row["last_seconds"]) == (0.0, 1.0)
    counts = found.matcher.counts
    assert (counts.frames, counts.tracks, counts.matched, counts.unknown) == (6, 1, 0, 1)


def test_without_a_pace_about_ten_frames_per_second_are_analysed_up_to_the_time(
    session: Session, pictures: list[Rgb]
) -> None:
    found = Matched(session)
    found.run(source(pictures), FramePace(max_seconds=0.8))
    assert found.frames == [0, 2, 4, 6, 8, 10, 12]


@pytest.mark.parametrize(
    "error", [StreamLost(path="v", why="gone", seconds="1"), KeyboardInterrupt()]
)
def test_however_a_source_ends_its_open_tracks_are_searched_first(
    session: Session, pictures: list[Rgb], error: BaseException
) -> None:
    found = Matched(session)
    with pytest.raises(type(error)):
        found.run(source(pictures[:4], error), FramePace(every=1))
    assert [row["track"] for row in found.rows] == [1]
    assert found.matcher.counts.tracks == 1
