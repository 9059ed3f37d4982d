from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import NetworkOutput, NormTerm, Scoring
from facecli.recognition.evaluation import distances as module
from facecli.recognition.evaluation.distances import Templates
from tests.recognition.synthetic import people_and_templates, plain

CORRECTED = Scoring(norm=NormTerm(0.01, 0.0, 4.0, 8.0), step=0.5 / 127, handicap_step=0.001)


def made(kind: str) -> tuple[Templates, np.ndarray]:
    _, templates = people_and_templates(20, 3)
    if kind == "plain":
        return plain(templates), templates
    output = NetworkOutput.of_unit_length(templates)
    return Templates(CORRECTED, scoring.stored(CORRECTED, output)), templates


@pytest.mark.parametrize("kind", ["plain", "corrected"])
def test_blocks_and_single_pairs_have_the_same_distances(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", 7)
    found, _ = made(kind)
    rows = np.stack(np.triu_indices(len(found), 1), axis=1)
    square = np.zeros((len(found), len(found)))
    for start, block in found.blocks():
        square[start : start + len(block), start:] = block
    assert square[rows[:, 0], rows[:, 1]] == pytest.approx(found.of(rows), abs=2e-3)


@pytest.mark.parametrize("kind", ["plain", "corrected"])
def test_a_part_keeps_the_distances_of_the_whole(kind: str) -> None:
    found, _ = made(kind)
    rows = np.array([3, 40, 11, 59])
    part = found.among(rows)
    assert len(part) == 4
    pairs = np.array([[0, 1], [1, 3], [2, 3]])
    assert part.of(pairs) == pytest.approx(found.of(rows[pairs]))
    across = part.to(found)
    assert across.shape == (4, len(found))
    assert across[1, 11] == pytest.approx(found.of(np.array([[40, 11]]))[0], abs=2e-3)


def test_plain_distances_are_euclidean() -> None:
    found, templates = made("plain")
    expected = np.linalg.norm(templates[5].astype(np.float64) - templates[50])
    assert found.of(np.array([[5, 50]])) == pytest.approx([expected], rel=1e-5)


def test_distances_of_8_bits_are_the_same_in_blocks_and_singly() -> None:
    found, _ = made("corrected")
    [(_, block)] = found.blocks()
    rows = np.stack(np.triu_indices(len(found), 1), axis=1)
    assert (block[rows[:, 0], rows[:, 1]] == found.of(rows).astype(np.float32)).all()
