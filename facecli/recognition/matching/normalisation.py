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

    from facecli.recognition.engines.calibration import Scale
    from facecli.recognition.matching.references import References

    Vectors = npt.NDArray[np.float32]
    Reals = npt.NDArray[np.float64]
    Floats = npt.NDArray[np.floating]
    Numbers = npt.NDArray[np.int64]

AT_ONCE = 4096  # faces compared with the cohort at once: 512 members take 16 MB


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Of each face the nearest members of the cohort, some more than the `nearest` that count.

    squared: (n, nearest + spare) squared distances, rising; whose: (n, nearest + spare) their
    subjects.
    """

    squared: Reals
    whose: Numbers
    nearest: int

    def isolation(self, faces: Numbers, *without: Numbers) -> Reals:
        """(m,) isolation of these faces (rows), for each without these subjects (m,): no more of
        them than there are spare members."""
        whose = self.whose[faces]
        counted = np.ones(whose.shape, bool)
        for subjects in without:
            counted &= whose != subjects[:, None]
        counted &= np.cumsum(counted, axis=1) <= self.nearest
        return np.asarray((self.squared[faces] * counted).sum(axis=1) / self.nearest)

    def at_most(self) -> Reals:
        """(n,) the isolation of each face, whoever is left out of the cohort, is at most this."""
        return np.asarray(self.squared[:, -self.nearest :].mean(axis=1))


class Cohort:
    """One reference each of some subjects: vectors (n, dimension) float32, and whose they are."""

    def __init__(self, vectors: Vectors, subjects: Numbers) -> None:
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._subjects = np.asarray(subjects, np.int64)
        self._squares = np.einsum("ij,ij->i", self._vectors, self._vectors)

    def neighbours(self, faces: Vectors, nearest: int, spare: int = 1) -> Neighbours:
        """The nearest members to each of (n, dimension) faces, `spare` of them to leave out.

        Their distances are in double precision, so that a face has the same isolation in
        whatever company it is compared.
        """
        count = nearest + spare
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
        return Neighbours(squared, whose, nearest)


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
        return Probing(self, self._cohort.neighbours(probes, self.scale.nearest))

    def subjects(self, rows: Numbers) -> Numbers:
        """(n,) whose references these are."""
        return self._references.subjects[rows]

    def isolation(self, rows: Numbers) -> Reals:
        """(n,) the isolation of these references, their own subject left out; each is found when
        it is first needed."""
        missing = np.unique(rows[np.isnan(self._known[rows])])
        if len(missing):
            near = self._cohort.neighbours(self._references.vectors[missing], self.scale.nearest)
            own = self.subjects(missing)
            found = near.isolation(np.arange(len(missing)), own)
            self._known[missing] = self.scale.clip(found)
        return self._known[rows]


class Probing:
    """Some probes among the references of a gallery."""

    def __init__(self, normaliser: Normaliser, near: Neighbours) -> None:
        self._normaliser, self._near = normaliser, near

    def scaled(self, distances: Reals, probes: Numbers, rows: Numbers) -> Reals:
        """(n,) distances between these probes and references, normalised."""
        scale = self._normaliser.scale
        probe = scale.clip(self._near.isolation(probes, self._normaliser.subjects(rows)))
        return scaled(distances, probe, self._normaliser.isolation(rows), scale)

    def largest_squared(self, threshold: float) -> Reals:
        """(probes,) the largest squared distance that can be within the threshold, normalised,
        whatever the reference."""
        scale = self._normaliser.scale
        probe = scale.clip(self._near.at_most())
        return threshold * threshold * (probe + scale.high) / (2 * scale.usual)


def scaled(distances: Floats, probe: Floats, reference: Floats, scale: Scale) -> Reals:
    """Distances between faces of these isolations, normalised."""
    return np.asarray(distances * np.sqrt(2 * scale.usual / (probe + reference)))
