"""How fast `enroll camera` guides: frames of 640 x 480 a second, from the frame to the words.

    python -m tests.benchmarks.bench_guidance [--seconds S] [--output FILE.json]

The sample clip is read as a camera is, again and again, by the same processes as in the command:
one decodes, one finds the face, assesses it and makes the template, this one decides what to say.
Every frame is looked at; in the command a file's are thinned to 15 a second of it. Once more with
the checks of `--liveness`, begun anew whenever they refuse the clip, which does not react.
"""

from __future__ import annotations

import argparse
import resource
import time
from functools import partial
from pathlib import Path
from typing import Any

from facecli.capture import sources
from facecli.capture.frames import open_frames
from facecli.errors.recognition import PresentationRefused
from facecli.recognition.engines import engine
from facecli.recognition.guided_capture import frame_analysis
from facecli.recognition.guided_capture.frame_selection import OneSitting
from facecli.recognition.guided_capture.liveness import Liveness
from facecli.recognition.guided_capture.session import GuidedCapture, frame_requests
from facecli.recognition.matching.thresholds import for_one_sitting
from facecli.recognition.pad.cues import PadChecks
from facecli.workers.local import Pool
from tests.benchmarks.figures import Figure, document, write
from tests.conftest import SAMPLE_DATA

CLIP = SAMPLE_DATA / "video/turn.mp4"
AIM = 10.0


def measure(seconds: float, checks: PadChecks | None) -> dict[str, Any]:
    """Guide for so many seconds; the rate, and how long a frame took from end to end."""
    spec = engine.spec(engine.DEFAULT)
    took: list[float] = []
    with Pool(partial(frame_analysis.load_frame_worker, spec.loadable, checks), ahead=1) as pool:
        _guide(pool, spec, checks, 0.0)  # starts the worker, which loads its networks
        started, used = time.perf_counter(), _processor()
        while time.perf_counter() - started < seconds:
            left = seconds - (time.perf_counter() - started)
            took += _guide(pool, spec, checks, left)
        elapsed, used = time.perf_counter() - started, _processor() - used
    took.sort()
    return {
        "frames": len(took),
        "frames_a_second": round(len(took) / elapsed, 1),
        "median_ms": round(1000 * took[len(took) // 2], 1),
        "p95_ms": round(1000 * took[len(took) * 95 // 100], 1),
        "parent_processor_ms_a_frame": round(1000 * used / len(took), 2),
    }


def _guide(
    pool: Any, spec: engine.EngineSpec, checks: PadChecks | None, seconds: float
) -> list[float]:
    """Seconds between two instructions, over the clip once or until the time is over."""
    gathered = _gathering(spec, checks)
    took: list[float] = []
    before = time.perf_counter()
    end = before + seconds
    with open_frames(sources.video(CLIP)) as frames:
        for _, seen in pool.map(frame_requests(frames, "clip", 3600, live=True)):
            try:
                gathered.take(seen)
            except PresentationRefused:
                gathered = _gathering(spec, checks)
            now = time.perf_counter()
            took.append(now - before)
            before = now
            if now > end:
                break
    return took


def _gathering(spec: engine.EngineSpec, checks: PadChecks | None) -> GuidedCapture:
    same = OneSitting(spec.scoring, for_one_sitting(spec))
    return GuidedCapture("clip", 3, same, Liveness("clip", same, checks) if checks else None)


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure, print, and write where `--output` says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    found = {
        "": measure(chosen.seconds, None),
        " with `--liveness`": measure(chosen.seconds, PadChecks(challenge=True)),
    }
    figures = [_figure(how, measured["frames_a_second"]) for how, measured in found.items()]
    write(
        chosen.output,
        document(figures, {how.strip() or "plain": each for how, each in found.items()}),
    )


def _figure(how: str, rate: float) -> Figure:
    return Figure(
        what=f"`enroll camera`, guidance at 640 x 480{how}",
        measured=f"{rate:g} frames a second",
        against="",
        ratio="",
        aim=f"{AIM:g} or more",
        reached=rate >= AIM,
    )


if __name__ == "__main__":
    main()
