"""What the confinement of decoders costs: their start, each image, and their replacement.

    python -m tests.benchmarks.bench_confinement [--count N] [--times N] [--output F]

One worker analyses photographs again and again, confined and not, in turns, so that a machine that
becomes slower does so for both. The best of some turns counts.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest import mock

from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest
from facecli.workers import local
from facecli.workers.confinement.bounds import IMAGES, Bounds
from facecli.workers.local import RENEWED_AFTER, Pool
from tests.benchmarks.figures import Figure, document, within, write
from tests.conftest import SAMPLE_DATA

ENGINE = "sface"
AN_IMAGE, A_START = 1.03, 1.10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=RENEWED_AFTER)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    photos = sorted((SAMPLE_DATA / "probes").glob("*.jpg"))
    requests = [
        AnalysisRequest(str(path), "probe")
        for path in itertools.islice(itertools.cycle(photos), chosen.count)
    ]
    started = _best(chosen.times, _starting(None, requests), _starting(IMAGES, requests))
    worked = _best(
        chosen.times,
        _working(None, requests),
        _working(IMAGES, requests),
        _working(IMAGES, requests, renewed_after=chosen.count // 2),
    )
    figures = _figures(started, worked, chosen.count)
    write(chosen.output, document(figures, {"start": started, "images": worked}))


def _best(times: int, *acts: Callable[[], float]) -> list[float]:
    """Return the best time in seconds of each act, of some turns."""
    return [
        min(took) for took in zip(*([act() for act in acts] for _ in range(times)), strict=True)
    ]


def _starting(bounds: Bounds | None, requests: list[AnalysisRequest]) -> Callable[[], float]:
    """Return what measures a worker from its start to its first answer."""

    def act() -> float:
        began = time.perf_counter()
        with _pool(bounds) as pool:
            list(pool.map(requests[:1]))
            return time.perf_counter() - began

    return act


def _working(
    bounds: Bounds | None, requests: list[AnalysisRequest], renewed_after: int = sys.maxsize
) -> Callable[[], float]:
    """Return what measures the analysis of all images after the first."""

    def act() -> float:
        with mock.patch.object(local, "RENEWED_AFTER", renewed_after), _pool(bounds) as pool:
            list(pool.map(requests[:1]))
            began = time.perf_counter()
            list(pool.map(requests))
            return time.perf_counter() - began

    return act


def _pool(bounds: Bounds | None) -> Pool[AnalysisRequest, image_analysis.ImageAnalysis]:
    setup = partial(image_analysis.load_analysis_worker, ENGINE)
    return Pool(setup, workers=1, bounds=bounds)


def _figures(started: list[float], worked: list[float], count: int) -> list[Figure]:
    free, confined, renewed = worked
    once = (renewed - confined) / 2  # it was replaced twice: in the middle, and a spare at the end
    every = confined * RENEWED_AFTER / count
    return [
        within(
            "start of a confined worker and first image", f"{started[1] * 1000:.0f} ms",
            f"not confined: {started[0] * 1000:.0f} ms", started[1] / started[0], A_START,
        ),
        within(
            f"{count:,} images by a confined worker", f"{confined:.2f} s",
            f"not confined: {free:.2f} s", confined / free, AN_IMAGE,
        ),
        within(
            f"a new worker after {RENEWED_AFTER} images", f"{once * 1000:.0f} ms more",
            f"{RENEWED_AFTER} images: {every:.2f} s", 1 + max(0.0, once) / every, AN_IMAGE,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
