"""The frames that are kept of tracks: one compressed frame a track, and only when asked."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from facecli.capture.pixels import Rgb
from facecli.recognition.engines import engine
from facecli.recognition.video import watch_worker
from facecli.recognition.video.watch_worker import (
    UNFOLLOWED,
    EndedTrack,
    FaceFollower,
    WatchedFrame,
)
from tests import clips
from tests.conftest import SAMPLE_DATA

PASSAGE = SAMPLE_DATA / "video" / "passage.mp4"
SAME = 0.9


def observer(*, pictures: bool) -> FaceFollower:
    return FaceFollower(engine.load("sface"), "v", SAME, annotated=pictures, keep_frames=pictures)


def test_the_frame_kept_of_a_track_is_its_best_with_all_faces_in_it() -> None:
    watching = observer(pictures=True)
    frames = clips.frames(PASSAGE)
    boxes = {}
    ended: list[EndedTrack] = []
    for number in range(30, len(frames), 3):
        observed = watching.take(WatchedFrame(frames[number], number, number / 15))
        boxes[number] = observed.boxes
        ended += observed.ended
    ended += watching.finish().ended
    assert [track.track for track in ended] == [1, 2, 3]
    for track in ended:
        assert track.kept is not None
        assert track.kept.boxes == boxes[track.frame]
        with Image.open(io.BytesIO(track.kept.jpeg)) as kept:
            assert np.abs(np.asarray(kept, int) - frames[track.frame]).mean() < 3
    assert watching._kept == {}


def test_no_frame_is_kept_unless_asked() -> None:
    watching = observer(pictures=False)
    frame = clips.frames(PASSAGE)[30]
    watching.take(WatchedFrame(frame, 0, 0.0))
    [track] = watching.finish().ended
    assert track.kept is None


def test_faces_beyond_the_most_are_told_without_a_track(monkeypatch: pytest.MonkeyPatch) -> None:
    """They must be blurred, so their places may not be lost."""
    monkeypatch.setattr(watch_worker, "MOST_FACES", 1)
    both = clips.two(clips.turn()[0])
    observed = observer(pictures=True).take(WatchedFrame(both, 0, 0.0))
    assert [track for track, _ in observed.boxes] == [1, UNFOLLOWED]


def test_frames_are_looked_at_sideways_ever_more_rarely_and_until_a_face_is_seen() -> None:
    [upright] = clips.portrait("probes/gate-2.jpg", 1)
    lying = np.ascontiguousarray(np.rot90(upright))
    watching = observer(pictures=False)

    def sideways(rgb: Rgb, number: int) -> int:
        return watching.take(WatchedFrame(rgb, number, number / 5)).sideways

    assert [sideways(lying, at) for at in range(1, 9)] == [90, 90, 0, 90, 0, 0, 0, 90]
    assert [
        sideways(rgb, at) for at, rgb in ((9, upright), *((at, lying) for at in range(10, 17)))
    ] == [0] * 8
