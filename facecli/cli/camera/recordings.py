"""Recordings of presentations, read and judged one by one in a pool of workers.

`evaluate --attacks` uses it. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from facecli.capture import sources
from facecli.capture.frames import open_frames
from facecli.errors.capture import NotAVideo
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.evaluation.presentations import Judged, Recording
from facecli.recognition.guided_capture.frame_analysis import (
    FrameAnalysis,
    FrameRequest,
    load_frame_worker,
)
from facecli.recognition.guided_capture.frame_selection import OneSitting
from facecli.recognition.guided_capture.liveness import NAME
from facecli.recognition.guided_capture.recordings import refusal
from facecli.recognition.guided_capture.session import FrameAnalysers, frame_requests
from facecli.recognition.matching.thresholds import for_one_sitting
from facecli.recognition.pad.cues import PadChecks
from facecli.workers.answers import Failure
from facecli.workers.local import Pool

MOST_SECONDS = 60.0
"""Seconds of a recording that are judged, as `enroll camera` waits by default."""
NETWORK = "pad-model"


def named(checks: PadChecks) -> dict[str, PadChecks]:
    """Return the checks to measure, by name: each one alone and, if there are two, both."""
    found = {}
    if checks.challenge:
        found[NAME] = PadChecks(challenge=True)
    if checks.network is not None:
        found[NETWORK] = PadChecks(network=checks.network)
    return found if len(found) < 2 else {**found, f"{NAME} and {NETWORK}": checks}


def judge(
    recordings: Iterable[Recording], spec: EngineSpec, checks: PadChecks, workers: int
) -> Iterator[tuple[Judged, str | None]]:
    """Yield what the checks say of each recording, and the message if it could not be read.

    Raises:
        NoCalibration: the engine has none.
        UnknownEngine, ModelFailed, PadModelFailed: as workers load.
    """
    sitting = OneSitting(spec.scoring, for_one_sitting(spec))
    with Pool(partial(load_frame_worker, spec.loadable, checks), workers=workers) as pool:
        for recording in recordings:
            path = str(recording.path)
            frames, failed = _analysed(recording, pool)
            if failed is not None:
                yield Judged(recording, {}, failed.code), failed.message
                continue
            refusals = {
                name: refusal(path, frames, sitting, one) for name, one in named(checks).items()
            }
            yield Judged(recording, refusals), None


def _analysed(
    recording: Recording, pool: FrameAnalysers
) -> tuple[list[FrameAnalysis | Failure], NotAVideo | None]:
    """Return the analyses of a recording's frames, and the error that ended it, if one did."""
    source, errors = sources.video(recording.path), []

    def requests() -> Iterator[FrameRequest]:
        try:
            with open_frames(source) as frames:
                yield from frame_requests(frames, source.name, MOST_SECONDS, live=False)
        except NotAVideo as error:
            errors.append(error)

    found = [analysis for _, analysis in pool.map(requests())]
    return found, errors[0] if errors else None
