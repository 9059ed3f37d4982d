"""Templates without faces, people being points with noise around them, and turned heads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facecli.recognition.analysis import head_pose
from facecli.recognition.engines.calibration import Calibration, Origin, Point
from facecli.recognition.engines.scoring import PLAIN, Stored
from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.distances import Templates
from facecli.recognition.evaluation.results import Result
from facecli.recognition.evaluation.sets import LabelledImage

DIMENSION = 16
ORIGIN = Origin("x", 0, 0, 0, 0, 0, "x", "x")
CALIBRATION = Calibration("x", ORIGIN, (Point(1e-3, 2.0, 0.1), Point(0.1, 4.0, 0.01)))


def people_and_templates(
    people: int, each: int, noise: float = 0.3, seed: int = 3
) -> tuple[list[str], np.ndarray]:
    """`each` noisy templates of every person, seeded."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(people, DIMENSION))
    around = random.normal(scale=noise, size=(people, each, DIMENSION))
    labels = [f"person {index:03}" for index in range(people) for _ in range(each)]
    return labels, (centres[:, None] + around).reshape(-1, DIMENSION).astype(np.float32)


def plain(templates: np.ndarray) -> Templates:
    """Templates (n, dimension) that are compared by their Euclidean distance."""
    rows = np.asarray(templates, np.float32)
    return Templates(PLAIN, Stored(rows, np.zeros(len(rows), np.int8)))


def acquired(
    labels: Sequence[str],
    templates: np.ndarray,
    failed: Sequence[str] = (),
    qualities: Sequence[int | None] | None = None,
) -> Acquired:
    """Acquired templates. `failed` names the people of images without a template."""
    images = tuple(LabelledImage(label, Path(f"{at}.jpg")) for at, label in enumerate(labels))
    lost = tuple((LabelledImage(one, Path(f"x{at}")), "no-face") for at, one in enumerate(failed))
    return Acquired(
        images,
        plain(templates),
        tuple(qualities if qualities is not None else [50] * len(images)),
        tuple(f"{at:064x}" for at in range(len(images))),
        lost,
    )


def by(results: list[Result], measure: str, at: str, cohort: str | None = None) -> Result:
    """Return the one result of this measure, condition and cohort."""
    [found] = [one for one in results if (one.measure, one.at, one.cohort) == (measure, at, cohort)]
    return found


# A frontal mean face, 100 pixels between the eyes: x and y of the five landmarks, and depth.
MODEL = np.array(
    [
        [-50, 0, 0],
        [50, 0, 0],
        [0, 100 * head_pose.NOSE_DROP, 100 * head_pose.NOSE_DEPTH],
        [-35, 100 * head_pose.MOUTH_DROP, 100 * head_pose.MOUTH_DEPTH],
        [35, 100 * head_pose.MOUTH_DROP, 100 * head_pose.MOUTH_DEPTH],
    ]
)


def turned(yaw: float = 0, pitch: float = 0, roll: float = 0) -> np.ndarray:
    """The model's landmarks after turning the head by so many degrees, seen from far away."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = [[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]]
    about_x = [[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]]
    about_z = [[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]]
    turn = np.array(about_z) @ np.array(about_y) @ np.array(about_x)
    return (MODEL @ turn.T)[:, :2].astype(np.float32) + 300
