"""Accuracy on labelled data: all comparisons of a set of templates, and the rates they give.

Every function is pure; arrays are numpy's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from facecli.errors import BadInput
from facecli.recognition.calibration import Calibration, Origin, Point, supported_rates

if TYPE_CHECKING:
    import numpy.typing as npt

    Distances = npt.NDArray[np.float32]

BLOCK = 512
"""Rows compared at once: bounds memory without slowing the matrix product."""


def all_comparisons(
    templates: npt.NDArray[np.float32], people: Sequence[str]
) -> tuple[Distances, Distances]:
    """(genuine, impostor) Euclidean distances of all pairs, each sorted rising.

    templates: (n, d) float32; people: whose each row is. Each unordered pair counts once, no
    template is compared with itself. Needs 4 bytes a pair.
    """
    codes = np.unique(np.asarray(people), return_inverse=True)[1]
    vectors = np.ascontiguousarray(templates, np.float32)
    norms = np.einsum("ij,ij->i", vectors, vectors)
    genuine, impostor = [], []
    for start in range(0, len(vectors), BLOCK):
        rows = slice(start, start + BLOCK)
        squares = norms[rows, None] + norms[None, start:] - 2 * vectors[rows] @ vectors[start:].T
        later = np.triu(np.ones(squares.shape, bool), 1)
        same = codes[rows, None] == codes[None, start:]
        distances = np.sqrt(np.maximum(squares, 0))
        genuine.append(distances[later & same])
        impostor.append(distances[later & ~same])
    if not genuine:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    return np.sort(np.concatenate(genuine)), np.sort(np.concatenate(impostor))


def threshold_at(impostor: Distances, fmr: float) -> float:
    """The largest distance at or below which at most the share `fmr` of impostors lies.

    impostor: sorted rising. Raises `BadInput` where the comparisons cannot show that rate.
    """
    allowed = int(fmr * len(impostor))
    if allowed < 1:
        raise BadInput(what=f"The rate {fmr:g}", why=f"{len(impostor)} impostors cannot show it")
    return float(impostor[allowed - 1])


def share_within(distances: Distances, threshold: float) -> float:
    """The share of the sorted distances at or below the threshold, 0..1; NaN if there are none."""
    if not len(distances):
        return float("nan")
    return float(np.searchsorted(distances, np.float32(threshold), side="right") / len(distances))


def calibrate(
    templates: npt.NDArray[np.float32], people: Sequence[str], engine_id: str, origin: Origin
) -> Calibration:
    """A calibration from all pairs of a labelled set.

    Counts in `origin` are replaced by what was compared. Raises `BadInput` for a set too small
    to support any rate (rule of 30) or without two images of anybody.
    """
    genuine, impostor = all_comparisons(templates, people)
    rates = supported_rates(len(impostor))
    if len(rates) < 2 or not len(genuine):
        raise BadInput(what="The set of images", why="too few comparisons for a calibration")
    points = []
    for rate in rates:
        distance = math.floor(threshold_at(impostor, rate) * 1e6) / 1e6  # down: never over the rate
        missed = round(1 - share_within(genuine, distance), 6)
        points.append(Point(float(f"{rate:.4g}"), distance, missed))
    origin = replace(
        origin,
        images=len(templates) + origin.not_acquired,
        people=len(set(people)),
        impostor_comparisons=len(impostor),
        genuine_comparisons=len(genuine),
    )
    return Calibration(engine_id, origin, tuple(points))
