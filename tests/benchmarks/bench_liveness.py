"""Whom `enroll camera --liveness` lets pass: APCER for each kind of attack, and BPCER.

    python -m tests.benchmarks.bench_liveness --images FOLDER [--people N] [--trial] [--output FILE]

FOLDER holds photographs, one folder a person (such as LFW). The sample portraits and N of its
people, of those whose photograph could be enrolled, sit before a camera of 640 x 480 pixels, 12
frames a second: each as a living head that turns up to 30 degrees, and in every attack of
`tests/presentations.py`. All of it is synthetic, and no substitute for a test by ISO/IEC 30107-3.
APCER is the share of attempts of one kind of attack that is enrolled, BPCER that of the living
who are not; intervals are Wilson's over attempts.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from facecli.recognition.analysis.image import AnalysisRequest, analyse
from facecli.recognition.engines import engine
from facecli.recognition.engines.engine import Engine
from facecli.recognition.evaluation.intervals import wilson
from sample_data.make_turn import Head, head_of
from tests.benchmarks.figures import Figure, document, write
from tests.benchmarks.samples import SAMPLE_DATA
from tests.presentations import Desk, Living, Print, Recording, Screen, Subject, performance

RATE = 12
PORTRAITS = (
    "enrol/A-1001.jpg", "enrol/A-1002.jpg", "enrol/A-1003.jpg",
    "probes/gate-1.jpg", "probes/gate-2.jpg", "probes/stranger.jpg",
)  # fmt: skip
TURNS = ("left", "right", "right", "left")
COARSE, FINE = (0.8, 2.0), (2.0, 4.0)  # pixels of a screen to one of the camera's, from and to
TILT = 10.0  # degrees to either side by which a screen may be tilted
BONA_FIDE = "the living, who do as they are asked"
Attempt = Callable[[Head], Subject]


def _recording(head: Head, start: float) -> Recording:
    return Recording(performance(head, TURNS, RATE), RATE, start)


def _prints(bend: float) -> list[Attempt]:
    return [partial(Print, bend=bend, furthest=angle) for angle in (30.0, 45.0)]


def _screens(shown: Attempt, pitches: tuple[float, float]) -> list[Attempt]:
    return [partial(_on_screen, shown, pitches, number) for number in range(2)]


def _on_screen(shown: Attempt, pitches: tuple[float, float], number: int, head: Head) -> Screen:
    """On a screen of any such pitch, held at any angle; another one for each head."""
    random = np.random.default_rng([number, *head.picture[::97, ::97, 0].ravel()])
    return Screen(shown(head), random.uniform(*pitches), random.uniform(-TILT, TILT))


def _still(head: Head) -> Recording:
    return Recording([head.picture], RATE)


# What is presented: how each attempt is made. The first is no attack.
PRESENTED: dict[str, list[Attempt]] = {
    BONA_FIDE: [partial(Living, seed=seed) for seed in (1, 2)],
    "a photograph on paper, turned as is asked": _prints(0.0),
    "the same, bent to a radius of three inter-eye distances": _prints(1 / 200),
    "the same, bent to a radius of two": _prints(1 / 136),
    "a photograph on a screen that is turned as is asked": _screens(Print, COARSE),
    "a recording of four turns on a screen": _screens(partial(_recording, start=1.0), COARSE),
    "the same on a screen twice as fine": _screens(partial(_recording, start=1.0), FINE),
    "the same recording in place of the camera": [
        partial(_recording, start=start) for start in (0.0, 3.0, 7.0)
    ],
    "a still picture in place of the camera": [_still],
    "a screen with somebody who does as is asked": _screens(Living, COARSE),
    "the same, on a screen twice as fine": _screens(Living, FINE),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--trial", action="store_true", help="one portrait only")
    chosen = parser.parse_args()
    portraits = PORTRAITS[:1] if chosen.trial else PORTRAITS
    paths = [*(SAMPLE_DATA / name for name in portraits), *_some(chosen.images, chosen.people)]
    found = {what: Counter[str]() for what in PRESENTED}
    with ProcessPoolExecutor(chosen.workers, get_context("spawn")) as pool:
        for what, said in pool.map(_sit, *zip(*_attempts(paths), strict=True)):
            found[what][said] += 1
    details = {what: dict(said.most_common()) for what, said in found.items()}
    figures = [_figure(what, said) for what, said in found.items()]
    write(chosen.output, document(figures, {"people": len(paths), "outcomes": details}))


def _some(images: Path, count: int) -> list[Path]:
    """The first photograph of each of some people, of those that enrolment would take."""
    people = [person for person in sorted(images.iterdir()) if person.is_dir()]
    firsts = (min(person.glob("*.jpg")) for person in people[:: max(len(people) // 50, 1)])
    return list(islice(filter(_enrollable, firsts), count))


def _enrollable(path: Path) -> bool:
    request = AnalysisRequest(str(path), "enrol")
    return analyse(_engine(), request).reason is None


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return engine.load(engine.DEFAULT)


def _attempts(paths: list[Path]) -> Iterator[tuple[Path, str, int]]:
    for path in paths:
        for what, attempts in PRESENTED.items():
            yield from ((path, what, number) for number in range(len(attempts)))


def _sit(path: Path, what: str, number: int) -> tuple[str, str]:
    """What was presented, and what became of it."""
    return what, _desk().sit(PRESENTED[what][number](_head(path)))[0]


@lru_cache(maxsize=1)
def _desk() -> Desk:
    import cv2

    cv2.setNumThreads(1)
    return Desk("sface", RATE)


@lru_cache(maxsize=1)
def _head(path: Path) -> Head:
    return head_of(path)


def _figure(what: str, said: Counter[str]) -> Figure:
    count = said.total()
    enrolled = said["enrolled"]
    errors = count - enrolled if what == BONA_FIDE else enrolled
    interval = wilson(errors, count)
    rate = "BPCER" if what == BONA_FIDE else "APCER"
    return Figure(
        what=f"{rate}, {what}",
        measured=f"{errors / count:.1%} ({errors} of {count}; 95 %: {interval.low:.1%} to "
        f"{interval.high:.1%})",
        against="",
        ratio="",
        aim="published as it is",
        reached=True,
    )


if __name__ == "__main__":
    main()
