"""Templates of people who do not exist, drawn around those of photographs.

Two covariances are measured on the photographs: W of the captures of one person around their mean,
and B of the people's means around the mean m of all. A drawn person has the centre

    c = m + s (p - m) + e,    e ~ N(0, a^2 B)

p is the mean of a person in the photographs, chosen at random; s scales p - m so that the trace of
the covariance stays that of B. A capture of that person is c + t N(0, W), scaled to unit length; t
is how far the captures of a person in the photographs, chosen at random, lie apart. This is the
smoothed bootstrap with shrinkage (Silverman and Young, 1987): groups of people who look alike stay,
as in the photographs, and nobody is drawn twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from facecli.recognition.engines.scoring import NetworkOutput
from facecli.recognition.evaluation import sets
from facecli.recognition.evaluation.sets import LabelledImage
from tests.benchmarks.choose_scoring import Faces, read

Reals = npt.NDArray[np.float64]

NEW = 0.8
"""a^2: the share of the variance between people that is drawn anew."""
MOST_PEOPLE, MOST_IMAGES = 1500, 2
"""People that are measured, those with the most images first, and images of each."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """People who do not exist. centres: (n, d). apart: (n,), the t of each."""

    centres: Reals
    apart: Reals


@dataclass(frozen=True, eq=False)
class Likeness:
    """The spread of real faces.

    people: (n, d) float64, the mean of each person. between, within: (d, d), roots of a^2 B and W.
    apart: (k,) values of t, of mean square 1. norms: (n,) lengths before scaling to unit length.
    """

    people: Reals
    between: Reals
    within: Reals
    apart: Reals
    norms: Reals

    def drawn(self, count: int, seed: int) -> Drawn:
        """Draw people. Equal numbers and seeds draw the same ones."""
        draw = np.random.default_rng((seed, 1))
        mean = self.people.mean(axis=0)
        around = self.people - mean
        kept = np.sqrt((1 - NEW) / NEW * np.sum(self.between**2) / around.var(axis=0, ddof=1).sum())
        chosen = around[draw.integers(len(around), size=count)]
        new = draw.standard_normal((count, len(mean))) @ self.between
        return Drawn(mean + kept * chosen + new, draw.choice(self.apart, count))

    def captures(self, people: Drawn, seed: int) -> NetworkOutput:
        """Return one capture of each of these people."""
        draw = np.random.default_rng((seed, 2))
        around = draw.standard_normal(people.centres.shape) @ self.within
        found = people.centres + people.apart[:, None] * around
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        norms = draw.choice(self.norms, len(found))
        return NetworkOutput(found.astype(np.float32), norms.astype(np.float32))

    def draw(self, count: int, dimension: int, seed: int) -> NetworkOutput:
        """Return captures of new people, as `crowd.populate` takes them."""
        assert dimension == self.people.shape[1]
        return self.captures(self.drawn(count, seed), seed)

    def save(self, path: Path) -> None:
        """Write it to a file for `load`."""
        with path.open("wb") as stream:
            np.savez(stream, **vars(self))


def load(path: Path) -> Likeness:
    """Return what `save` wrote."""
    with np.load(path) as kept:
        return Likeness(**kept)


def of_photographs(engine: str, folder: Path) -> Likeness:
    """Measure it on a folder with one subfolder of photographs a person."""
    return of_faces(read(engine, _some(sets.labelled_folder(folder))))


def of_faces(faces: Faces) -> Likeness:
    """Measure it on templates of people, of whom some have two or more."""
    vectors = faces.output.vectors.astype(np.float64)
    codes = np.unique(faces.codes, return_inverse=True)[1]
    counts = np.bincount(codes)
    means = np.zeros((len(counts), vectors.shape[1]))
    np.add.at(means, codes, vectors)
    means /= counts[:, None]
    apart = vectors - means[codes]
    within = apart.T @ apart / (len(vectors) - len(means))
    between = np.cov(means, rowvar=False) - within * (1 / counts).mean()
    squares = np.bincount(codes, (apart**2).sum(axis=1))[counts > 1] / (counts[counts > 1] - 1)
    return Likeness(
        people=means,
        between=_root(NEW * between),
        within=_root(within),
        apart=np.sqrt(squares / squares.mean()),
        norms=faces.output.norms.astype(np.float64),
    )


def _some(images: Sequence[LabelledImage]) -> list[LabelledImage]:
    """Return at most MOST_IMAGES of each person, MOST_PEOPLE of them, by number of images."""
    own: dict[str, list[LabelledImage]] = {}
    for image in images:
        own.setdefault(image.person, []).append(image)
    chosen = sorted(own.values(), key=len, reverse=True)[:MOST_PEOPLE]
    return [image for some in chosen for image in some[:MOST_IMAGES]]


def _root(covariance: Reals) -> Reals:
    """Return R with R^T R = the covariance, whose negative eigenvalues count as 0."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(values.clip(min=0))).T)
