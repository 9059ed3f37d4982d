"""Guide one person before a camera: the options, the guidance, and the good frames.

`enroll camera` and `verify` share it. Nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial, update_wrapper
from pathlib import Path
from typing import Any

import click

from facecli.capture import virtual_devices
from facecli.capture.frames import FrameLimits, open_frames
from facecli.capture.marks import PreviewPicture
from facecli.capture.preview import Preview
from facecli.capture.sources import Source
from facecli.cli.camera.guide import Guide
from facecli.cli.letters import LanguageTag
from facecli.cli.options import FILE
from facecli.cli.param_types import Number
from facecli.errors.recognition import PresentationRefused
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.guided_capture import frame_analysis
from facecli.recognition.guided_capture import session as capture_session
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis, FrameRequest
from facecli.recognition.guided_capture.frame_selection import OneSitting
from facecli.recognition.guided_capture.guidance import Guidance, Say, in_english
from facecli.recognition.guided_capture.liveness import NAME, Liveness
from facecli.recognition.guided_capture.session import GuidedCapture
from facecli.recognition.matching.thresholds import for_one_sitting
from facecli.recognition.pad import network as pad_network
from facecli.recognition.pad.cues import PadChecks
from facecli.workers.local import Pool

PATIENCE = 8.0  # seconds for a lost camera to return, while a person waits before it


@dataclass(frozen=True)
class Manner:
    """Options of a guided capture: its longest time, the window, and the checks for an attack.

    checks: presentation attack detection, or None without it. lang: of what the person reads;
    None: as the notice.
    """

    max_seconds: float
    preview: bool
    checks: PadChecks | None
    lang: str | None = None

    @property
    def for_a_camera(self) -> list[str]:
        """The options that were given and need somebody before a camera."""
        checks = self.checks or PadChecks()
        given = {
            "--preview": self.preview,
            "--liveness": checks.challenge,
            "--pad-model": checks.network is not None,
        }
        return [option for option, is_given in given.items() if is_given]


def looked_at(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a guided capture; the command gets them as `manner`."""

    def wrapped(
        *args: Any,
        max_seconds: float,
        preview: bool,
        liveness: bool,
        pad_path: Path | None,
        lang: str | None,
        **kwargs: Any,
    ) -> Any:
        checks = PadChecks(liveness, pad_path) if liveness or pad_path else None
        return command(*args, manner=Manner(max_seconds, preview, checks, lang), **kwargs)

    update_wrapper(wrapped, command)
    options = (
        click.option("--lang", type=LanguageTag(), metavar="L",
                     help="Language of what the person reads: instructions and papers.  "
                     "[default: the notice's, else English]"),
        click.option("--pad-model", "pad_path", type=FILE, metavar="FILE.onnx",
                     help="Your own network that distinguishes a face from a picture of one, with "
                     "the interface of MiniFASNet."),
        click.option("--liveness", is_flag=True,
                     help="Ask the person to turn the head left and right in random order, and "
                     "refuse what looks like a picture. Not certified. Not with --video."),
        click.option("--preview", is_flag=True,
                     help="Show the camera's picture in a window, with the face outlined."),
        click.option("--max-seconds", type=Number(1, 3600), default=60, show_default=True,
                     metavar="S", help="Longest wait for good frames, in seconds."),
    )  # fmt: skip
    for option in options:
        wrapped = option(wrapped)
    return wrapped


def checked_by(source: Source, manner: Manner) -> dict[str, str]:
    """Return the fields of the log entry that name the checks for a presentation attack.

    Raises:
        PresentationRefused: a check cannot be done on this source.
        PadModelFailed: the network cannot be read.
    """
    made: dict[str, str] = {}
    if manner.checks is not None and manner.checks.challenge:
        if not source.live:
            raise PresentationRefused(reason="recording", path=source.name)
        if source.kind == "device" and virtual_devices.is_virtual(source.address):
            raise PresentationRefused(reason="virtual-camera", path=source.name)
        made["liveness"] = NAME
    if manner.checks is not None and manner.checks.network is not None:
        made["pad_model_sha256"] = pad_network.digest(manner.checks.network)
    return made


def look(
    source: Source,
    spec: EngineSpec,
    manner: Manner,
    guide: Guide,
    *,
    wanted: int = 1,
    keep_photo: bool = False,
    say: Say = in_english,
) -> list[FrameAnalysis]:
    """Return at most `wanted` good frames, chosen for quality and difference, the best first.

    Args:
        say: speaks the person's language.

    Raises:
        EnrolmentRefused: no frame was good, another person came, or an attack was detected.
        NoCamera, NotAVideo, StreamLost: see `capture.frames`.
    """
    path, sitting = source.name, OneSitting(spec.scoring, for_one_sitting(spec))
    liveness = Liveness(path, sitting, manner.checks) if manner.checks else None
    gathered = GuidedCapture(path, wanted, sitting, liveness)
    setup = partial(frame_analysis.load_frame_worker, spec.loadable, manner.checks)
    guide.wait()
    with Preview() if manner.preview else nullcontext() as window, Pool(setup, ahead=1) as pool:
        pool.start(1)  # it loads its networks while the camera opens
        with (
            open_frames(source, limits=FrameLimits(patience=PATIENCE)) as frames,
            closing(guide) as guiding,
        ):
            asked = capture_session.frame_requests(
                frames, path, manner.max_seconds, live=frames.live, keep_photo=keep_photo
            )
            watched = capture_session.guide_frames(asked, pool, gathered)
            said = ((request, replace(told, say=say)) for request, told in watched)
            for told in _in_window(window, said):
                guiding.show(told)
    return gathered.chosen()


def _in_window(
    window: Preview | None, watched: Iterator[tuple[FrameRequest, Guidance]]
) -> Iterator[Guidance]:
    """Yield the guidance of each frame, after showing the frame in the window, if there is one."""
    if window is None:
        return (told for _, told in watched)
    return window.follow(
        (
            told,
            PreviewPicture(request.rgb, told.counted_words, told.box, told.instruction == "good"),
        )
        for request, told in watched
    )
