from __future__ import annotations

import numpy as np
import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.engines.calibration import Scale
from facecli.recognition.evaluation import distances as module
from facecli.recognition.evaluation.distances import Distances, Euclidean, Normalised
from tests.recognition.synthetic import people_and_templates

SCALE = Scale(cohort=12, nearest=3, usual=2.0, low=0.5, high=9.0)


def made(kind: str) -> tuple[Distances, np.ndarray, np.ndarray]:
    labels, templates = people_and_templates(20, 3)
    codes = np.unique(labels, return_inverse=True)[1]
    found = Euclidean(templates) if kind == "plain" else Normalised(templates, codes, SCALE)
    return found, templates, codes


@pytest.mark.parametrize("kind", ["plain", "normalised"])
def test_blocks_and_single_pairs_have_the_same_distances(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", 7)
    found, _, _ = made(kind)
    rows = np.stack(np.triu_indices(len(found), 1), axis=1)
    square = np.zeros((len(found), len(found)))
    for start, block in found.blocks():
        square[start : start + len(block), start:] = block
    assert square[rows[:, 0], rows[:, 1]] == pytest.approx(found.of(rows), abs=2e-3)


@pytest.mark.parametrize("kind", ["plain", "normalised"])
def test_a_part_keeps_the_distances_of_the_whole(kind: str) -> None:
    found, _, _ = made(kind)
    rows = np.array([3, 40, 11, 59])
    part = found.among(rows)
    assert len(part) == 4
    pairs = np.array([[0, 1], [1, 3], [2, 3]])
    assert part.of(pairs) == pytest.approx(found.of(rows[pairs]))


def test_plain_distances_are_euclidean() -> None:
    found, templates, _ = made("plain")
    expected = np.linalg.norm(templates[5].astype(np.float64) - templates[50])
    assert found.of(np.array([[5, 50]])) == pytest.approx([expected], rel=1e-5)


def test_a_set_of_too_few_people_has_no_normalised_distances() -> None:
    labels, templates = people_and_templates(13, 2)
    codes = np.unique(labels, return_inverse=True)[1]
    with pytest.raises(BadInput, match="13 people; normalised distances need 14"):
        Normalised(templates, codes, SCALE)
