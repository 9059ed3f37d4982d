"""Local score normalisation: weigh a distance by how near other people are to both faces.

With one threshold for all, faces in a crowded part of the template space have far more false
matches than others. So a distance d between a probe and a reference is scaled:

    d' = d sqrt(usual / ((i_p + i_r) / 2))

where the isolation i of a face is the mean squared distance to its `nearest` nearest neighbours
in a cohort, one reference each of `cohort` other people of the same gallery, and `usual` the mean
isolation where the calibration was measured. For a face of usual isolation d' is d; for a face in
a crowd it is larger; 0 stays 0. The reference's own subject is left out of the cohort for both.
Symmetric normalisation by the best scores of a cohort is from
speaker recognition (adaptive S-norm: Matejka et al., Interspeech 2017); scaling by local density
is that of Zelnik-Manor & Perona, "Self-tuning spectral clustering", NIPS 2004.

Isolations are computed when needed and kept only in memory. Nothing derived from a template is
stored, so an erasure has nothing else to erase.
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
    """The nearest members of the cohort to each face, with some spare ones to leave out.

    squared: (n, nearest + spare) float64, squared distances, rising. members: (n, nearest + spare)
    int64, their subjects. nearest: the number that counts.
    """

    squared: Reals
    members: Numbers
    nearest: int

    def isolation(self, faces: Numbers, *without: Numbers) -> Reals:
        """Return (m,) float64 isolations of these faces, without some subjects.

        Args:
            faces: (m,) rows.
            without: (m,) subjects to leave out, one per face; at most `spare` such arrays.
        """
        members = self.members[faces]
        counted = np.ones(members.shape, bool)
        for subjects in without:
            counted &= members != subjects[:, None]
        counted &= np.cumsum(counted, axis=1) <= self.nearest
        return np.asarray((self.squared[faces] * counted).sum(axis=1) / self.nearest)

    def at_most(self) -> Reals:
        """Return (n,) float64, the largest isolation of each face, whichever member is left out."""
        return np.asarray(self.squared[:, -self.nearest :].mean(axis=1))


class Cohort:
    """One reference of each of some subjects.

    vectors: (n, dimension) float32. subjects: (n,) int64.
    """

    def __init__(self, vectors: Vectors, subjects: Numbers) -> None:
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._subjects = np.asarray(subjects, np.int64)
        self._squares = np.einsum("ij,ij->i", self._vectors, self._vectors)

    def neighbours(self, faces: Vectors, nearest: int, spare: int = 1) -> Neighbours:
        """Return the nearest members to each of (n, dimension) float32 faces.

        Distances are in double precision, so that the isolation of a face does not depend on the
        other faces it is compared with.
        """
        count = nearest + spare
        squared = np.empty((len(faces), count))
        members = np.empty((len(faces), count), np.int64)
        for start in range(0, len(faces), AT_ONCE):
            block = faces[start : start + AT_ONCE]
            order = self._squares - 2 * (block @ self._vectors.T)
            near = np.argpartition(order, count - 1, axis=1)[:, :count]
            difference = self._vectors[near].astype(np.float64) - block[:, None]
            exact = np.einsum("ijk,ijk->ij", difference, difference)
            rising = np.argsort(exact, axis=1, kind="stable")
            squared[start : start + len(block)] = np.take_along_axis(exact, rising, 1)
            near = np.take_along_axis(near, rising, 1)
            members[start : start + len(block)] = self._subjects[near]
        return Neighbours(squared, members, nearest)


class Normaliser:
    """Normalises distances to the references of one gallery.

    Args:
        cohort: rows of the references, one of each of some subjects; the first `scale.cohort` of
            them are used.

    Raises:
        ValueError: the cohort is too small.
    """

    def __init__(self, references: References, cohort: Sequence[int], scale: Scale) -> None:
        if len(cohort) < scale.cohort:
            raise ValueError("a gallery too small to normalise distances")
        self.scale = scale
        self._references = references
        places = np.array(cohort[: scale.cohort])
        self._cohort = Cohort(references.forms.rows[places], references.subjects[places])
        self._known = np.full(len(references.subjects), np.nan)

    def probing(self, probes: Vectors) -> Probing:
        """Return what normalises the distances of these probes, (m, dimension) float32."""
        return Probing(self, self._cohort.neighbours(probes, self.scale.nearest))

    def subjects(self, rows: Numbers) -> Numbers:
        """Return (n,) int64, the subjects of these references."""
        return self._references.subjects[rows]

    def isolation(self, rows: Numbers) -> Reals:
        """Return (n,) float64 isolations of these references, without their own subject.

        Each is computed when it is first needed.
        """
        missing = np.unique(rows[np.isnan(self._known[rows])])
        if len(missing):
            near = self._cohort.neighbours(self._references.forms.rows[missing], self.scale.nearest)
            own = self.subjects(missing)
            found = near.isolation(np.arange(len(missing)), own)
            self._known[missing] = self.scale.clip(found)
        return self._known[rows]


class Probing:
    """Normalises the distances between some probes and the references of a gallery."""

    def __init__(self, normaliser: Normaliser, near: Neighbours) -> None:
        self._normaliser, self._near = normaliser, near

    def scaled(self, distances: Reals, probes: Numbers, rows: Numbers) -> Reals:
        """Return (n,) float64 normalised distances of these (n,) probes and (n,) references."""
        scale = self._normaliser.scale
        probe = scale.clip(self._near.isolation(probes, self._normaliser.subjects(rows)))
        return scaled(distances, probe, self._normaliser.isolation(rows), scale)

    def largest_squared(self, threshold: float) -> Reals:
        """Return (probes,) float64, the largest squared Euclidean distance that may be within the
        normalised threshold, whatever the reference."""
        scale = self._normaliser.scale
        probe = scale.clip(self._near.at_most())
        return threshold * threshold * (probe + scale.high) / (2 * scale.usual)


def scaled(distances: Floats, probe: Floats, reference: Floats, scale: Scale) -> Reals:
    """Return the distances between faces of these isolations, normalised."""
    return np.asarray(distances * np.sqrt(2 * scale.usual / (probe + reference)))
