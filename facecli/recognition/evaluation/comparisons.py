"""All comparisons of a set of templates, and the rates at a threshold. All functions are pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from facecli.errors.command_line import BadInput
from facecli.recognition.engines.calibration import (
    Calibration,
    Origin,
    Point,
    supported_rates,
)
from facecli.recognition.matching.rate_bounds import NearestPairs

if TYPE_CHECKING:
    import numpy.typing as npt

    from facecli.recognition.evaluation.distances import Templates

    Sorted = npt.NDArray[np.float32]

FEW = 100_000
"""Comparisons of a group that are all kept, to fit its tail."""
NEAR = 0.2
"""Share of the comparisons that is kept of larger groups."""


def all_comparisons(distances: Templates, people: Sequence[str]) -> tuple[Sorted, Sorted]:
    """Return the genuine and the impostor distances of all pairs: float32, rising.

    Each unordered pair counts once, and no template is compared with itself. This needs 4 bytes a
    pair. people: the person of each template.
    """
    codes = np.unique(np.asarray(people), return_inverse=True)[1]
    genuine, impostor = [], []
    for start, block in distances.blocks():
        later = np.triu(np.ones(block.shape, bool), 1)
        same = codes[start : start + len(block), None] == codes[None, start:]
        genuine.append(block[later & same])
        impostor.append(block[later & ~same])
    if not genuine:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    return np.sort(np.concatenate(genuine)), np.sort(np.concatenate(impostor))


def threshold_at(impostor: Sorted, fmr: float) -> float:
    """Return the largest distance at or below which at most the share `fmr` of impostors lies.

    Args:
        impostor: (n,) distances, rising.
        fmr: 0..1.

    Raises:
        BadInput: the comparisons are too few for that rate.
    """
    allowed = int(fmr * len(impostor))
    if allowed < 1:
        raise BadInput(what=f"The rate {fmr:g}", why=f"{len(impostor)} impostors cannot show it")
    return float(impostor[allowed - 1])


def share_within(distances: Sorted, threshold: float) -> float:
    """Return the share, 0..1, of rising distances at or below the threshold; NaN if none."""
    if not len(distances):
        return float("nan")
    return float(np.searchsorted(distances, np.float32(threshold), side="right") / len(distances))


def calibrate(
    distances: Templates,
    people: Sequence[str],
    engine_id: str,
    origin: Origin,
) -> Calibration:
    """Return a calibration from all pairs of a labelled set.

    Args:
        people: the person of each template.
        origin: its counts are replaced by those of the comparisons made.

    Raises:
        BadInput: the set supports no rate (rule of 30), or no person has two images.
    """
    genuine, impostor = all_comparisons(distances, people)
    rates = supported_rates(len(impostor))
    if len(rates) < 2 or not len(genuine):
        raise BadInput(what="The set of images", why="it gives too few comparisons")
    points = []
    for rate in rates:
        distance = math.floor(threshold_at(impostor, rate) * 1e6) / 1e6  # down: never over the rate
        missed = round(1 - share_within(genuine, distance), 6)
        points.append(Point(float(f"{rate:.4g}"), distance, missed))
    origin = replace(
        origin,
        images=len(distances) + origin.not_acquired,
        people=len(set(people)),
        impostor_comparisons=len(impostor),
        genuine_comparisons=len(genuine),
    )
    return Calibration(engine_id, origin, tuple(points))


def genuine_rows(
    distances: Templates, codes: npt.NDArray[np.integer]
) -> tuple[Sorted, npt.NDArray[np.int64]]:
    """Return all comparisons within a person: (n,) distances, rising, and (n, 2) their two rows.

    codes: (templates,) the person of each row, as a number.
    """
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    pairs = [group[np.stack(np.triu_indices(len(group), 1), axis=1)] for group in groups]
    rows = np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)
    found = distances.of(rows).astype(np.float32)
    rising = np.argsort(found, kind="stable")
    return found[rising], rows[rising]


def impostor_rows(
    distances: Templates, codes: npt.NDArray[np.integer], limit: float
) -> tuple[Sorted, npt.NDArray[np.int64]]:
    """Return the comparisons of different people at a distance of at most `limit`.

    They are (n,) distances, rising, and (n, 2) their two rows. codes: as in `genuine_rows`.
    """
    found, places = [], []
    for start, block in distances.blocks():
        other = codes[start : start + len(block), None] != codes[None, start:]
        first, second = np.nonzero(np.triu(other & (block <= np.float32(limit)), 1))
        found.append(block[first, second])
        places.append(np.stack([first + start, second + start], axis=1))
    if not found:
        return np.empty(0, np.float32), np.empty((0, 2), np.int64)
    near, rows = np.concatenate(found), np.concatenate(places)
    rising = np.argsort(near, kind="stable")
    return near[rising], rows[rising]


def nearest_pairs(
    distances: Templates, people: Sequence[str], share: float = NEAR
) -> tuple[NearestPairs, int]:
    """Return the nearest comparisons of different people, and the number of all of them.

    A pair of people counts once: each of its comparisons has a part of that weight. Returned are
    those that matter to a false-match rate of a tenth or less, or to a tail.

    Args:
        people: the person of each template.
        share: of the comparisons to keep where they are more than FEW, 0..1.
    """
    names, codes = np.unique(list(people), return_inverse=True)
    images = np.bincount(codes, minlength=len(names))
    impostor = all_comparisons(distances, people)[1]
    count = len(impostor) if len(impostor) <= FEW else int(share * len(impostor))
    limit = float(impostor[count - 1]) if count else 0.0
    near, rows = impostor_rows(distances, codes, limit)
    first, second = codes[rows[:, 0]].astype(np.int32), codes[rows[:, 1]].astype(np.int32)
    weights = 1.0 / (images[first] * images[second])
    found = NearestPairs(len(names), first, second, near.astype(np.float64), weights, limit)
    return found, len(impostor)
