"""`facecli match`: every face in images against a purpose's gallery."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from facecli.capture.folders import image_files
from facecli.capture.sources import Source
from facecli.cli.annotation import Artist, check_target, make_picture_folder
from facecli.cli.camera.sources import from_environment, sources_of_frames
from facecli.cli.options import (
    FILE,
    asked,
    for_purpose,
    not_normalised,
    pass_settings,
    reports,
    thresholds,
    workers,
)
from facecli.cli.options import fpir as with_fpir
from facecli.cli.output import Kind, Reporter, progress, reporting
from facecli.cli.param_types import Number
from facecli.cli.resume_file import Done, resuming
from facecli.cli.session import Session, Settings, session
from facecli.commands import match_video
from facecli.commands.match_video import Video, refuse_image_options
from facecli.consent import gate, purposes
from facecli.consent.purposes import Purpose
from facecli.errors.base import Exit
from facecli.errors.command_line import BadInput
from facecli.printable import counted
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.annotation.requests import Drawing, Style
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import identification
from facecli.recognition.matching.identification import Matcher, Query, Search
from facecli.recognition.matching.thresholds import SEARCH_FPIR, Asked
from facecli.store import meta
from facecli.workers.local import Pool

MATCH = Kind(
    "match",
    (
        "path", "face", "box", "quality", "decision", "rank", "ref", "name", "distance",
        "threshold", "reason", "engine", "error",
    ),
    ("path", "face", "quality", "decision", "rank", "ref", "name", "distance", "reason"),
)  # fmt: skip


@click.command(
    epilog="Exit codes: 0 all images searched; 3 some could not be read, a camera was lost, "
    "or a video broke off; 1 a path is missing, no camera or no video; 20 nothing may be matched "
    "for the purpose; 21 no such purpose; 22 looser than the purpose's rate; 74 a picture, a film "
    "or the result could not be written; 10-12 database or key; 130 interrupted."
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH...")
@for_purpose
@click.option("--recursive", is_flag=True, help="Go into folders within folders.")
@thresholds
@with_fpir
@click.option("--top-k", type=click.IntRange(1, 1000), default=1, show_default=True,
              metavar="K", help="At most so many candidates a face.")  # fmt: skip
@click.option("--annotate", type=click.Path(path_type=Path), metavar="DIR|FILE.mp4",
              help="Write the images, or each track's best frame, with boxes to DIR; or a whole "
              "--video to FILE.mp4.")  # fmt: skip
@click.option("--show-names", is_flag=True, help="Names, not only REFs, in annotated pictures.")
@click.option("--no-blur", is_flag=True, help="Leave faces without a match as they are in them.")
@click.option("--resume", type=FILE, metavar="FILE",
              help="Note in FILE what is done, and pass over it; needs jsonl or csv.")  # fmt: skip
@sources_of_frames
@click.option("--every", type=click.IntRange(1, 100_000), metavar="N",
              help="Look at each N-th frame; without it at about 10 a second.")  # fmt: skip
@click.option("--max-seconds", type=Number(0, min_open=True), metavar="S",
              help="Stop after so many seconds of the video, or before the camera.")  # fmt: skip
@workers
@reports
@pass_settings
def command(
    settings: Settings,
    paths: tuple[Path, ...],
    purpose: str,
    recursive: bool,
    threshold: float | None,
    fmr: float | None,
    fpir: float | None,
    normalise: bool | None,
    top_k: int,
    annotate: Path | None,
    show_names: bool,
    no_blur: bool,
    resume: Path | None,
    source: Source | None,
    every: int | None,
    max_seconds: float | None,
    workers: int,
    form: str,
    output: Path | None,
) -> int:
    """Who is in these images? Every face against the purpose's consented gallery. (1:N)

    Faces that nobody here matches are reported and forgotten. In folders, what is no image is
    passed over.

    With --video, --url or --device faces are followed through the frames, and each is one row,
    reported when it has gone or after five minutes. Ctrl-C and SIGTERM end that; who was there
    then is reported still.

    \b
    Example:
      facecli match photos/ --purpose gate --recursive --format csv
    """
    question = asked(threshold, fmr, normalise, fpir)
    if resume is not None and (form not in ("jsonl", "csv") or output is not None):
        raise click.UsageError(
            "--resume needs --format jsonl or csv on stdout: what is printed only at the end would "
            "be lost with the command"
        )
    if not paths and source is None:
        source = from_environment()
    style = Style(names=show_names, blur=not no_blur)
    check_target(annotate, source)
    if source is not None:
        if paths:
            raise click.UsageError("name images or a source of frames, not both")
        refuse_image_options(recursive=recursive, resume=resume)
        video = Video(source, every, max_seconds, annotate, style)
        with session(settings, "match") as opened:
            matcher = _matcher(opened, *_query(opened, purpose, question, top_k))
            return match_video.run(opened, matcher, video, form, output)
    if not paths:
        raise click.UsageError("name images, or frames with --video, --url or --device")
    if every is not None or max_seconds is not None:
        raise click.UsageError("--every and --max-seconds are for frames, not for image files")
    inputs = image_files(paths, recursive=recursive)
    files = inputs.files
    drawing = None
    if annotate is not None:
        make_picture_folder(annotate)
        _spare_originals(files, annotate)
        drawing = Drawing(annotate, style)
    with session(settings, "match") as opened:
        found, query = _query(opened, purpose, question, top_k)
        setup = partial(image_analysis.setup, query.spec.loadable)
        with Pool[AnalysisRequest, ImageAnalysis](setup, workers=workers) as pool:
            pool.start(len(files))  # they load their networks while the gallery is read
            matcher = _matcher(opened, found, query)
            with (
                _done(resume, opened, query, purpose) as done,
                reporting(MATCH, form, output) as report,
            ):
                left = [file for file in files if done is None or str(file) not in done.inputs]
                failed, undrawn = _run(opened, matcher, left, pool, report, drawing, done)
    for failure in failed:
        settings.note(failure)
    settings.note(_closing(len(left) - len(failed), len(failed)))
    if resume is not None:
        settings.note(f"{counted(len(files) - len(left), 'image')} done before, passed over.")
    if inputs.passed_over:
        settings.note(f"{counted(inputs.passed_over, 'file')} in folders passed over: no images.")
    if undrawn:
        return Exit.OUTPUT
    return Exit.PARTIAL if failed else Exit.OK


def _query(opened: Session, purpose: str, question: Asked, top_k: int) -> tuple[Purpose, Query]:
    """The purpose, which may be searched, and what is asked of a search for it."""
    found = purposes.find(opened.db, purpose)
    gate.check_purpose(found)
    return found, Query(engine_of(opened.db), question, top_k)


def _matcher(opened: Session, purpose: Purpose, query: Query) -> Matcher:
    """What searches in the gallery, which is read here."""
    matcher = Matcher(opened.db, purpose, query, opened.act, lambda: opened.now)
    _tell(opened.settings, query, *matcher.check())
    return matcher


def _closing(searched: int, failed: int) -> str:
    return f"{counted(searched, 'image')} searched, {failed:,} could not be read."


def _tell(settings: Settings, query: Query, search: Search, references: int) -> None:
    """Say how is searched, and where a stated rate cannot be held."""
    how = "normalised" if search.scale is not None else "as they are"
    among = counted(references, "reference")
    settings.detail(
        f"Engine {query.spec.engine_id}, {among}: matches up to distance {search.threshold:.4f}, "
        f"distances {how}."
    )
    if query.asked.normalise and search.scale is None:
        settings.note(not_normalised(query.cohort))
    if query.asked == Asked(normalise=query.asked.normalise) and (search.fpir or 0) > SEARCH_FPIR:
        settings.note(
            f"Among {among} a search for a stranger gives a candidate with a probability of about "
            f"{search.fpir:.2g}, not {SEARCH_FPIR:g}: the calibration supports no lower rate; give "
            "--threshold, or measure more images with `facecli evaluate --save-calibration`."
        )


def _done(
    resume: Path | None, opened: Session, query: Query, code: str
) -> AbstractContextManager[Done | None]:
    """What is done already, for this very search."""
    if resume is None:
        return nullcontext()
    purpose = purposes.find(opened.db, code)
    job = {
        "database": meta.database_id(opened.db),
        "purpose": purpose.code,
        "version": purpose.version,
        **asdict(query.asked),
        "top_k": query.top_k,
        "engine": query.spec.engine_id,
    }
    return resuming(resume, job)


def _spare_originals(files: list[Path], folder: Path) -> None:
    """Refuse a folder for pictures that holds images to be matched: they could be replaced."""
    target = folder.resolve()
    if any(file.resolve().parent == target for file in files):
        why = "it holds images to be matched, which could be overwritten; name another"
        raise BadInput(what=f"The folder {folder} for annotated pictures", why=why)


def _run(
    opened: Session,
    matcher: Matcher,
    files: list[Path],
    pool: Pool[AnalysisRequest, ImageAnalysis],
    report: Reporter,
    drawing: Drawing | None,
    done: Done | None,
) -> tuple[list[str], int]:
    """Search, report, draw; why images failed, and how many pictures were not written."""
    failed: list[str] = []
    with Artist(opened.settings.note) as artist:
        results = identification.match_all(matcher, files, pool)
        with progress(results, len(files), "image", opened.settings.quiet) as shown:
            for result in shown:
                for row in result.rows:
                    report.add(row)
                if result.problem is not None:
                    failed.append(result.problem)
                if drawing is not None and drawing.can_show(result):
                    artist.draw(result.path, drawing.request(result.path, result.rows))
                if done is not None:
                    done.add(result.path)
    return failed, artist.failed
