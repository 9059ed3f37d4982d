"""Distances between all templates of a set: plain Euclidean, or normalised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np

from facecli.errors.command_line import BadInput
from facecli.printable import counted
from facecli.recognition.engines.calibration import COHORT, NEAREST, Scale
from facecli.recognition.matching.normalisation import Cohort, scaled

if TYPE_CHECKING:
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Reals = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]

BLOCK = 512
"""Rows compared at once. This bounds memory without slowing the matrix product."""
SEED = 19795
"""Seed of the draw of cohorts; the number of the ISO/IEC standard on evaluation."""
UNUSUAL = (0.1, 99.9)
"""Percentiles of isolation to which a face's isolation is clipped."""


class Distances(Protocol):
    """Distances of n templates with each other; lower is closer."""

    def __len__(self) -> int:
        """Return the number of templates."""

    def blocks(self) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Yield `start` and (rows, n - start) float32 for each block of rows from `start` on."""

    def of(self, rows: Numbers) -> Reals:
        """Return (m,) distances between the two templates of each of (m, 2) rows."""

    def among(self, rows: Numbers) -> Distances:
        """Return the distances among these templates only."""


class Euclidean:
    """Plain Euclidean distances. templates: (n, dimension) float32."""

    def __init__(self, templates: Vectors) -> None:
        self._vectors = np.ascontiguousarray(templates, np.float32)

    def __len__(self) -> int:
        return len(self._vectors)

    def blocks(self) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Yield `start` and (rows, n - start) float32 for each block of rows from `start` on."""
        vectors = self._vectors
        norms = np.einsum("ij,ij->i", vectors, vectors)
        for start in range(0, len(vectors), BLOCK):
            rows = slice(start, start + BLOCK)
            squares = (
                norms[rows, None] + norms[None, start:] - 2 * vectors[rows] @ vectors[start:].T
            )
            yield start, np.sqrt(np.maximum(squares, 0))

    def of(self, rows: Numbers) -> Reals:
        """Return (m,) distances between the two templates of each of (m, 2) rows."""
        difference = self._vectors[rows[:, 0]] - self._vectors[rows[:, 1]]
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", difference, difference)))

    def among(self, rows: Numbers) -> Euclidean:
        """Return the distances among these templates only."""
        return Euclidean(self._vectors[rows])


class Normalised:
    """Distances normalised by a cohort of `scale.cohort` people from the set itself.

    A comparison leaves its own two people out of the cohort, so that other people normalise it, as
    in a search for a person who is not in the gallery.

    templates: (n, dimension) float32. codes: (n,) the person of each template, as a number. scale:
    None to measure one.

    Raises:
        BadInput: the set has too few people.
    """

    def __init__(self, templates: Vectors, codes: Numbers, scale: Scale | None = None) -> None:
        size, nearest = (COHORT, NEAREST) if scale is None else (scale.cohort, scale.nearest)
        chosen = _first_of_some(codes, size)
        members = np.full(codes.max() + 1, size)  # index of a person in the cohort, or `size`
        members[codes[chosen]] = np.arange(size)
        cohort = Cohort(templates[chosen], codes[chosen])
        near = cohort.neighbours(templates, nearest, spare=2)
        if scale is None:
            found = near.isolation(np.arange(len(codes)), codes)
            low, high = np.percentile(found, UNUSUAL)
            scale = Scale(size, nearest, *(round(float(x), 6) for x in (found.mean(), low, high)))
        self.scale = scale
        self._plain = Euclidean(templates)
        self._member = members[codes]
        everybody = np.arange(len(codes))
        whole = scale.clip(near.isolation(everybody, codes))
        self._without = np.repeat(whole[:, None].astype(np.float32), size + 1, axis=1)
        """(n, size + 1) isolation of each template without each member; last: with all members."""
        for column in near.members.T:
            without = scale.clip(near.isolation(everybody, codes, column))
            self._without[everybody, members[column]] = without

    def __len__(self) -> int:
        return len(self._plain)

    def blocks(self) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Yield `start` and (rows, n - start) float32 for each block of rows from `start` on."""
        for start, distances in self._plain.blocks():
            rows = slice(start, start + len(distances))
            own = self._without[rows][:, self._member[start:]]
            others = self._without[start:][:, self._member[rows]].T
            yield start, scaled(distances, own, others, self.scale).astype(np.float32)

    def of(self, rows: Numbers) -> Reals:
        """Return (m,) distances between the two templates of each of (m, 2) rows."""
        first, second = rows.T
        own = self._without[first, self._member[second]]
        other = self._without[second, self._member[first]]
        return scaled(self._plain.of(rows), own, other, self.scale)

    def among(self, rows: Numbers) -> Normalised:
        """Return the distances among these templates only, by the same cohort."""
        part = object.__new__(Normalised)
        part.scale, part._plain = self.scale, self._plain.among(rows)
        part._member, part._without = self._member[rows], self._without[rows]
        return part


def _first_of_some(codes: Numbers, size: int) -> Numbers:
    """Return (size,) the first row of each of `size` people, drawn by a fixed seed."""
    people, firsts = np.unique(codes, return_index=True)
    if len(people) < size + 2:
        shown = counted(len(people), "person", "people")
        why = f"it shows {shown}; normalised distances need {size + 2}"
        raise BadInput(what="The set of images", why=why)
    return np.asarray(np.random.default_rng(SEED).permutation(firsts)[:size])
