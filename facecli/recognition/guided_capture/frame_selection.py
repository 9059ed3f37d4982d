"""Choose among many good frames of one person: the best, and the most different ones.

Pure functions on stored forms of templates (`scoring.packed`) and quality figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import Scoring

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Distances = npt.NDArray[np.float64]

MARGIN = 15
"""Points of unified quality (0..100) that a chosen frame may lie below the best one."""


class GoodFrame(NamedTuple):
    """A frame that is good enough to enrol.

    template: its stored form. quality: unified, 0..100, higher is better.
    """

    template: bytes
    quality: int


@dataclass(frozen=True)
class OneSitting:
    """The rule by which two frames of one capture show one person.

    scoring: of the engine. same: the largest distance between two templates of one person in one
    capture.
    """

    scoring: Scoring
    same: float

    def one_person(self, one: bytes, other: bytes) -> bool:
        """Return True if two templates, as stored forms, show one person."""
        return scoring.distance_between(self.scoring, one, other) <= self.same


def choose(frames: Sequence[GoodFrame], count: int, how: Scoring) -> list[int]:
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
    apart = distances([frames[at].template for at in fit], how)
    nearest = apart[fit.index(best)].copy()
    chosen = [best]
    while len(chosen) < count:
        farthest = int(nearest.argmax())
        if nearest[farthest] <= 0:
            break
        chosen.append(fit[farthest])
        nearest = nearest.clip(max=apart[farthest])
    return chosen


def spread(templates: Sequence[bytes], how: Scoring) -> float:
    """Return the smallest distance between two of the templates; infinite for fewer than two."""
    apart = distances(templates, how)
    pairs = [apart[a, b] for a in range(len(apart)) for b in range(a)]
    return float(min(pairs, default=float("inf")))


def distances(templates: Sequence[bytes], how: Scoring) -> Distances:
    """Return (n, n) float64: the Euclidean distance between the vectors of each pair.

    Unlike the distance that decides on a match, it is 0 for equal templates: it shows how much
    the templates differ, not whose they are.
    """
    import numpy as np

    dimension = scoring.dimension_of(how, templates[0])
    rows = scoring.unpacked(how, dimension, b"".join(templates)).rows.astype(np.float64)
    between = rows[:, None] - rows[None]
    return np.asarray(np.sqrt((between**2).sum(axis=2) * how.square), np.float64)
