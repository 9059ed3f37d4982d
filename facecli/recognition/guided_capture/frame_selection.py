"""Which of many good frames of one person become templates: the best, and the most different.

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
"""How far below the best frame's unified quality (0..100) a frame may lie and still be taken."""


class Candidate(NamedTuple):
    """A good frame: its template, and its unified quality 0..100, higher is better."""

    template: bytes
    quality: int


def choose(candidates: Sequence[Candidate], count: int) -> list[int]:
    """The indices of at most `count` candidates, the best first.

    The first is the one of the highest quality. Each next one is, among those at most `MARGIN`
    worse than it, the farthest from all that are chosen already: the traversal of Gonzalez
    (Theoretical Computer Science 38, 1985), whose smallest distance is at least half of the
    largest possible. Of equals the earlier one is taken; the very same template never twice.
    """
    if not candidates or count < 1:
        return []
    best = max(range(len(candidates)), key=lambda at: (candidates[at].quality, -at))
    floor = candidates[best].quality - MARGIN
    fit = [at for at, candidate in enumerate(candidates) if candidate.quality >= floor]
    apart = distances([candidates[at].template for at in fit])
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
    """The smallest distance between two of the templates; infinite for fewer than two."""
    apart = distances(templates)
    pairs = [apart[a, b] for a in range(len(apart)) for b in range(a)]
    return float(min(pairs, default=float("inf")))


def distance(one: bytes, other: bytes) -> float:
    """The Euclidean distance of two templates; lower is closer."""
    return float(distances([one, other])[0, 1])


def distances(templates: Sequence[bytes]) -> Distances:
    """(n, n) float64: the Euclidean distance of each template to each."""
    import numpy as np

    rows = np.frombuffer(b"".join(templates), "<f4").reshape(len(templates), -1).astype(np.float64)
    between = rows[:, None] - rows[None]
    return np.asarray(np.sqrt((between**2).sum(axis=2)), np.float64)
