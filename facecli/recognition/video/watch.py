"""Who is in this video? Frames go to a worker that follows faces; each track is searched once.

A track's search, its match and its log entry are one transaction, made when the track has ended.
Whatever ends the watching, the tracks that were open then are searched too.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from facecli.errors.capture import CaptureFailed, NoCamera, NotAVideo
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.video import watch_worker
from facecli.recognition.video.watch_worker import Finish, Look, Observed, Question, TrackSeen
from facecli.workers.companion import Companion
from facecli.workers.local import Failure

LOOKS_A_SECOND = 10
"""How often faces are looked for where nothing else is asked."""
LOOK_LIMIT = 60.0
"""Seconds that one frame may take."""

Row = dict[str, Any]


class Frame(Protocol):
    """What is needed of a frame: see `capture.frames.Frame`."""

    @property
    def rgb(self) -> Any:
        """The picture."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def seconds(self) -> float:
        """Its time."""


@dataclass(frozen=True)
class Pace:
    """Which frames are looked at. every: each so-manieth; None: about LOOKS_A_SECOND.
    max_seconds: of the video's time, or since a camera was opened; None: to the end."""

    every: int | None = None
    max_seconds: float | None = None


@dataclass
class Counts:
    """What came of it, in numbers of tracks and frames."""

    frames: int = 0
    tracks: int = 0
    matched: int = 0

    @property
    def unknown(self) -> int:
        """Tracks that nobody in the gallery matches; nothing of them is kept."""
        return self.tracks - self.matched


class Watcher:
    """Watches one source.

    Args:
        matcher: searches and logs.
        path: what records call the source.
        same: the largest distance within one sitting.
        tell: is given the rows of each track that ended, all in the log already.
        seen: is given each frame's number and boxes with their tracks, where somebody wants it.
        shown: is given each track that ended, with the frame that was kept of it, once all that
            ended with it are searched and told; without it no frames are kept.
    """

    def __init__(
        self,
        matcher: Matcher,
        path: str,
        same: float,
        tell: Callable[[list[Row]], None],
        seen: Callable[[int, Iterable[tuple[int, FaceBox]]], None] | None = None,
        shown: Callable[[TrackSeen], None] | None = None,
    ) -> None:
        self.counts = Counts()
        self._matcher = matcher
        self._path = path
        self._same = same
        self._tell = tell
        self._seen = seen
        self._shown = shown
        self._ended: deque[TrackSeen] = deque()
        self._searched: deque[TrackSeen] = deque()
        self._asked: deque[int] = deque()
        self._looked: tuple[int | None, float] = (None, 0.0)

    def observer(self) -> Companion[Question, Observed]:
        """The process that looks. Raises `WorkersFailed` if it cannot be started."""
        engine = self._matcher.search.spec.loadable
        pictures = self._shown is not None
        shown = pictures or self._seen is not None
        return Companion(
            partial(watch_worker.setup, engine, self._path, self._same, shown, pictures)
        )

    def watch(
        self,
        worker: Companion[Question, Observed],
        frames: Iterable[Frame],
        pace: Pace,
        *,
        live: bool,
    ) -> None:
        """Look until the frames end, or the time does.

        worker: from `observer`. live: the newest frame is wanted, so none is asked for before the
        last was looked at.
        An error of the source, and an interruption, is raised once the open tracks are searched.
        """
        try:
            for frame in frames:
                if pace.max_seconds is not None and frame.seconds > pace.max_seconds:
                    break
                if self._is_due(frame, pace):
                    self._look(worker, frame, ahead=0 if live else 1)
        except (KeyboardInterrupt, NoCamera, NotAVideo):
            self._finish(worker)
            raise
        self._finish(worker)

    def _is_due(self, frame: Frame, pace: Pace) -> bool:
        """Whether this frame is to be looked at; a file's reader has left out others before."""
        number, seconds = self._looked
        if number is None:
            due = True
        elif pace.every is not None:
            due = frame.number - number >= pace.every
        else:
            due = frame.seconds - seconds > 0.9 / LOOKS_A_SECOND
        if due:
            self._looked = frame.number, frame.seconds
        return due

    def _look(self, worker: Companion[Question, Observed], frame: Frame, ahead: int) -> None:
        worker.ask(Look(frame.rgb, frame.number, frame.seconds))
        self._asked.append(frame.number)
        self.counts.frames += 1
        while len(self._asked) > ahead:
            self._hear(worker.answer(LOOK_LIMIT))
        self._search()

    def _finish(self, worker: Companion[Question, Observed]) -> None:
        worker.ask(Finish())
        given_up = time.monotonic() + LOOK_LIMIT
        while time.monotonic() < given_up:
            if self._hear(worker.answer(LOOK_LIMIT)):
                break
        self._search()

    def _hear(self, answer: Observed | Failure) -> bool:
        """Take an answer in; was it the last one?"""
        if isinstance(answer, Failure):
            raise CaptureFailed(path=self._path, why=answer.message, reason=answer.code)
        self._ended.extend(answer.ended)
        if answer.finished:
            return True
        with suppress(IndexError):
            number = self._asked.popleft()
            if self._seen is not None:
                self._seen(number, answer.boxes)
        return False

    def _search(self) -> None:
        """Search what has ended, one act a track, and show it when all are decided."""
        while self._ended:
            track = self._ended.popleft()
            [result] = self._matcher.commit([(self._path, track.image)])
            self.counts.tracks += 1
            self.counts.matched += result.rows[0]["decision"] == "match"
            if self._shown is not None:
                self._searched.append(track)  # first: telling may be interrupted
            self._tell([_row(row, track) for row in result.rows])
        while self._searched and self._shown is not None:
            self._shown(self._searched[0])  # once more if that is interrupted
            self._searched.popleft()


def _row(row: Row, track: TrackSeen) -> Row:
    """A match record with what a track adds to it."""
    return {
        **row,
        "face": track.face,
        "track": track.track,
        "first_seconds": track.first_seconds,
        "last_seconds": track.last_seconds,
        "frame": track.frame,
    }
