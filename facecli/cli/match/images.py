"""Run `match` over image files: rows, annotated pictures, and the file of `--resume`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path

from facecli.capture.folders import ImageFiles
from facecli.cli.analysers import Analysing
from facecli.cli.annotation import PictureWriter, make_picture_folder
from facecli.cli.match.matcher import MatchOptions, ambiguous_note, open_matcher
from facecli.cli.output import Reporter, progress, reporting
from facecli.cli.records import RecordKind
from facecli.cli.resume_file import Done, resuming
from facecli.cli.session import Session, Settings, session
from facecli.consent.purpose_terms import Purpose
from facecli.errors.base import Exit
from facecli.errors.command_line import BadInput
from facecli.printable import counted
from facecli.recognition.analysis.pool import Analysers
from facecli.recognition.annotation.requests import AnnotationStyle, PictureRequests
from facecli.recognition.matching.identification import Matcher, match_all
from facecli.recognition.matching.match_rows import ImageResult, unread_folder
from facecli.recognition.matching.search import Query
from facecli.store.meta import database_id

MATCH = RecordKind(
    "match",
    (
        "path", "face", "box", "quality", "decision", "rank", "ref", "name", "distance",
        "threshold", "reason", "engine", "error", "rotation", "calibration",
    ),
    ("path", "face", "quality", "decision", "rank", "ref", "name", "distance", "reason"),
    dispensable=("quality", "rank", "reason", "face", "name"),
)  # fmt: skip


@dataclass(frozen=True)
class ImageOptions:
    """The image files to search, and what is written.

    annotate: a folder for pictures. rotate: search turned faces as they are upright.
    """

    found: ImageFiles
    annotate: Path | None
    style: AnnotationStyle
    resume: Path | None
    analysing: Analysing
    form: str
    output: Path | None
    rotate: bool = True


@dataclass
class ImageTally:
    """Numbers of images, and of pictures that could not be written.

    folders: number of folders that could not be searched. turned: number of faces that were not
    upright in their images. ambiguous: number of faces that may be either of two subjects.
    problems: a message for each image or folder that was not searched, or only in part.
    """

    searched: int = 0
    resumed: int = 0
    undrawn: int = 0
    folders: int = 0
    turned: int = 0
    ambiguous: int = 0
    problems: list[str] = field(default_factory=list)


def match_images(settings: Settings, options: MatchOptions, images: ImageOptions) -> Exit:
    """Search every image, and print a row for each face, and a summary."""
    pictures = _picture_requests(images)
    with session(settings, "match", search=options.purpose) as opened:
        purpose, query = options.permitted(opened)
        with images.analysing.pool(query.spec) as pool:
            pool.start(len(images.found.files))  # workers load their networks meanwhile
            matcher = open_matcher(opened, purpose, query)
            with (
                _resumed(images.resume, opened, purpose, query) as done,
                reporting(MATCH, images.form, images.output) as report,
                PictureWriter(settings.note) as writer,
            ):
                output = _ImageOutput(report, pictures, writer, done)
                tally = ImageTally()
                _report_unread(images.found, output, tally)
                _search(matcher, images, pool, output, tally, settings.quiet)
    _print_tally(settings, tally, images)
    if tally.undrawn:
        return Exit.OUTPUT
    return Exit.PARTIAL if tally.problems else Exit.OK


class _ImageOutput:
    """Writes what is found in an image: its rows, its picture, and its line of `--resume`."""

    def __init__(
        self,
        report: Reporter,
        pictures: PictureRequests | None,
        writer: PictureWriter,
        done: Done | None,
    ) -> None:
        self._report = report
        self._pictures = pictures
        self._writer = writer
        self._done = done

    @property
    def undrawn(self) -> int:
        """The number of pictures that could not be written."""
        return self._writer.failed

    def left(self, files: Sequence[Path]) -> list[Path]:
        """Return the files that an earlier run has not completed."""
        done = self._done.inputs if self._done is not None else ()
        return [file for file in files if str(file) not in done]

    def report(self, result: ImageResult) -> None:
        """Print the rows of one result."""
        for row in result.rows:
            self._report.add(row)

    def write(self, result: ImageResult) -> None:
        """Write one result. Its line of `--resume` comes last."""
        self.report(result)
        if self._pictures is not None and self._pictures.can_show(result):
            request = self._pictures.request(result.path, result.rows)
            self._writer.write(result.path, request)
        if self._done is not None:
            self._done.add(result.path)


def _report_unread(found: ImageFiles, output: _ImageOutput, tally: ImageTally) -> None:
    """Report each folder that could not be searched as a row of its own."""
    for folder in found.unread:
        result = unread_folder(str(folder.path), folder.why)
        output.report(result)
        tally.folders += 1
        tally.problems.append(str(result.problem))


def _search(
    matcher: Matcher,
    images: ImageOptions,
    pool: Analysers,
    output: _ImageOutput,
    tally: ImageTally,
    quiet: bool,
) -> None:
    left = output.left(images.found.files)
    tally.resumed = len(images.found.files) - len(left)
    found = match_all(matcher, left, pool, rotate=images.rotate)
    with progress(found, len(left), "image", quiet) as results:
        for result in results:
            output.write(result)
            tally.turned += result.turned
            tally.ambiguous += result.ambiguous
            if result.problem is None:
                tally.searched += 1
            else:
                tally.problems.append(result.problem)
    tally.undrawn = output.undrawn


def _print_tally(settings: Settings, tally: ImageTally, images: ImageOptions) -> None:
    for problem in tally.problems:
        settings.note(problem)
    searched = counted(tally.searched, "image")
    unread = len(tally.problems) - tally.folders
    settings.note(f"{searched} searched, {unread:,} could not be read.")
    if tally.folders:
        settings.note(f"{counted(tally.folders, 'folder')} could not be searched.")
    if tally.turned:
        were = "was" if tally.turned == 1 else "were"
        turned = f"{counted(tally.turned, 'face')} {were} not upright"
        settings.note(f"{turned} in the image, and {were} searched upright.")
    if tally.ambiguous:
        settings.note(ambiguous_note(counted(tally.ambiguous, "face")))
    if images.resume is not None:
        settings.note(f"{counted(tally.resumed, 'image')} skipped: done by an earlier run.")
    if images.found.passed_over:
        skipped = counted(images.found.passed_over, "file")
        settings.note(f"{skipped} in folders skipped: not an image.")
    if images.found.subfolders:
        skipped = counted(images.found.subfolders, "subfolder")
        settings.note(f"{skipped} not searched; add --recursive to search subfolders too.")


def _resumed(
    path: Path | None, opened: Session, purpose: Purpose, query: Query
) -> AbstractContextManager[Done | None]:
    """Open the file of `--resume`, which belongs to this very search."""
    if path is None:
        return nullcontext()
    search = {
        "database": database_id(opened.db),
        "purpose": purpose.code,
        "version": purpose.version,
        **asdict(query.asked),
        "top_k": query.top_k,
        "engine": query.spec.engine_id,
        "case": query.case,
    }
    return resuming(path, search)


def _picture_requests(images: ImageOptions) -> PictureRequests | None:
    """Make the folder for annotated pictures, which must hold none of the images."""
    folder = images.annotate
    if folder is None:
        return None
    make_picture_folder(folder)
    target = folder.resolve()
    if any(file.resolve().parent == target for file in images.found.files):
        why = "it holds images to be matched, which could be overwritten; name another"
        raise BadInput(what=f"The folder {folder} for annotated pictures", why=why)
    return PictureRequests(folder, images.style)
