"""`facecli camera`: list the cameras of this machine, and test one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from facecli.capture import devices, sources
from facecli.capture.frames import open_frames
from facecli.capture.sources import Source
from facecli.cli.camera.sources import Adjustments, camera_settings, from_environment
from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import FILE, NAME_OR_FILE, pass_settings, reports
from facecli.cli.output import reporting, show
from facecli.cli.param_types import Number
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings
from facecli.errors.base import Exit
from facecli.recognition.engines import engine
from facecli.recognition.guided_capture import frame_analysis
from facecli.recognition.guided_capture.camera_test import ADVICE, CameraTest
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis, FrameRequest
from facecli.workers.local import Pool

if TYPE_CHECKING:
    from facecli.capture.frames import Frame

CAMERA = RecordKind("camera", ("path", "name", "formats", "problem"), dispensable=("formats",))


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """List and test cameras. No database is needed.

    \b
    Example:
      facecli camera list
    """


@command.command(name="list", epilog="Exit codes: 0 listed, even if there is no camera; 74 output.")
@reports
def list_(form: str, output: Path | None) -> None:
    """List the cameras of this machine, with their formats.

    \b
    Example:
      facecli camera list
    """
    with reporting(CAMERA, form, output) as report:
        for device in devices.devices():
            formats = list(device.formats) if form.startswith("json") else "; ".join(device.formats)
            report.add(
                {
                    "path": device.path,
                    "name": device.name,
                    "formats": formats,
                    "problem": device.why,
                }
            )


@command.command(
    epilog="Exit codes: 0 frames without a problem; 3 frames with a problem; 1 no frames; 2 usage; "
    "74 output; 130 interrupted."
)
@click.argument("source", type=NAME_OR_FILE, required=False)
@click.option("--url-file", type=FILE, metavar="FILE",
              help="File whose first line is the URL, for a URL with a password.")  # fmt: skip
@click.option("--seconds", type=Number(0.5, 60), default=3, show_default=True,
              metavar="S", help="Length of the test in seconds.")  # fmt: skip
@camera_settings
@reports
@pass_settings
def test(
    settings: Settings,
    source: str | None,
    url_file: Path | None,
    seconds: float,
    adjustments: Adjustments,
    form: str,
    output: Path | None,
) -> int:
    """Test a camera: frame rate, brightness, size of faces, and problems.

    SOURCE is a number or a path from `camera list`, a URL, or a video file. Without it, --url-file
    or the variable FACECLI_CAMERA_URL names the camera. Nothing is stored.

    \b
    Example:
      facecli camera test 0
    """
    chosen = adjustments.applied_to(_source(source, url_file))
    trial = _try(chosen, seconds)
    show("camera-test", {"source": chosen.name, **trial.record()}, form, output)
    for problem in trial.problems():
        settings.note(ADVICE[problem])
    if not trial.with_face:
        settings.note("No face was found. Stand in front of the camera to measure faces too.")
    return Exit.PARTIAL if trial.problems() else Exit.OK


def _source(given: str | None, url_file: Path | None) -> Source:
    if given is not None and url_file is not None:
        raise click.UsageError("give SOURCE or --url-file, not both")
    if url_file is not None:
        return sources.url_from(None, url_file, {}) or sources.url("")
    if given is None:
        found = from_environment()
        if found is None:
            raise click.UsageError("give a SOURCE: a number, a URL, or a video file")
        return found
    if "://" in given:
        return sources.url(given)
    if given.isdecimal() or given.startswith("/dev/"):
        return sources.device(given)
    return sources.video(Path(given))


def _try(source: Source, seconds: float) -> CameraTest:
    setup = partial(frame_analysis.load_frame_worker, engine.DEFAULT)
    with Pool[FrameRequest, FrameAnalysis](setup) as pool:
        pool.start(1)  # it loads its networks while the camera opens
        with open_frames(source) as frames:
            trial = CameraTest(frames.live)
            for request, seen in pool.map(_requests(frames, seconds, source.name)):
                if isinstance(seen, FrameAnalysis):
                    trial.take(request.rgb, seen)
    return trial


def _requests(frames: Iterable[Frame], seconds: float, name: str) -> Iterator[FrameRequest]:
    """Yield the frames of the first `seconds`, counted from the first frame."""
    start: float | None = None
    for frame in frames:
        start = frame.seconds if start is None else start
        if frame.seconds - start > seconds:
            return
        yield FrameRequest(frame.rgb, frame.number, frame.seconds, name)
