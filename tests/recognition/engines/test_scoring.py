"""Stored forms of templates and the distance between them, against the formula written out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import (
    PLAIN,
    Centring,
    NetworkOutput,
    NormTerm,
    Scoring,
    Stored,
)

DIMENSION = 128
NORM = NormTerm(0.015, 10, 12.25, 14, 0.03125)


def faces(count: int, seed: int = 1) -> NetworkOutput:
    """Templates of unit length with norms around SFace's."""
    draw = np.random.default_rng(seed)
    raw = draw.standard_normal((count, DIMENSION))
    raw *= draw.uniform(8, 16, (count, 1)) / np.linalg.norm(raw, axis=1, keepdims=True)
    return NetworkOutput.of_unit_length(raw.astype(np.float32))


@pytest.fixture
def centring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centring:
    """Centring with a mean of this test's own."""
    content = json.dumps({"mean": [1.0] * DIMENSION}).encode()
    (tmp_path / "mean.json").write_bytes(content)
    monkeypatch.setattr(scoring, "files", lambda _: tmp_path)
    scoring.mean_of.cache_clear()
    return Centring("mean.json", hashlib.sha256(content).hexdigest(), 0.2)


def written_out(a: NetworkOutput, b: NetworkOutput, w: float, term: NormTerm) -> np.ndarray:
    """The distance by the formula at the head of `scoring`, without rounding."""
    m = np.full(DIMENSION, DIMENSION**-0.5)
    one, other = a.vectors.astype(float), b.vectors.astype(float)
    clipped = [each.norms.clip(term.low, term.high) - term.middle for each in (a, b)]
    score = (one * other).sum(1) - w * (one @ m + other @ m)
    score -= term.weight * (clipped[0] + clipped[1]) / 2
    return np.sqrt(np.maximum(2 - 2 * score, 0))


@pytest.mark.parametrize("step", [None, 0.5 / 127])
def test_the_distance_is_that_of_the_formula(centring: Centring, step: float | None) -> None:
    how = Scoring(centring, NORM, step)
    a, b = faces(200, 1), faces(200, 2)
    found = scoring.paired_distances(how, scoring.stored(how, a), scoring.stored(how, b))
    exact = written_out(a, b, 0.2, NORM)
    assert np.abs(found - exact).max() < (5e-4 if step is None else 0.03)


def test_without_centring_and_norm_it_is_the_euclidean_distance() -> None:
    a, b = faces(50, 1), faces(50, 2)
    found = scoring.paired_distances(PLAIN, scoring.stored(PLAIN, a), scoring.stored(PLAIN, b))
    assert np.allclose(found, np.linalg.norm(a.vectors - b.vectors, axis=1), atol=1e-6)
    assert PLAIN.is_euclidean
    same = scoring.stored(PLAIN, a)
    assert not scoring.paired_distances(PLAIN, same, same).any()


def test_8_bits_are_compared_by_whole_numbers_only(centring: Centring) -> None:
    how = Scoring(centring, NORM, 0.5 / 127)
    a, b = scoring.stored(how, faces(80, 1)), scoring.stored(how, faces(80, 2))
    whole = np.einsum("ij,ij->i", a.rows.astype(int), b.rows.astype(int))
    offsets = scoring.offsets(how, a), scoring.offsets(how, b)
    exact = scoring.paired_distances(how, a, b)
    assert (scoring.distances(how, whole.astype(float), *offsets) == exact).all()
    single = np.einsum("ij,ij->i", a.rows.astype("f4"), b.rows.astype("f4"))
    assert (scoring.distances(how, single.astype(float), *offsets) == exact).all()


@pytest.mark.parametrize("norm", [None, NORM])
@pytest.mark.parametrize("step", [None, 0.5 / 127])
def test_bytes_give_back_the_stored_form(norm: NormTerm | None, step: float | None) -> None:
    how = Scoring(None, norm, step)
    forms = scoring.stored(how, faces(7))
    content = scoring.packed(how, forms)
    assert {len(one) for one in content} == {scoring.size(how, DIMENSION)}
    assert scoring.layout(how, DIMENSION).itemsize == scoring.size(how, DIMENSION)
    assert scoring.dimension_of(how, content[0]) == DIMENSION
    again = scoring.unpacked(how, DIMENSION, b"".join(content))
    assert (again.rows == forms.rows).all()
    assert again.rows.dtype == forms.rows.dtype
    assert (again.codes == forms.codes).all()
    assert len(again) == 7
    first, second = content[:2]
    pair = Stored(forms.rows[:1], forms.codes[:1]), Stored(forms.rows[1:2], forms.codes[1:2])
    expected = scoring.paired_distances(how, *pair)[0]
    assert scoring.distance_between(how, first, second) == expected
    with pytest.raises(ValueError, match="buffer size"):
        scoring.unpacked(how, DIMENSION, first + b"xx")


@given(st.floats(0, 1e6, width=32))
def test_a_norm_is_clipped_and_its_code_fits_8_bits(norm: float) -> None:
    vectors = np.ones((1, DIMENSION), np.float32)
    forms = scoring.stored(Scoring(norm=NORM), NetworkOutput(vectors, np.array([norm], np.float32)))
    inside = min(max(norm, NORM.low), NORM.high)
    assert abs(forms.codes[0] * NORM.step - (inside - NORM.middle)) <= NORM.step / 2


def test_components_beyond_8_bits_are_clipped() -> None:
    how = Scoring(step=0.1)
    forms = scoring.stored(how, NetworkOutput.unchanged(np.array([[99.0, -99, 0.26]], "f4")))
    assert forms.rows.tolist() == [[127, -127, 3]]


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_a_vector_of_no_use_is_refused(value: float) -> None:
    vectors = np.full((1, DIMENSION), value, np.float32)
    with pytest.raises(ValueError, match="template of zeros"):
        scoring.stored(PLAIN, NetworkOutput(vectors, np.ones(1, np.float32)))


def test_a_missing_norm_is_refused_where_it_counts() -> None:
    output = NetworkOutput.unchanged(np.ones((1, DIMENSION), np.float32))
    assert len(scoring.stored(PLAIN, output)) == 1
    with pytest.raises(ValueError, match="without a norm"):
        scoring.stored(Scoring(norm=NORM), output)


def test_a_range_of_norms_beyond_8_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="range of norms"):
        NormTerm(0.015, 0, 12, 100, 0.03125)


def test_another_file_of_the_mean_is_refused(centring: Centring, tmp_path: Path) -> None:
    (tmp_path / "mean.json").write_text('{"mean": [2.0, 1.0]}')
    with pytest.raises(ValueError, match="not the file"):
        scoring.stored(Scoring(centring), faces(1))
