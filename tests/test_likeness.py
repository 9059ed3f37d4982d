"""People who do not exist, drawn around templates of those who do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecli.recognition.engines.scoring import NetworkOutput
from tests.benchmarks import likeness
from tests.benchmarks.choose_scoring import Faces
from tests.benchmarks.likeness import Likeness

DIMENSION = 8


@pytest.fixture(scope="module")
def real() -> Faces:
    """300 people with two captures each, of whom half are alike, and half vary more."""
    draw = np.random.default_rng(1)
    people = draw.standard_normal((300, DIMENSION)) * np.linspace(0.5, 1.5, DIMENSION)
    people[::2] += 0.7
    wide = np.where(np.arange(300) % 4 < 2, 0.2, 0.6)[:, None]
    raw = [people + wide * draw.standard_normal(people.shape) for _ in range(2)]
    output = NetworkOutput.of_unit_length(np.concatenate(raw).astype(np.float32))
    return Faces(output, np.tile(np.arange(300), 2))


@pytest.fixture(scope="module")
def found(real: Faces) -> Likeness:
    """Their spread."""
    return likeness.of_faces(real)


def apart(one: NetworkOutput, other: NetworkOutput) -> np.ndarray:
    """The distances of captures, row by row."""
    return np.asarray(np.linalg.norm(one.vectors - other.vectors, axis=1))


def shifted(one: NetworkOutput, by: int) -> np.ndarray:
    """The distances of captures of different people."""
    return apart(one, NetworkOutput(np.roll(one.vectors, by, axis=0), one.norms))


def test_drawn_people_are_as_far_apart_as_real_ones(real: Faces, found: Likeness) -> None:
    people = found.drawn(3000, 5)
    first, second = found.captures(people, 1), found.captures(people, 2)
    half = len(real.codes) // 2
    once, again = real.among(np.arange(half)).output, real.among(np.arange(half, 2 * half)).output
    quarters = [0.25, 0.5, 0.75]
    same = np.quantile(apart(first, second), quarters)
    assert same == pytest.approx(np.quantile(apart(once, again), quarters), rel=0.15)
    different = np.quantile(np.concatenate([shifted(first, by) for by in (1, 2, 3)]), quarters)
    expected = np.quantile(np.concatenate([shifted(once, by) for by in (1, 2, 3)]), quarters)
    assert different == pytest.approx(expected, rel=0.15)
    assert np.isin(first.norms, real.output.norms).all()


def test_equal_seeds_draw_the_same_people_and_others_draw_others(found: Likeness) -> None:
    assert (found.drawn(9, 5).centres == found.drawn(9, 5).centres).all()
    assert (found.drawn(9, 5).centres != found.drawn(9, 6).centres).any(axis=1).all()
    assert len(np.unique(found.draw(500, DIMENSION, 7).vectors, axis=0)) == 500


def test_a_file_keeps_it(found: Likeness, tmp_path: Path) -> None:
    found.save(tmp_path / "kept.npz")
    kept = likeness.load(tmp_path / "kept.npz")
    assert (kept.draw(5, DIMENSION, 1).vectors == found.draw(5, DIMENSION, 1).vectors).all()
