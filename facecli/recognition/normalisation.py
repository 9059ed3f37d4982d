"""Local score normalisation: a distance seen against how near other people are to both faces.

At one threshold for everybody, faces that lie in a crowded part of the template space are matched
falsely far more often than others. So a distance d between a probe and a reference is scaled:

    d' = d sqrt(usual / ((i_p + i_r) / 2))

where the isolation i of a face is the mean squared distance to its `nearest` nearest neighbours
in a cohort, one reference each of `cohort` other people of the same gallery, and `usual` the mean
isolation where the calibration was measured: for a face as isolated as is usual d' is d, for one
in a crowd it is larger, and a distance of nothing stays nothing. The reference's own subject is
left out of the cohort for both. Symmetric normalisation by the best scores of a cohort is from
speaker recognition (adaptive S-norm: Matejka et al., Interspeech 2017); scaling by local density
is that of Zelnik-Manor & Perona, "Self-tuning spectral clustering", NIPS 2004.

Isolations are made when they are needed and kept in memory alone: nothing derived from anybody's
template is stored, so that an erasure has nothing more to take away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from facecli.recognition.calibration import Scale
    from facecli.recognition.comparing import References

    Vectors = npt.NDArray[np.float32]
    Reals = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]

AT_ONCE = 4096  # faces compared with the cohort at once: 512 members take 16 MB


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Of each face the nearest members of the cohort, one more than `Scale.nearest`.

    squared: (n, nearest + 1) squared distances, rising; whose: (n, nearest + 1) their subjects.
    """

    squared: Reals
    whose: Numbers
    scale: Scale

    def isolation(self, faces: Numbers, without: Numbers) -> Reals:
        """(m,) isolation of these faces (rows), each with one subject left out of the cohort."""
        nearest = self.squared[faces]
        last = nearest.shape[1] - 1
        own = self.whose[faces] == without[:, None]
        dropped = np.where(own.any(axis=1), own.argmax(axis=1), last)
        total = nearest.sum(axis=1) - nearest[np.arange(len(faces)), dropped]
        return np.asarray(np.clip(total / last, self.scale.low, self.scale.high))

    def at_most(self) -> Reals:
        """(n,) the isolation of each face, whoever is left out of the cohort, is at most this."""
        return np.asarray(np.clip(self.squared[:, 1:].mean(1), self.scale.low, self.scale.high))


class Cohort:
    """One reference each of some subjects: vectors (n, dimension) float32, and whose they are."""

    def __init__(self, vectors: Vectors, subjects: Numbers) -> None:
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._subjects = np.asarray(subjects, np.int64)
        self._squares = np.einsum("ij,ij->i", self._vectors, self._vectors)

    def neighbours(self, faces: Vectors, scale: Scale) -> Neighbours:
        """The nearest members to each of (n, dimension) faces.

        Their distances are in double precision, so that a face has the same isolation in
        whatever company it is compared.
        """
        count = scale.nearest + 1
        squared = np.empty((len(faces), count))
        whose = np.empty((len(faces), count), np.int64)
        for start in range(0, len(faces), AT_ONCE):
            block = faces[start : start + AT_ONCE]
            order = self._squares - 2 * (block @ self._vectors.T)
            near = np.argpartition(order, count - 1, axis=1)[:, :count]
            difference = self._vectors[near].astype(np.float64) - block[:, None]
            exact = np.einsum("ijk,ijk->ij", difference, difference)
            rising = np.argsort(exact, axis=1, kind="stable")
            squared[start : start + len(block)] = np.take_along_axis(exact, rising, 1)
            near = np.take_along_axis(near, rising, 1)
            whose[start : start + len(block)] = self._subjects[near]
        return Neighbours(squared, whose, scale)


class Normaliser:
    """Normalises distances to the references of one gallery.

    cohort: the places of one reference each of some subjects, of which the first
    `scale.cohort` are used.
    """

    def __init__(self, references: References, cohort: Sequence[int], scale: Scale) -> None:
        if len(cohort) < scale.cohort:
            raise ValueError("a gallery too small to normalise distances")
        self.scale = scale
        self._references = references
        places = np.array(cohort[: scale.cohort])
        self._cohort = Cohort(references.vectors[places], references.subjects[places])
        self._known = np.full(len(references.subjects), np.nan)

    def probing(self, probes: Vectors) -> Probing:
        """Normalises the distances of these probes."""
        return Probing(self, self._cohort.neighbours(probes, self.scale))

    def subjects(self, rows: Numbers) -> Numbers:
        """(n,) whose references these are."""
        return self._references.subjects[rows]

    def isolation(self, rows: Numbers) -> Reals:
        """(n,) the isolation of these references, their own subject left out; each is found when
        it is first needed."""
        missing = np.unique(rows[np.isnan(self._known[rows])])
        if len(missing):
            near = self._cohort.neighbours(self._references.vectors[missing], self.scale)
            own = self.subjects(missing)
            self._known[missing] = near.isolation(np.arange(len(missing)), own)
        return self._known[rows]


class Probing:
    """Some probes among the references of a gallery."""

    def __init__(self, normaliser: Normaliser, near: Neighbours) -> None:
        self._normaliser, self._near = normaliser, near

    def scaled(self, distances: Reals, probes: Numbers, rows: Numbers) -> Reals:
        """(n,) distances between these probes and references, normalised."""
        probe = self._near.isolation(probes, self._normaliser.subjects(rows))
        return scaled(distances, probe, self._normaliser.isolation(rows), self._normaliser.scale)

    def largest_squared(self, threshold: float) -> Reals:
        """(probes,) the largest squared distance that can be within the threshold, normalised,
        whatever the reference."""
        scale = self._normaliser.scale
        return threshold * threshold * (self._near.at_most() + scale.high) / (2 * scale.usual)


def scaled(distances: Reals, probe: Reals, reference: Reals, scale: Scale) -> Reals:
    """Distances between faces of these isolations, normalised."""
    return distances * np.sqrt(2 * scale.usual / (probe + reference))
