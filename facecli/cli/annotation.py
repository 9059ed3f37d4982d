"""How a watched source is shown: a picture a track in a folder, or an annotated film of a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from facecli.capture.film import Film
from facecli.capture.frames import open_frames
from facecli.capture.sources import Source
from facecli.cli.files import atomic_file, failing_as_output, make_folder
from facecli.cli.output import progress
from facecli.cli.session import Settings
from facecli.errors.capture import NotAVideo, VideoChanged
from facecli.errors.command_line import BadInput, OutputFailed
from facecli.recognition.annotation import picture_worker
from facecli.recognition.annotation.picture_worker import AnnotationRequest
from facecli.recognition.annotation.requests import Decisions, Style, TrackDrawing
from facecli.recognition.annotation.trail import Trail, retrace
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.video.watch_worker import TrackSeen
from facecli.workers.closing import Closing
from facecli.workers.local import Failure, Pool

FILM = ".mp4"
APART = 0.4
"""Seconds, at most, from one look at a film to the next."""
_OTHER_FILMS = (".avi", ".m4v", ".mkv", ".mov", ".webm")


class Annotation:
    """What is told of a source while it is watched, to be shown: this one shows nothing.

    seen, shown: see `Watcher`. failed: how much could not be written.
    """

    seen: Callable[[int, Iterable[tuple[int, FaceBox]]], None] | None = None
    shown: Callable[[TrackSeen], None] | None = None

    @property
    def failed(self) -> int:
        """How much could not be written."""
        return 0

    def check_pace(self, rate: float, every: int | None) -> None:
        """Refuse to look so seldom that what is between two looks cannot be shown: a usage error.

        rate: frames a second of the source. every: each so-manieth is looked at; None: enough.
        """

    def decided(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The rows of a track that was searched."""

    def finish(self) -> None:
        """All tracks are decided and reported."""


def check_target(target: Path | None, source: Source | None) -> None:
    """Refuse what cannot be shown there; `source` is None for image files. Raises a usage error."""
    if target is None or target.is_dir():
        return
    suffix = target.suffix.lower()
    if suffix != FILM and target.exists():
        raise click.UsageError(f"--annotate {target}: that is a file; name a folder")
    if suffix in _OTHER_FILMS:
        raise click.UsageError(f"--annotate {target}: an annotated video is an MP4: name it so")
    if suffix == FILM and (source is None or source.live):
        what = "image files" if source is None else "a camera, which cannot be gone through twice"
        raise click.UsageError(f"--annotate FILE.mp4 is for --video, not for {what}: name a folder")


@contextmanager
def annotating(
    target: Path | None, style: Style, source: Source, settings: Settings
) -> Iterator[Annotation]:
    """Open what a source is to be shown in, before it is watched.

    Raises:
        OutputFailed: nothing can be written there.
        BadInput: it would replace the video itself.
    """
    if target is None:
        yield Annotation()
    elif target.is_dir() or target.suffix.lower() != FILM:
        make_picture_folder(target)
        with Artist(settings.note) as artist:
            yield _Pictures(artist, target, style)
    else:
        _spare_original(target, source)
        with atomic_file(target, interrupted=False) as stream:
            yield _Filming(stream, target, style, source, settings.quiet)


class _Pictures(Annotation):
    """Each track in its best frame, drawn when it has ended."""

    def __init__(self, artist: Artist, folder: Path, style: Style) -> None:
        self._artist = artist
        self._decisions = Decisions()
        self._drawing = TrackDrawing(folder, style, self._decisions)
        self.shown = self._show

    @property
    def failed(self) -> int:
        return self._artist.failed

    def decided(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._decisions.add(rows)

    def _show(self, track: TrackSeen) -> None:
        self._artist.draw(f"Track {track.track}", self._drawing.request(track))


class _Filming(Annotation):
    """The whole video, gone through a second time when all is decided."""

    def __init__(
        self, stream: BinaryIO, target: Path, style: Style, source: Source, quiet: bool
    ) -> None:
        self._stream = stream
        self._target = target
        self._style = style
        self._source = source
        self._quiet = quiet
        self._file = _identity(source)
        self._decisions = Decisions(remembered=None)
        self._trail = Trail()
        self.seen = self._trail.add

    def check_pace(self, rate: float, every: int | None) -> None:
        most = max(int(APART * rate), 1)
        if every is not None and every > most:
            raise click.UsageError(
                f"--every {every} with --annotate FILE.mp4: who comes and goes between two looks "
                f"would be shown; at {rate:g} frames a second give {most} or less"
            )

    def decided(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._decisions.add(rows)

    def finish(self) -> None:
        """Draw it. Raises `OutputFailed`, `VideoChanged`."""
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
    """What tells that the file at that path is still the same; nothing where there is none."""
    try:
        status = os.stat(source.address)
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _spare_original(target: Path, source: Source) -> None:
    """Refuse to replace the very video that is watched."""
    if target.exists() and os.path.exists(source.address) and target.samefile(source.address):
        why = "it is the video to be matched, which would be overwritten; name another"
        raise BadInput(what=f"The film {target}", why=why)


def make_picture_folder(folder: Path) -> None:
    """Make sure of a folder, and that files can be written there. Raises OutputFailed."""
    make_folder(folder)
    with failing_as_output(str(folder)), tempfile.TemporaryFile(dir=folder):
        pass


class Artist(Closing):
    """Draws and writes pictures one by one; its process ends with the context.

    A picture that fails costs that picture: `note` is told why, and `failed` counts.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self.failed = 0
        self._note = note
        self._pool: Pool[AnnotationRequest, bytes] = Pool(picture_worker.setup)

    def close(self) -> None:
        """End the process that draws."""
        self._pool.close()

    def draw(self, what: str, request: AnnotationRequest) -> None:
        """Write one picture; `what` is what messages call the thing it shows."""
        [(_, drawn)] = self._pool.map([request])
        if isinstance(drawn, Failure):
            self._fail(what, drawn.message)
            return
        try:
            with atomic_file(request.output, interrupted=False) as stream:
                stream.write(drawn)
        except OutputFailed as error:
            self._fail(what, error.message)

    def _fail(self, what: str, why: str) -> None:
        self.failed += 1
        self._note(f"{what}: not annotated: {why.removesuffix('.')}.")
