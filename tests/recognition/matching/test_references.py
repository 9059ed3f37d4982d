"""References: offsets and lengths of every row, in parts as at once."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import PLAIN, Scoring, Stored
from facecli.recognition.matching import references
from facecli.recognition.matching.references import References
from tests.prepared import SPEC


@pytest.mark.parametrize("how", [SPEC.scoring, PLAIN, Scoring(step=0.5 / 127)])
def test_offsets_and_lengths_are_those_of_each_row(
    how: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "AT_ONCE", 7)
    random = np.random.default_rng(1)
    rows = random.integers(-127, 128, (20, 16))
    codes = random.integers(-127, 128, 20).astype(np.int8)
    forms = Stored(rows.astype(np.int8), codes)
    if how.step is None:
        forms = Stored(rows.astype(np.float32), codes)
    found = References(how, forms, np.arange(20))
    assert len(found) == 20
    assert found.offsets.tolist() == scoring.offsets(how, forms).tolist()
    assert found.lengths == pytest.approx(np.linalg.norm(forms.rows.astype(float), axis=1))


def test_a_part_has_rows_and_codes_of_the_same_templates() -> None:
    forms = Stored(np.arange(12, dtype=np.int8).reshape(4, 3), np.arange(4, dtype=np.int8))
    found = References(SPEC.scoring, forms, np.arange(4))
    part = found.part(np.array([2, 0]))
    assert part.rows.tolist() == [[6, 7, 8], [0, 1, 2]]
    assert part.codes.tolist() == [2, 0]


def test_nothing_has_no_offsets() -> None:
    nothing = Stored(np.empty((0, 128), np.int8), np.empty(0, np.int8))
    found = References(SPEC.scoring, nothing, np.empty(0, np.int64))
    assert (len(found), len(found.offsets), len(found.lengths)) == (0, 0, 0)
