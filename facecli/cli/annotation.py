"""Write annotated pictures and videos for `match --annotate`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from facecli.capture.film import Film
from facecli.capture.font_places import FONTS
from facecli.capture.frames import open_frames
from facecli.capture.sources import Source
from facecli.cli.files import atomic_file, failing_as_output, make_folder
from facecli.cli.output import progress
from facecli.cli.session import Settings
from facecli.errors.capture import NotAVideo, VideoChanged
from facecli.errors.command_line import BadInput, OutputFailed
from facecli.recognition.annotation import picture_worker
from facecli.recognition.annotation.picture_worker import PictureRequest
from facecli.recognition.annotation.requests import (
    AnnotationStyle,
    TrackDecisions,
    TrackPictureRequests,
)
from facecli.recognition.annotation.trail import Trail, retrace
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.matching.match_rows import MatchRow
from facecli.recognition.video.watch_worker import EndedTrack
from facecli.workers.answers import Failure
from facecli.workers.closing import Closing
from facecli.workers.confinement.bounds import IMAGES
from facecli.workers.local import Pool

FILM = ".mp4"
MOST_SECONDS_APART = 0.4
"""Between two analysed frames of an annotated video, in seconds. A face that comes and goes in
between is not found, and would be shown."""
_OTHER_FILMS = (".avi", ".m4v", ".mkv", ".mov", ".webm")


def check_target(target: Path | None, source: Source | None) -> None:
    """Refuse a target that does not fit the source; a source of None means image files.

    Raises:
        click.UsageError
    """
    if target is None or target.is_dir():
        return
    suffix = target.suffix.lower()
    if suffix != FILM and target.exists():
        raise click.UsageError(f"--annotate {target}: it is a file; name a folder")
    if suffix in _OTHER_FILMS:
        raise click.UsageError(f"--annotate {target}: an annotated video is an MP4; name it .mp4")
    if suffix == FILM and (source is None or source.live):
        what = "image files" if source is None else "a camera, which cannot be read a second time"
        raise click.UsageError(f"--annotate FILE.mp4 is for --video, not for {what}: name a folder")


# -- pictures -----------------------------------------------------------------------------


def make_picture_folder(folder: Path) -> None:
    """Make a folder where there is none, and check that files can be written there.

    Raises:
        OutputFailed
    """
    make_folder(folder)
    with failing_as_output(str(folder)), tempfile.TemporaryFile(dir=folder):
        pass


class PictureWriter(Closing):
    """Draws and writes annotated pictures one by one; its process ends with the context.

    note: prints why a picture was not written. failed: the number of such pictures.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self.failed = 0
        self._note = note
        self._pool: Pool[PictureRequest, bytes] = Pool(
            picture_worker.load_picture_worker, bounds=replace(IMAGES, readable=FONTS)
        )

    def close(self) -> None:
        """End the process that draws."""
        self._pool.close()

    def write(self, what: str, request: PictureRequest) -> None:
        """Write one picture. what: its name in messages."""
        [(_, drawn)] = self._pool.map([request])
        if isinstance(drawn, Failure):
            self._fail(what, drawn.message.removeprefix(f"{request.name}: "))
            return
        try:
            with atomic_file(request.output, interrupted=False) as stream:
                stream.write(drawn)
        except OutputFailed as error:
            self._fail(what, error.message)

    def _fail(self, what: str, why: str) -> None:
        self.failed += 1
        self._note(f"{what}: not annotated: {why.removesuffix('.')}.")


# -- a source of frames -------------------------------------------------------------------


