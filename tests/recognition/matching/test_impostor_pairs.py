"""Pairs of different subjects: each once, however many templates, the nearest of all."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.consent.gate import Permission
from facecli.recognition.engines.engine import spec
from facecli.recognition.engines.scoring import PLAIN, NetworkOutput, Stored, stored
from facecli.recognition.matching import impostor_pairs
from facecli.recognition.matching.impostor_pairs import Sample, drawn, nearest, without
from facecli.recognition.matching.references import References

SFACE = spec("sface").scoring


def blocks(subjects: list[int], seed: int = 0, size: int = 50) -> list[References]:
    """Random templates of these subjects, in blocks as shards give them."""
    raw = np.random.default_rng(seed).standard_normal((len(subjects), 128)).astype(np.float32)
    forms = stored(SFACE, NetworkOutput.of_unit_length(raw))
    owners = np.array(subjects, np.int64)
    return [
        References(
            SFACE, Stored(forms.rows[at : at + size], forms.codes[at : at + size]),
            owners[at : at + size],
        )
        for at in range(0, len(subjects), size)
    ]  # fmt: skip


def by_hand(sample: Sample) -> dict[tuple[int, int], float]:
    """The distance of each pair, one after another in double precision."""
    ends = [*sample.starts[1:], len(sample.rows)]
    rows, offsets = sample.rows.astype(float), sample.offsets.astype(float)
    found = {}
    for one in range(len(sample.subjects)):
        probe = sample.probes[one]
        for other in range(one + 1, len(sample.subjects)):
            among = slice(sample.starts[other], ends[other])
            squares = offsets[probe] + offsets[among] - 2 * SFACE.square * rows[among] @ rows[probe]
            found[one, other] = float(np.sqrt(np.maximum(squares.min(), 0)))
    return found


@pytest.mark.parametrize("templates", [1, 3])
def test_each_pair_is_compared_once_with_the_nearest_template(
    monkeypatch: pytest.MonkeyPatch, templates: int
) -> None:
    monkeypatch.setattr(impostor_pairs, "PROBES", 16)
    people = [number for number in range(1, 71) for _ in range(templates if number % 3 else 1)]
    sample = Sample.of(SFACE, blocks(people))
    assert sorted(sample.subjects.tolist()) == list(range(1, 71))
    near = nearest(sample)
    every = by_hand(sample)
    assert near.all_pairs == len(every) == 70 * 69 // 2
    expected = sorted(every.values())[: len(near.distances)]
    assert near.distances == pytest.approx(expected, abs=1e-5)
    assert near.limit == near.distances[-1]
    assert len(near.distances) == int(0.1 * near.all_pairs)
    for first, second, distance in zip(near.first, near.second, near.distances, strict=True):
        assert every[first, second] == pytest.approx(distance, abs=1e-5)


def test_few_pairs_are_kept_between_two_trims(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Sample.of(SFACE, blocks(list(range(1, 201))))
    whole = nearest(sample)
    monkeypatch.setattr(impostor_pairs, "MOST_KEPT", 100)
    monkeypatch.setattr(impostor_pairs, "PROBES", 8)
    few = nearest(sample)
    assert few.distances == pytest.approx(whole.distances[:100])
    assert (few.first == whole.first[:100]).all()


def test_copies_of_one_template_leave_no_pair_out_by_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of equal distances at the end none is kept, so that every pair within the limit is there."""
    monkeypatch.setattr(impostor_pairs, "LEAST_KEPT", 4)
    one = blocks(list(range(1, 61)))[0]
    same = References(SFACE, one.part(np.zeros(20, np.int64)), np.arange(1, 21))
    assert len(nearest(Sample.of(SFACE, [same])).distances) == 0


def test_one_subject_with_many_templates_makes_no_more_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = [*range(2, 61), *[1] * 500]
    permission = Permission(
        np.ones(len(people), np.uint32), np.arange(len(people), dtype=np.uint32),
        np.array(people, np.uint32), None,
    )  # fmt: skip
    chosen = drawn(permission)
    assert np.bincount(chosen.subjects)[1] == impostor_pairs.MOST_OF_ONE
    assert (np.diff(chosen.slots.astype(int)) > 0).all()
    sample = Sample.of(SFACE, blocks(chosen.subjects.tolist()))
    assert nearest(sample).all_pairs == 60 * 59 // 2


def test_of_a_large_gallery_a_part_is_drawn_whatever_its_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(impostor_pairs, "MOST_SUBJECTS", 40)
    people = np.repeat(np.arange(1, 101, dtype=np.uint32), 2)
    permission = Permission(
        np.repeat(np.arange(4, dtype=np.uint32), 50), np.tile(np.arange(50, dtype=np.uint32), 4),
        people, "2027-01-01T00:00:00Z",
    )  # fmt: skip
    chosen = drawn(permission)
    assert len(np.unique(chosen.subjects)) == 40
    assert len(chosen) == 80
    assert chosen.valid_until == permission.valid_until
    monkeypatch.setattr(impostor_pairs, "MOST_TEMPLATES", 30)
    assert len(drawn(permission)) == 30
    none = np.empty(0, np.uint32)
    assert len(drawn(Permission(none, none, none, None))) == 0


def test_a_plain_engine_is_compared_as_matching_compares_it() -> None:
    vectors = np.random.default_rng(3).standard_normal((80, 16)).astype(np.float32)
    block = References(PLAIN, Stored(vectors, np.zeros(80, np.int8)), np.arange(1, 81))
    near = nearest(Sample.of(PLAIN, [block]))
    every = np.sqrt(((vectors[:, None] - vectors[None]) ** 2).sum(axis=2))[np.triu_indices(80, 1)]
    assert near.distances == pytest.approx(np.sort(every)[: len(near.distances)], abs=1e-4)


def test_subjects_left_out_take_their_pairs_along() -> None:
    near = nearest(Sample.of(SFACE, blocks(list(range(1, 81)))))
    gone = near.first[:2]
    rest = without(near, gone)
    assert rest.subjects == 80 - len(set(gone.tolist()))
    assert rest.first.max() < rest.subjects > rest.second.max()
    stays = ~(np.isin(near.first, gone) | np.isin(near.second, gone))
    assert (rest.distances == near.distances[stays]).all()


def test_a_subject_is_searched_among_the_templates_of_the_others() -> None:
    sample = Sample.of(SFACE, blocks([1, 2, 2, 3, 3, 3]))
    assert sample.others_of_one() == 4
    where = sample.subjects.tolist().index(3)
    assert sample.others_of_one([where]) == 1
