"""`facecli match`: every face in images or frames against a purpose's gallery."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.capture.folders import image_files
from facecli.cli.analysers import Analysing, analysers
from facecli.cli.annotation import check_target
from facecli.cli.camera.sources import SourceChoice, sources_of_frames
from facecli.cli.match.images import ImageOptions, match_images
from facecli.cli.match.matcher import MatchOptions
from facecli.cli.match.video import VideoOptions, match_video
from facecli.cli.options import (
    FILE,
    OUTPUT_FOLDER,
    asked,
    for_case,
    for_purpose,
    pass_settings,
    reports,
    thresholds,
)
from facecli.cli.options import fpir as with_fpir
from facecli.cli.param_types import Number
from facecli.cli.session import Settings
from facecli.recognition.annotation.requests import AnnotationStyle


@click.command(
    epilog="Exit codes: 0 all images searched; 3 some images or folders could not be read, a "
    "camera was lost, or a video broke off or is damaged; 1 a path is missing, no camera or no "
    "video; 20 the purpose is retired, does not compare faces, requires a --case or names other "
    "operators; 21 no such purpose; 22 looser than the purpose's rate; 74 a picture, a video or "
    "the result could not be written; 10-12 database or key; 130 interrupted."
)
@click.argument(
    "paths", nargs=-1, type=click.Path(readable=False, path_type=Path), metavar="PATH..."
)
@for_purpose
@for_case
@click.option("--recursive", is_flag=True, help="Search subfolders too.")
@click.option("--no-rotate", is_flag=True, help="Search faces that are not upright as they are.")
@thresholds
@with_fpir
@click.option("--top-k", type=click.IntRange(1, 1000), default=1, show_default=True,
              metavar="K", help="Candidates per face, at most.")  # fmt: skip
@click.option("--annotate", type=OUTPUT_FOLDER, metavar="DIR|FILE.mp4",
              help="Write annotated copies: of each image, or of the best frame of each track, to "
              "the folder DIR; of a whole --video to FILE.mp4.")  # fmt: skip
@click.option("--show-names", is_flag=True,
              help="Write names beside REFs in annotated copies.")  # fmt: skip
@click.option("--no-blur", is_flag=True, help="Do not blur unmatched faces.")
@click.option("--resume", type=FILE, metavar="FILE",
              help="Record finished images in FILE, and skip those already in it. Needs --format "
              "jsonl or csv.")  # fmt: skip
@sources_of_frames
@click.option("--every", type=click.IntRange(1, 100_000), metavar="N",
              help="Analyse every N-th frame.  [default: about 10 per second]")  # fmt: skip
@click.option("--max-seconds", type=Number(0, min_open=True), metavar="S",
              help="Stop after S seconds of the video or camera.")  # fmt: skip
@analysers
@reports
@pass_settings
def command(
    settings: Settings,
    paths: tuple[Path, ...],
    purpose: str,
    case: str | None,
    recursive: bool,
    no_rotate: bool,
    threshold: float | None,
    fmr: float | None,
    fpir: float | None,
    top_k: int,
    annotate: Path | None,
    show_names: bool,
    no_blur: bool,
    resume: Path | None,
    choose_source: SourceChoice,
    every: int | None,
    max_seconds: float | None,
    analysing: Analysing,
    form: str,
    output: Path | None,
) -> int:
    """Compare every face in images or frames with the purpose's gallery. (1:N)

    The gallery holds the templates of the subjects whose consent to the purpose is in force.
    Faces without a match are reported, and nothing of them is stored. In folders, files that are
    not images are skipped. With --recursive, linked folders are searched too, each once.
    A face that is not upright in its image is searched upright; its row has the field `rotation`.

    An image may take 60 seconds to analyse. After three late images it is 30 seconds, and each
    later one halves that, down to 5. A hundred images in time in a row restore the 60 seconds. A
    late image is reported as failed; match it alone to give it the whole time.

    --video, --url and --device follow each face through the frames as a track. A track is
    reported in one row, once its face has gone or after five minutes. Ctrl-C and SIGTERM stop;
    the open tracks are still reported.

    \b
    Example:
      facecli match photos/ --purpose gate --recursive --format csv
    """
    options = MatchOptions(purpose, asked(threshold, fmr, fpir), top_k, case)
    style = AnnotationStyle(names=show_names, blur=not no_blur)
    _check_resume(resume, form, output)
    source = choose_source(not paths)
    check_target(annotate, source)
    if source is not None:
        _refuse_with_frames(paths, recursive=recursive, no_rotate=no_rotate, resume=resume)
        video = VideoOptions(source, every, max_seconds, annotate, style, form, output)
        return match_video(settings, options, video)
    _refuse_with_images(paths, every=every, max_seconds=max_seconds)
    found = image_files(paths, recursive=recursive)
    rotate = not no_rotate
    images = ImageOptions(found, annotate, style, resume, analysing, form, output, rotate)
    return match_images(settings, options, images)


def _check_resume(resume: Path | None, form: str, output: Path | None) -> None:
    """Refuse `--resume` where rows are written only at the end. Raises a usage error."""
    if resume is not None and (form not in ("jsonl", "csv") or output is not None):
        raise click.UsageError(
            "--resume needs --format jsonl or csv on stdout: other rows are written only at the "
            "end, and are lost if the command is interrupted"
        )


def _refuse_with_frames(paths: tuple[Path, ...], **given: object) -> None:
    """Refuse images, and options that are only for images. Raises a usage error."""
    if paths:
        raise click.UsageError("name images or a source of frames, not both")
    _refuse(given, "for image files, not for frames")


def _refuse_with_images(paths: tuple[Path, ...], **given: object) -> None:
    """Refuse a missing image, and options that are only for frames. Raises a usage error."""
    if not paths:
        raise click.UsageError("name images, or frames with --video, --url or --device")
    _refuse(given, "for frames, not for image files")


def _refuse(given: dict[str, object], why: str) -> None:
    wrong = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if wrong:
        raise click.UsageError(f"{', '.join(wrong)}: {why}")
