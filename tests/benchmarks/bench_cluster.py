"""A cluster on one machine, over TLS, beside the local pool on the same images.

    python -m tests.benchmarks.bench_cluster [--count N] [--workers N] [--output FILE]

The images are small, 250 pixels a side, made of the sample portraits. The scheduler, its workers
and the holder share the machine, so the ratio shows what the way through a scheduler costs. The
holder's own processor time is that of the pool and of Dask's client once the first lots have been
answered. Ctrl-C comes after the first row of `match`: until the command has ended, and until the
scheduler knows no task.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageEnhance

from facecli.cli.analysers import Analysing
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.engines import engine
from facecli.workers.cluster.lots import LOT
from tests.benchmarks.figures import Figure, document, within, write
from tests.benchmarks.samples import SAMPLE_DATA, enrolled
from tests.workers.cluster.running import Running
from tests.workers.processes import children_from_now_on, processor_seconds

SIDE = 250
AIM = 1.3
CPU_AIM = 0.6  # milliseconds an image
ENDED_AIM = 2.0  # seconds
FIRST = 4 * LOT  # images whose cost is not counted


@dataclass(frozen=True)
class Used:
    """What a command took by the clock, and printed."""

    seconds: float
    out: bytes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = small(folder / "images", chosen.count)
        (folder / "one").mkdir()
        (folder / "one" / images[0].name).write_bytes(images[0].read_bytes())
        cluster = Running(folder / "cluster")
        try:
            workers = [cluster.facecli_worker() for _ in range(chosen.workers)]
            cluster.ready(*workers)
            found = _measured(folder, images, cluster, chosen.workers)
        finally:
            cluster.close()
    write(chosen.output, document(_figures(found), found))


def small(target: Path, count: int) -> list[Path]:
    """Portraits of the sample, each cut, lit and packed in another way."""
    target.mkdir()
    sources = sorted([*(SAMPLE_DATA / "enrol").glob("*.jpg"), *SAMPLE_DATA.glob("probes/g*-*.jpg")])
    made = []
    for number in range(count):
        with Image.open(sources[number % len(sources)]) as portrait:
            whole = portrait.convert("RGB").resize((SIDE + 20, SIDE + 20))
        left, top = number % 20, number // 20 % 20
        cut = whole.crop((left, top, left + SIDE, top + SIDE))
        lit = ImageEnhance.Brightness(cut).enhance(0.8 + number % 7 / 15)
        made.append(target / f"{number:05}.jpg")
        lit.save(made[-1], quality=80 + number % 15)
    return made


def _measured(folder: Path, images: list[Path], cluster: Running, workers: int) -> dict[str, Any]:
    program = enrolled(folder / "database", "sface")
    match = [*program, "match", "--purpose", "gate", "--format", "csv"]
    there = ["--cluster", cluster.address, *cluster.client.options]
    one = _run([*match, str(folder / "one"), *there])
    analysed, cpu = _analysed_far(cluster, images)
    ended, forgotten = _interrupted([*match, str(folder / "images"), *there], cluster)
    on_cluster = _run([*match, str(folder / "images"), *there])
    here = _run([*match, str(folder / "images"), "--workers", str(workers)])
    return {
        "images": len(images),
        "workers": workers,
        "here_seconds": here.seconds,
        "cluster_seconds": on_cluster.seconds,
        "start_seconds": one.seconds,
        "holder_ms": 1000 * cpu / len(images),
        "interrupted_seconds": ended,
        "forgotten_seconds": forgotten,
        "same_rows": here.out == on_cluster.out,
        "same_templates": _analysed(Analysing(workers), images) == analysed,
    }


def _run(command: Sequence[str]) -> Used:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    out = process.stdout.read()
    if process.wait():
        sys.exit(f"exit code {process.returncode}")
    return Used(time.perf_counter() - start, out)


def _requests(images: Sequence[Path]) -> list[AnalysisRequest]:
    return [AnalysisRequest(str(path), "probe") for path in images]


def _analysed(analysing: Analysing, images: Sequence[Path]) -> list[ImageAnalysis]:
    with analysing.pool(engine.spec("sface")) as pool:
        found: Any = [analysis for _, analysis in pool.map(_requests(images))]
    return found


def _analysed_far(cluster: Running, images: Sequence[Path]) -> tuple[list[ImageAnalysis], float]:
    """The analyses, and the processor seconds of this process and of Dask's client for them."""
    started = children_from_now_on()
    with Analysing(cluster=cluster.way).pool(engine.spec("sface")) as pool:
        for _ in pool.map(_requests(images[:FIRST])):
            pass
        [client] = started()
        before = time.process_time() + processor_seconds(client)
        found: Any = [analysis for _, analysis in pool.map(_requests(images))]
        return found, time.process_time() + processor_seconds(client) - before


def _interrupted(command: Sequence[str], cluster: Running) -> tuple[float, float]:
    """Seconds from Ctrl-C to the end of a command, and until the scheduler knows no task."""
    observer = cluster.observer()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.readline()
    start = time.perf_counter()
    process.send_signal(signal.SIGINT)
    process.communicate()
    ended = time.perf_counter() - start
    observer.communicate("now\n")
    if (process.returncode, observer.returncode) != (130, 0):
        sys.exit(f"exit codes {process.returncode} and {observer.returncode}")
    return ended, time.perf_counter() - start


def _figures(found: dict[str, Any]) -> list[Figure]:
    what = f"{found['images']} small photos, {found['workers']} workers over TLS"
    same = found["same_rows"] and found["same_templates"]
    return [
        within(
            f"match on a cluster, {what}",
            f"{found['cluster_seconds']:.3g} s",
            f"local pool: {found['here_seconds']:.3g} s",
            found["cluster_seconds"] / found["here_seconds"],
            AIM,
        ),
        within(
            f"the holder's processor time for an image, {what}",
            f"{found['holder_ms']:.2g} ms",
            f"the limit: {CPU_AIM} ms",
            found["holder_ms"] / CPU_AIM,
            1,
        ),
        within(
            f"Ctrl-C, until the scheduler knows no task, {what}",
            f"{found['forgotten_seconds']:.2g} s",
            f"until the command has ended: {found['interrupted_seconds']:.2g} s",
            found["forgotten_seconds"] / ENDED_AIM,
            1,
        ),
        Figure(
            f"rows and templates of {what}",
            "the same" if same else "others",
            "local pool",
            "",
            "the same, bit for bit",
            same,
        ),
    ]


if __name__ == "__main__":
    main()
