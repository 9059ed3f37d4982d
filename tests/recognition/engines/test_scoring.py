"""Stored forms of templates and the distance between them, against the formula written out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.recognition.engines import engine, scoring
from facecli.recognition.engines.scoring import (
    PLAIN,
    Crowds,
    NetworkOutput,
    NormTerm,
    Scoring,
    Stored,
)

DIMENSION = 128
FILE = "dlib.crowds.json"
CONTENT = files("facecli.models").joinpath(FILE).read_bytes()
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NORM = NormTerm(0.01, 9, 12.25, 15)


def faces(count: int, seed: int = 1) -> NetworkOutput:
    """Templates of unit length with norms around SFace's."""
    draw = np.random.default_rng(seed)
    raw = draw.standard_normal((count, DIMENSION))
    raw *= draw.uniform(8, 16, (count, 1)) / np.linalg.norm(raw, axis=1, keepdims=True)
    return NetworkOutput.of_unit_length(raw.astype(np.float32))


@pytest.fixture
def how() -> Scoring:
    """The crowds that ship for `dlib`, with a norm and 8 bits as well."""
    return Scoring(Crowds(FILE, DIGEST, 0.2, 0.1), NORM, 0.5 / 127, 0.001)


def written_out(a: NetworkOutput, b: NetworkOutput) -> np.ndarray:
    """The distance by the formula at the head of `scoring`, without rounding."""
    crowds = np.array(json.loads(CONTENT)["crowds"])
    crowds /= np.linalg.norm(crowds, axis=1, keepdims=True)
    score = (a.vectors.astype(float) * b.vectors.astype(float)).sum(1)
    for each in (a, b):
        score -= 0.2 * ((each.vectors @ crowds.T).max(axis=1) - 0.1)
        score -= 0.01 * (each.norms.clip(9, 15) - 12.25)
    return np.sqrt(np.maximum(2 - 2 * score, 0))


@pytest.mark.parametrize("step", [None, 0.5 / 127])
def test_the_distance_is_that_of_the_formula(how: Scoring, step: float | None) -> None:
    how = replace(how, step=step)
    a, b = faces(200, 1), faces(200, 2)
    found = scoring.paired_distances(how, scoring.stored(how, a), scoring.stored(how, b))
    assert np.abs(found - written_out(a, b)).max() < (2e-3 if step is None else 0.01)


def test_without_handicaps_it_is_the_euclidean_distance() -> None:
    a, b = faces(50, 1), faces(50, 2)
    found = scoring.paired_distances(PLAIN, scoring.stored(PLAIN, a), scoring.stored(PLAIN, b))
    assert np.allclose(found, np.linalg.norm(a.vectors - b.vectors, axis=1), atol=1e-6)
    same = scoring.stored(PLAIN, a)
    assert not scoring.paired_distances(PLAIN, same, same).any()


def test_8_bits_are_compared_by_whole_numbers_only(how: Scoring) -> None:
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
    how = Scoring(None, norm, step, None if norm is None else 0.001)
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
def test_a_norm_beyond_its_range_counts_as_the_end_of_it(norm: float) -> None:
    output = NetworkOutput(faces(1).vectors, np.array([norm], np.float32))
    forms = scoring.stored(Scoring(norm=NORM, handicap_step=0.001), output)
    exact = NORM.weight * (min(max(norm, NORM.low), NORM.high) - NORM.middle)
    assert abs(forms.codes[0] * 0.001 - exact) <= 0.00051


def test_a_handicap_beyond_8_bits_is_clipped() -> None:
    output = NetworkOutput(faces(2).vectors, np.array([9, 15], "f4"))
    forms = scoring.stored(Scoring(norm=NORM, handicap_step=0.0001), output)
    assert forms.codes.tolist() == [-127, 127]


def test_components_beyond_8_bits_are_clipped() -> None:
    how = Scoring(step=0.5 / 127)
    forms = scoring.stored(how, NetworkOutput.unchanged(np.array([[0.8, -0.599, 0.01]], "f4")))
    assert forms.rows.tolist() == [[127, -127, 3]]


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 8, DIMENSION]))
def test_what_was_stored_fits_whatever_was_rounded_and_clipped(seed: int, count: int) -> None:
    raw = np.zeros((3, DIMENSION), np.float32)
    raw[:, :count] = np.random.default_rng(seed).standard_normal((3, count))
    how = Scoring(step=0.5 / 127)
    assert scoring.fits(how, scoring.stored(how, NetworkOutput.of_unit_length(raw)))
    assert scoring.fits(PLAIN, scoring.stored(PLAIN, NetworkOutput.of_unit_length(raw)))


