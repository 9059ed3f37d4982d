"""Choose among many good frames of one person: the best, and the most different ones.

Pure functions on templates (little-endian float32 as bytes) and quality figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Distances = npt.NDArray[np.float64]

MARGIN = 15
"""Points of unified quality (0..100) that a chosen frame may lie below the best one."""


class GoodFrame(NamedTuple):
    """A frame that is good enough to enrol.

    template: little-endian float32. quality: unified, 0..100, higher is better.
    """

    template: bytes
    quality: int


def choose(frames: Sequence[GoodFrame], count: int) -> list[int]:
    """Return the indices of at most `count` frames, the best first.

    The first has the highest quality. Each next one, among those at most `MARGIN` worse, is the
    farthest from all that are chosen already: the traversal of Gonzalez (Theoretical Computer
    Science 38, 1985), whose smallest distance is at least half of the largest possible. Of equals
    the earlier one is chosen, and no template twice.
    """
    if not frames or count < 1:
        return []
    best = max(range(len(frames)), key=lambda at: (frames[at].quality, -at))
    floor = frames[best].quality - MARGIN
    fit = [at for at, frame in enumerate(frames) if frame.quality >= floor]
    apart = distances([frames[at].template for at in fit])
    nearest = apart[fit.index(best)].copy()
    chosen = [best]
    while len(chosen) < count:
        farthest = int(nearest.argmax())
        if nearest[farthest] <= 0:
            break
        chosen.append(fit[farthest])
        nearest = nearest.clip(max=apart[farthest])
    return chosen


def spread(templates: Sequence[bytes]) -> float:
    """Return the smallest distance between two of the templates; infinite for fewer than two."""
    apart = distances(templates)
    pairs = [apart[a, b] for a in range(len(apart)) for b in range(a)]
    return float(min(pairs, default=float("inf")))


def distance(one: bytes, other: bytes) -> float:
    """Return the Euclidean distance between two templates; lower is closer."""
    return float(distances([one, other])[0, 1])


def distances(templates: Sequence[bytes]) -> Distances:
    """Return (n, n) float64: the Euclidean distance between each pair of templates."""
    import numpy as np

    rows = np.frombuffer(b"".join(templates), "<f4").reshape(len(templates), -1).astype(np.float64)
    between = rows[:, None] - rows[None]
    return np.asarray(np.sqrt((between**2).sum(axis=2)), np.float64)
