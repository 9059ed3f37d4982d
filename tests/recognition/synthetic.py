"""Templates without faces: people as points with noise around them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.sets import LabelledImage

DIMENSION = 16


def people_and_templates(
    people: int, each: int, noise: float = 0.3, seed: int = 3
) -> tuple[list[str], np.ndarray]:
    """`each` noisy templates of every person, seeded."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(people, DIMENSION))
    around = random.normal(scale=noise, size=(people, each, DIMENSION))
    labels = [f"person {index:03}" for index in range(people) for _ in range(each)]
    return labels, (centres[:, None] + around).reshape(-1, DIMENSION).astype(np.float32)


def acquired(
    labels: Sequence[str],
    templates: np.ndarray,
    failed: Sequence[str] = (),
    qualities: Sequence[int | None] | None = None,
) -> Acquired:
    """What would have been acquired; `failed` names the people of images without a template."""
    images = tuple(LabelledImage(label, Path(f"{at}.jpg")) for at, label in enumerate(labels))
    lost = tuple((LabelledImage(one, Path(f"x{at}")), "no-face") for at, one in enumerate(failed))
    return Acquired(
        images,
        np.asarray(templates, np.float32),
        tuple(qualities if qualities is not None else [50] * len(images)),
        tuple(f"{at:064x}" for at in range(len(images))),
        lost,
    )