@pytest.mark.parametrize("length", [1e-20, 0.9, 1.1, 1e17])
@pytest.mark.parametrize("step", [None, 0.5 / 127])
def test_a_vector_of_another_length_is_refused(
    how: Scoring, step: float | None, length: float
) -> None:
    made = faces(3)
    made.vectors[1] *= length
    with pytest.raises(ValueError, match="a length that cannot be compared"):
        scoring.stored(replace(how, step=step), made)
    assert len(scoring.stored(PLAIN, made)) == 3


@pytest.mark.parametrize("count", [0, 1, scoring.AT_ONCE, 2 * scoring.AT_ONCE + 1])
@pytest.mark.parametrize("step", [None, 0.5 / 127])
def test_every_row_is_in_one_part_and_is_checked(step: float | None, count: int) -> None:
    how = Scoring(step=step, norm=NORM, handicap_step=0.01)
    forms = scoring.stored(how, faces(count))
    parts = [(place, part.copy()) for place, part in scoring.in_parts(forms.rows)]
    assert [row for place, _ in parts for row in range(count)[place]] == [*range(count)]
    assert all((part == forms.rows[place]).all() for place, part in parts)
    assert all(part.dtype == np.float32 for _, part in parts)
    assert scoring.fits(how, forms)
    if count:
        forms.rows[-1] = 0
        assert not scoring.fits(how, forms)


def test_a_vector_that_is_too_long_to_be_compared_is_refused() -> None:
    made = faces(3)
    made.vectors[1] *= 1e19
    with pytest.raises(ValueError, match="a length that cannot be compared"):
        scoring.stored(PLAIN, made)


@pytest.mark.parametrize("largest", [0.4, 0.45, 0.55, 0.6, 1.0])
def test_rows_of_another_step_do_not_fit(largest: float) -> None:
    other = scoring.stored(Scoring(step=largest / 127), faces(50))
    assert not scoring.fits(Scoring(step=0.5 / 127), other)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_components_that_are_no_numbers_do_not_fit(value: float) -> None:
    forms = scoring.stored(PLAIN, faces(3))
    forms.rows[1, 5] = value
    assert not scoring.fits(PLAIN, forms)


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_a_vector_of_no_use_is_refused(value: float) -> None:
    vectors = np.full((1, DIMENSION), value, np.float32)
    with pytest.raises(ValueError, match="template of zeros"):
        scoring.stored(PLAIN, NetworkOutput(vectors, np.ones(1, np.float32)))


def test_a_missing_norm_is_refused_where_it_counts() -> None:
    output = NetworkOutput.unchanged(np.ones((1, DIMENSION), np.float32))
    assert len(scoring.stored(PLAIN, output)) == 1
    with pytest.raises(ValueError, match="without a norm"):
        scoring.stored(Scoring(norm=NORM, handicap_step=0.001), output)


def test_no_faces_have_no_stored_forms(how: Scoring) -> None:
    forms = scoring.stored(how, NetworkOutput.of_unit_length(np.empty((0, DIMENSION), "f4")))
    assert len(forms) == 0
    assert scoring.packed(how, forms) == []


@pytest.mark.parametrize("parts", [{"norm": NORM}, {"handicap_step": 0.001}])
def test_handicaps_need_a_step_and_the_step_needs_them(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="handicaps"):
        Scoring(**parts)


def test_another_file_of_crowds_is_refused() -> None:
    how = Scoring(Crowds(FILE, "0" * 64, 0.2, 0.1), handicap_step=0.001)
    with pytest.raises(ValueError, match="not the file"):
        scoring.stored(how, faces(1))


@pytest.mark.parametrize("name", ["dlib", "sface"])
def test_no_crowd_that_ships_is_one_person(name: str) -> None:
    record = json.loads(files("facecli.models").joinpath(f"{name}.crowds.json").read_bytes())
    assert record["origin"]["smallest_crowd"] >= 10
    assert record["origin"]["network"] == engine.spec(name).network
    assert {len(crowd) for crowd in record["crowds"]} == {engine.spec(name).dimension}