class VideoAnnotation:
    """Writes the annotation of a source, besides its rows. This base class writes nothing.

    on_frame, on_track: see `VideoMatcher`.
    """

    on_frame: Callable[[int, Iterable[tuple[int, FaceBox]]], None] | None = None
    on_track: Callable[[EndedTrack], None] | None = None

    @property
    def failed(self) -> int:
        """The number of pictures that could not be written."""
        return 0

    def check_pace(self, rate: float, every: int | None) -> None:
        """Refuse to analyse too few frames to blur every face in the frames between.

        Args:
            rate: frames per second of the source.
            every: each N-th frame is analysed; None: enough of them.

        Raises:
            click.UsageError
        """

    def take_rows(self, rows: Iterable[MatchRow]) -> None:
        """Take the rows of a track that was searched."""

    def finish(self) -> None:
        """Write what is left, once every track is searched and its rows are printed."""


@contextmanager
def annotating(
    target: Path | None, style: AnnotationStyle, source: Source, settings: Settings
) -> Iterator[VideoAnnotation]:
    """Open the folder or file that a source is annotated in, before its first frame.

    Raises:
        OutputFailed: nothing can be written there.
        BadInput: it would replace the video itself.
    """
    if target is None:
        yield VideoAnnotation()
    elif target.is_dir() or target.suffix.lower() != FILM:
        make_picture_folder(target)
        with PictureWriter(settings.note) as writer:
            yield _TrackPictures(writer, target, style)
    else:
        _spare_original(target, source)
        with atomic_file(target, interrupted=False) as stream:
            yield _AnnotatedFilm(stream, target, style, source, settings.quiet)


class _TrackPictures(VideoAnnotation):
    """Writes the best frame of each track, when the track has ended."""

    def __init__(self, writer: PictureWriter, folder: Path, style: AnnotationStyle) -> None:
        self._writer = writer
        self._decisions = TrackDecisions()
        self._requests = TrackPictureRequests(folder, style, self._decisions)
        self.on_track = self._write

    @property
    def failed(self) -> int:
        return self._writer.failed

    def take_rows(self, rows: Iterable[MatchRow]) -> None:
        self._decisions.add(rows)

    def _write(self, track: EndedTrack) -> None:
        self._writer.write(f"Track {track.track}", self._requests.request(track))


class _AnnotatedFilm(VideoAnnotation):
    """Writes the whole video, which is read a second time once every track is searched."""

    def __init__(
        self, stream: BinaryIO, target: Path, style: AnnotationStyle, source: Source, quiet: bool
    ) -> None:
        self._stream = stream
        self._target = target
        self._style = style
        self._source = source
        self._quiet = quiet
        self._file = _identity(source)
        self._decisions = TrackDecisions(remembered=None)
        self._trail = Trail()
        self.on_frame = self._trail.add

    def check_pace(self, rate: float, every: int | None) -> None:
        most = max(int(MOST_SECONDS_APART * rate), 1)
        if every is not None and every > most:
            raise click.UsageError(
                f"--every {every} with --annotate FILE.mp4 would show faces that come and go "
                f"between two analysed frames; at {rate:g} frames per second give {most} or less"
            )

    def take_rows(self, rows: Iterable[MatchRow]) -> None:
        self._decisions.add(rows)

    def finish(self) -> None:
        """Draw and write the video. Raises `OutputFailed`, `VideoChanged`."""
        trail, path = self._trail, self._source.path
        marks = trail.marks(self._decisions, self._style)
        try:
            with (
                open_frames(self._source) as frames,
                Film(self._stream, str(self._target), frames.rate) as film,
                progress(frames, trail.frames, "frame", self._quiet) as shown,
            ):
                retrace(shown, marks, film.add, path)
                film.finish()
        except NotAVideo:
            why = "the video could not be read a second time"
            raise OutputFailed(path=self._target, why=why) from None
        if _identity(self._source) != self._file:
            raise VideoChanged(path=path)


def _identity(source: Source) -> tuple[int, ...]:
    """Return numbers that change when the source's file does; none where there is no file."""
    try:
        status = os.stat(source.address)
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _spare_original(target: Path, source: Source) -> None:
    """Refuse to replace the video itself."""
    if target.exists() and os.path.exists(source.address) and target.samefile(source.address):
        why = "it is the video to be matched, which would be overwritten; name another"
        raise BadInput(what=f"The film {target}", why=why)
