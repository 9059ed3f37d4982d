"""`facecli match --video`, `--url`, `--device`: who passes before a camera; see `match`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from facecli.capture.frames import Limits, open_frames
from facecli.capture.sources import Source
from facecli.cli.output import Kind, reporting
from facecli.cli.picturing import Artist, make_picture_folder
from facecli.cli.session import Session
from facecli.errors import Exit, NoCalibration, NotAVideo, StreamLost
from facecli.recognition.drawing import Decisions, Style, TrackDrawing
from facecli.recognition.matching import Matcher
from facecli.recognition.observing import TrackSeen
from facecli.recognition.thresholds import for_one_sitting
from facecli.recognition.watching import Pace, Watcher

TRACKS = Kind(
    "match",
    (
        "path", "track", "first_seconds", "last_seconds", "frame", "face", "box", "quality",
        "decision", "rank", "ref", "name", "distance", "threshold", "reason", "engine",
    ),
    (
        "track", "first_seconds", "last_seconds", "quality", "decision", "rank", "ref", "name",
        "distance", "reason",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Video:
    """What is watched, which frames of it, and how it is shown."""

    source: Source
    every: int | None
    max_seconds: float | None
    annotate: Path | None
    style: Style

    @property
    def limits(self) -> Limits:
        """A camera that is lost is not waited for beyond the time that there is."""
        patience = Limits().patience
        return Limits(patience=min(patience, self.max_seconds or patience))


def run(opened: Session, matcher: Matcher, video: Video, form: str, output: Path | None) -> int:
    """Watch, report a row for each track as it ends, and say at the end what came of it."""
    code = Exit.OK
    with (
        _pictures(opened, video) as pictures,
        open_frames(video.source, every=video.every, limits=video.limits) as frames,
        reporting(TRACKS, form, output) as report,
    ):
        matcher.begin_watching(video.source.kind)

        def tell(rows: list[dict[str, object]]) -> None:
            if pictures is not None:
                pictures.decided(rows)
            for row in rows:
                report.add(row)

        shown = None if pictures is None else pictures.show
        watcher = Watcher(matcher, video.source.path, _same(matcher), tell, shown=shown)
        try:
            watcher.watch(frames, Pace(video.every, video.max_seconds), live=frames.live)
        except (StreamLost, NotAVideo) as error:
            if watcher.counts.frames == 0:
                raise
            opened.settings.note(str(error))
            code = Exit.PARTIAL
        finally:
            _say(opened, watcher, frames.interruptions)
    return Exit.OUTPUT if pictures is not None and pictures.failed else code


class _Pictures:
    """An annotated picture of each track, in a folder."""

    def __init__(self, artist: Artist, folder: Path, style: Style) -> None:
        self._artist = artist
        self._decisions = Decisions()
        self._drawing = TrackDrawing(folder, style, self._decisions)
        self.decided = self._decisions.add

    @property
    def failed(self) -> int:
        """How many pictures could not be written."""
        return self._artist.failed

    def show(self, track: TrackSeen) -> None:
        """Draw one track that was searched."""
        self._artist.draw(f"Track {track.track}", self._drawing.request(track))


@contextmanager
def _pictures(opened: Session, video: Video) -> Iterator[_Pictures | None]:
    """What draws the tracks, if that is asked for. Raises OutputFailed."""
    if video.annotate is None:
        yield None
        return
    make_picture_folder(video.annotate)
    with Artist(opened.settings.note) as artist:
        yield _Pictures(artist, video.annotate, video.style)


def _same(matcher: Matcher) -> float:
    """Within what distance two frames show one person, to follow faces by."""
    try:
        return for_one_sitting(matcher.search.spec)
    except NoCalibration:
        return matcher.check()[0].threshold


def _say(opened: Session, watcher: Watcher, interruptions: int) -> None:
    counts = watcher.counts
    lost = f" The camera was lost and came back {interruptions} times." if interruptions else ""
    opened.settings.note(
        f"{counts.frames} frames looked at, {counts.tracks} faces followed: {counts.matched} "
        f"matched, {counts.unknown} unknown and forgotten.{lost}"
    )


def refuse_image_options(**given: object) -> None:
    """Options that are for image files alone. Raises a usage error."""
    wrong = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if wrong:
        raise click.UsageError(f"{', '.join(wrong)}: for image files, not for frames")
