"""Match the faces of a video or camera: send its frames to a worker, and search each track once.

The search of a track, its match event and its log entry are one transaction, made when the track
has ended. However a source ends, the tracks that are open at the time are searched too.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from facecli.capture.frame_geometry import is_dark
from facecli.capture.frames import Frame
from facecli.errors.capture import NoCamera, NotAVideo
from facecli.recognition.analysis.pool import capture_failed
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.matching.match_rows import MatchRow
from facecli.recognition.video import watch_worker
from facecli.recognition.video.watch_worker import (
    EndedTrack,
    EndOfVideo,
    WatchedFrame,
    WatchReply,
    WatchRequest,
)
from facecli.workers.answers import Failure
from facecli.workers.companion import Companion

FRAMES_PER_SECOND = 10
"""Frames that are analysed per second of the source, unless `every` says otherwise."""
FRAME_SECONDS = 60.0
"""Seconds that the analysis of one frame may take."""

WatchWorker: TypeAlias = Companion[WatchRequest, WatchReply]


@dataclass(frozen=True)
class FramePace:
    """The frames that are analysed.

    every: each N-th frame; None: about FRAMES_PER_SECOND. max_seconds: of the video's time, or
    since a camera was opened; None: to the end.
    """

    every: int | None = None
    max_seconds: float | None = None


@dataclass
class TrackCounts:
    """Numbers of analysed frames, dark ones among them, ended tracks, and tracks with a match.

    ambiguous: tracks that may be either of two subjects; they have no match. turned: tracks of
    faces that are not upright, by the degrees clockwise by which the frames must be turned.
    sideways: frames that show a face only when they are turned, by the same degrees.
    """

    frames: int = 0
    dark: int = 0
    tracks: int = 0
    matched: int = 0
    ambiguous: int = 0
    turned: Counter[int] = field(default_factory=Counter)
    sideways: Counter[int] = field(default_factory=Counter)

    @property
    def sideways_by(self) -> int:
        """The degrees clockwise by which frames must be turned that show nobody upright, or 0.

        One frame does not tell: a detector takes much for a face.
        """
        [(angle, frames)] = self.sideways.most_common(1) or [(0, 0)]
        return angle if frames >= 2 and not self.tracks else 0

    @property
    def unknown(self) -> int:
        """The number of tracks without a match; nothing of them is stored."""
        return self.tracks - self.matched


class VideoMatcher:
    """Matches the faces of one source.

    Args:
        matcher: searches and logs.
        path: the name of the source in records.
        same: the largest distance between two templates of one person in this source.
        on_rows: takes the rows of each track that ended; they are in the log already.
        on_frame: takes the number of each analysed frame, and its boxes with their tracks.
        on_track: takes each track that ended, with the frame that was kept of it, once it and all
            that ended with it are searched. Without it, no frames are kept.
    """

    def __init__(
        self,
        matcher: Matcher,
        path: str,
        same: float,
        on_rows: Callable[[list[MatchRow]], None],
        on_frame: Callable[[int, Iterable[tuple[int, FaceBox]]], None] | None = None,
        on_track: Callable[[EndedTrack], None] | None = None,
    ) -> None:
        self.counts = TrackCounts()
        self._matcher = matcher
        self._path = path
        self._same = same
        self._on_rows = on_rows
        self._on_frame = on_frame
        self._on_track = on_track
        self._ended: deque[EndedTrack] = deque()
        self._searched: deque[EndedTrack] = deque()
        self._sent: deque[int] = deque()  # numbers of the frames that await their reply
        self._last_sent: tuple[int, float] | None = None  # number and time of a frame

    def worker(self) -> WatchWorker:
        """Start the process that finds and follows faces.

        Raises:
            WorkersFailed
        """
        keep_frames = self._on_track is not None
        annotated = keep_frames or self._on_frame is not None
        return Companion(
            partial(
                watch_worker.load_watch_worker,
                self._matcher.query.spec.loadable,
                self._path,
                self._same,
                annotated,
                keep_frames,
            )
        )

    def match(
        self, worker: WatchWorker, frames: Iterable[Frame], pace: FramePace, *, live: bool
    ) -> None:
        """Analyse frames and search tracks until the frames or the time end.

        An error of the source, and an interruption, is raised once the open tracks are searched.

        Args:
            worker: from `worker`.
            live: wait for each reply before the next frame is read, so that it is the newest.
        """
        try:
            for frame in frames:
                if pace.max_seconds is not None and frame.seconds > pace.max_seconds:
                    break
                if self._is_due(frame, pace):
                    self._last_sent = frame.number, frame.seconds
                    self._send(worker, frame, ahead=0 if live else 1)
        except (KeyboardInterrupt, NoCamera, NotAVideo):
            self._finish(worker)
            raise
        self._finish(worker)

    def _is_due(self, frame: Frame, pace: FramePace) -> bool:
        """Return whether to analyse this frame; the reader of a file left out others before.

        A dark frame waits for a later one that is not, as long again as a frame waits at all.
        """
        if self._last_sent is None:
            return True
        number, seconds = self._last_sent
        if pace.every is not None:
            share = (frame.number - number) / pace.every
        else:
            share = (frame.seconds - seconds) * FRAMES_PER_SECOND / 0.9
        return share >= 2 or (share >= 1 and not is_dark(frame.rgb))

    def _send(self, worker: WatchWorker, frame: Frame, ahead: int) -> None:
        """Send a frame, and take replies until `ahead` are outstanding."""
        worker.ask(WatchedFrame(frame.rgb, frame.number, frame.seconds))
        self._sent.append(frame.number)
        self.counts.frames += 1
        self.counts.dark += is_dark(frame.rgb)
        while len(self._sent) > ahead:
            self._take(worker.answer(FRAME_SECONDS))
        self._search()

    def _finish(self, worker: WatchWorker) -> None:
        worker.ask(EndOfVideo())
        given_up = time.monotonic() + FRAME_SECONDS
        while time.monotonic() < given_up:
            if self._take(worker.answer(FRAME_SECONDS)):
                break
        self._search()

    def _take(self, reply: WatchReply | Failure) -> bool:
        """Take a reply; return whether it is the last one."""
        if isinstance(reply, Failure):
            raise capture_failed(self._path, reply)
        self._ended.extend(reply.ended)
        if reply.finished:
            return True
        if reply.sideways:
            self.counts.sideways[reply.sideways] += 1
        with suppress(IndexError):
            number = self._sent.popleft()
            if self._on_frame is not None:
                self._on_frame(number, reply.boxes)
        return False

    def _search(self) -> None:
        """Search each track that ended in an act of its own; then show them all."""
        while self._ended:
            track = self._ended.popleft()
            [result] = self._matcher.search_and_record([(self._path, track.image)])
            self.counts.tracks += 1
            self.counts.matched += result.rows[0]["decision"] == "match"
            self.counts.ambiguous += result.ambiguous
            if track.turned:
                self.counts.turned[track.turned] += 1
            if self._on_track is not None:
                self._searched.append(track)  # before on_rows, which may be interrupted
            self._on_rows([_track_row(row, track) for row in result.rows])
        while self._searched and self._on_track is not None:
            self._on_track(self._searched[0])  # again, if it is interrupted
            self._searched.popleft()


def _track_row(row: MatchRow, track: EndedTrack) -> MatchRow:
    """Return a match row with the fields of its track."""
    return {
        **row,
        "face": track.face,
        "track": track.track,
        "first_seconds": track.first_seconds,
        "last_seconds": track.last_seconds,
        "frame": track.frame,
    }
