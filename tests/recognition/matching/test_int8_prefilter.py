"""The first look in 8 bits passes over nothing that is near enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.recognition.matching import int8_prefilter
from facecli.recognition.matching.int8_prefilter import Prefilter
from facecli.recognition.matching.references import Candidate
from tests.recognition.matching.test_gallery import plain


def some_vectors(seed: int, count: int, dimension: int, kind: str) -> np.ndarray:
    """(count, dimension) float32 of unit length: spread evenly, all alike, or along the axes."""
    random = np.random.default_rng(seed)
    found = random.standard_normal((count, dimension))
    if kind == "crowded":
        found = found[:1] + found / 50
    if kind == "axes":  # nearly all components are nothing, one is as large as can be
        found = np.eye(dimension)[random.integers(0, dimension, count)] * random.choice(
            [-1, 1], (count, 1)
        )
    if kind == "halves":  # every component lies between two steps, or nearly
        found = np.round(found * 8) + 0.5
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def pairs(found: tuple[np.ndarray, ...]) -> set[tuple[int, int]]:
    """Probes and references as pairs."""
    probes, references = found
    return set(zip(probes.tolist(), references.tolist(), strict=True))


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    probes=st.integers(1, 20),
    references=st.integers(1, 60),
    dimension=st.sampled_from([1, 2, 3, 8, 128, 512]),
    kinds=st.tuples(*[st.sampled_from(["even", "crowded", "axes", "halves"])] * 2),
    lengths=st.tuples(*[st.sampled_from([1e-3, 0.7, 1.0, 30.0])] * 2),
    offset=st.sampled_from([0.0, 0.1, 1.0]),
)
def test_no_pair_whose_product_is_large_enough_is_passed_over(
    seed: int, probes: int, references: int, dimension: int,
    kinds: tuple[str, str], lengths: tuple[float, float], offset: float,
) -> None:  # fmt: skip
    ours = some_vectors(seed, probes, dimension, kinds[0]) * np.float32(lengths[0])
    theirs = some_vectors(seed + 1, references, dimension, kinds[1]) * np.float32(lengths[1])
    products = ours.astype(np.float64) @ theirs.astype(np.float64).T
    # Each probe's limit is one of its own products: what lies on the limit is found as well.
    least = products[np.arange(probes), np.arange(probes) % references]
    more = np.random.default_rng(seed).uniform(0, offset, references) * lengths[0] * lengths[1]
    products -= more
    longest = float(np.linalg.norm(theirs.astype(np.float64), axis=1).max())
    found = pairs(Prefilter(ours).within(theirs, longest, least, more))
    must = pairs(np.nonzero(products >= least[:, None]))
    assert must <= found
    # And what is found beyond them is no more than the rounding explains.
    step, own = lengths[1] / 127 * 1.01, np.abs(ours).max() / 63 * 1.01
    hidden = (lengths[0] + own * dimension**0.5) * step * dimension**0.5 / 2
    hidden += own * dimension**0.5 / 2 * longest + 2 * step * own
    assert all(products[p, r] >= least[p] - 2 * hidden for p, r in found)


def test_the_products_are_exact_at_the_ends_of_their_range() -> None:
    """Instructions that add two products in 16 bits would cut off what is larger."""
    random = np.random.default_rng(1)
    references = random.choice([-127, 127], (300, 512)).astype(np.int8)
    references[0], references[1] = 127, -127
    probes = random.choice([-63, 63], (100, 512)).astype(np.int8)
    probes[0], probes[1] = 63, -63
    found = int8_prefilter.products(references, np.ascontiguousarray(probes.T))
    assert found.dtype == np.int32
    assert (found == references.astype(np.int64) @ probes.T.astype(np.int64)).all()
    assert found.max() == 512 * 63 * 127


def found_with(patch: pytest.MonkeyPatch, first_look: bool, *arguments: Any) -> Any:
    patch.setattr(int8_prefilter, "LEAST_PROBES", 1 if first_look else 10**9)
    patch.setattr(int8_prefilter, "LEAST_CELLS", 1)
    patch.setattr(int8_prefilter, "ROWS", 50)
    gallery, *asked = arguments
    return gallery.search_all(*asked)


@pytest.mark.parametrize("threshold", [0.0, 0.9, 1.2, 1.6])
@pytest.mark.parametrize("lengths", ["alike", "different"])
def test_a_search_has_the_same_answer_with_and_without_it(
    monkeypatch: pytest.MonkeyPatch, threshold: float, lengths: str
) -> None:
    random = np.random.default_rng(7)
    vectors = some_vectors(8, 700, 128, "even")
    if lengths == "different":
        vectors *= random.uniform(0.8, 1.2, (700, 1)).astype(np.float32)
    probes = vectors[::9] + np.float32(0.07) * some_vectors(9, 78, 128, "even")
    packed = [probe.tobytes() for probe in (*probes, vectors[5])]
    owners = random.integers(1, 300, 700).tolist()
    gallery = plain(vectors, owners)
    looks = []
    real = Prefilter.within
    monkeypatch.setattr(Prefilter, "within", lambda *args: looks.append(1) or real(*args))
    with_it = found_with(monkeypatch, True, gallery, packed, threshold, 4)
    assert len(looks) == 14
    assert with_it == found_with(monkeypatch, False, gallery, packed, threshold, 4)
    assert any(with_it)
    assert Candidate(owners[5], 0.0) in with_it[-1]


def test_a_probe_that_is_no_template_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors = some_vectors(1, 100, 128, "even")
    packed = [vectors[7].tobytes(), np.full(128, np.nan, np.float32).tobytes()]
    found = found_with(monkeypatch, True, plain(vectors, range(100)), packed, 0.1, 1)
    assert found == [[Candidate(7, 0.0)], []]


def test_many_small_searches_of_one_gallery_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    real = Prefilter.within
    monkeypatch.setattr(Prefilter, "within", lambda *args: looks.append(1) or real(*args))
    monkeypatch.setattr(int8_prefilter, "LEAST_CELLS", 3 * 64 * 64)
    vectors = some_vectors(1, 64, 128, "even")
    packed = [vector.tobytes() for vector in vectors]
    gallery = plain(vectors, range(64))
    found = [gallery.search_all(packed, 0.1, 1) for _ in range(4)]
    assert len(looks) == 2
    assert found == [[[Candidate(own, 0.0)] for own in range(64)]] * 4


def test_small_searches_do_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8_prefilter, "Prefilter", None)
    vectors = some_vectors(1, 500, 8, "even")
    gallery = plain(vectors, range(500))
    found = gallery.search_all([vector.tobytes() for vector in vectors], 0.0, 1)
    assert [one[0].subject_id for one in found] == list(range(500))
