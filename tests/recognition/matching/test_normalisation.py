"""Local score normalisation against its definition, computed one pair at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.errors.command_line import BadInput
from facecli.recognition.engines.calibration import Scale
from facecli.recognition.evaluation.distances import Euclidean, Normalised
from facecli.recognition.matching import comparison
from tests.recognition.matching.test_gallery import plain
from tests.recognition.synthetic import people_and_templates

SCALE = Scale(cohort=9, nearest=3, usual=12.0, low=5.0, high=40.0)


def isolation(
    face: np.ndarray, cohort: Sequence[tuple[np.ndarray, int]], without: set[int], scale: Scale
) -> float:
    """The mean squared distance to the nearest of the cohort, some subjects left out."""
    squared = sorted(
        float(((face.astype(np.float64) - vector) ** 2).sum())
        for vector, subject in cohort
        if subject not in without
    )
    return float(np.clip(np.mean(squared[: scale.nearest]), scale.low, scale.high))


def normalised(
    probe: np.ndarray, reference: np.ndarray, subject: int, cohort: list, scale: Scale
) -> float:
    """The distance that the definition gives."""
    distance = float(np.linalg.norm(probe.astype(np.float64) - reference))
    both = [isolation(face, cohort, {subject}, scale) for face in (probe, reference)]
    return distance * float(np.sqrt(2 * scale.usual / sum(both)))


class World:
    """References of 20 people in a space of 8 dimensions, one each of nine of them the cohort."""

    def __init__(self, seed: int, scale: Scale = SCALE) -> None:
        random = np.random.default_rng(seed)
        self.vectors = (random.normal(size=(60, 8)) * random.choice([0.5, 1, 2], (60, 1))).astype(
            np.float32
        )
        self.owners = [at % 20 for at in range(60)]
        self.places = list(range(5, 14))
        self.scale = scale
        self.gallery = plain(self.vectors, self.owners, self.places)
        self.cohort = [(self.vectors[at].astype(np.float64), self.owners[at]) for at in self.places]
        self.probes = (self.vectors[30:36] + random.normal(size=(6, 8)) / 4).astype(np.float32)

    def distance(self, probe: np.ndarray, subject: int) -> float:
        return min(
            normalised(probe, vector, subject, self.cohort, self.scale)
            for vector, owner in zip(self.vectors, self.owners, strict=True)
            if owner == subject
        )


def packed(probe: np.ndarray) -> bytes:
    return probe.astype("<f4").tobytes()


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    threshold=st.sampled_from([0.5, 2.0, 3.0, 9.0, 100.0]),
    top_k=st.integers(1, 22),
    block=st.sampled_from([7, 2**21]),
)
def test_a_search_is_what_the_definition_gives(
    seed: int, threshold: float, top_k: int, block: int
) -> None:
    world = World(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "CELLS", block)
        found = world.gallery.search_all(
            [packed(probe) for probe in world.probes], threshold, top_k, world.scale
        )
    for probe, candidates in zip(world.probes, found, strict=True):
        every = sorted((world.distance(probe, subject), subject) for subject in range(20))
        expected = [one for one in every if one[0] <= threshold][:top_k]
        assert [one.subject_id for one in candidates] == [subject for _, subject in expected]
        assert [one.distance for one in candidates] == pytest.approx([one for one, _ in expected])


def test_a_verification_has_the_distance_of_a_search() -> None:
    world = World(3)
    for probe in world.probes:
        for one in world.gallery.search(packed(probe), 100, 20, world.scale):
            assert (
                world.gallery.distance(packed(probe), one.subject_id, world.scale) == one.distance
            )


def test_the_usual_face_keeps_its_distance_and_a_copy_stays_a_copy() -> None:
    flat = Scale(cohort=9, nearest=3, usual=12.0, low=12.0, high=12.0)
    world = World(4, flat)
    flat_gallery = plain(world.vectors, world.owners)
    for probe in world.probes:
        assert world.gallery.search(packed(probe), 9, 5, flat) == flat_gallery.search(
            packed(probe), 9, 5
        )
    copy = packed(world.vectors[0])
    assert World(4).gallery.search(copy, 0.0, 1, SCALE)[0].distance == 0


def test_in_a_crowd_a_distance_counts_for_more() -> None:
    random = np.random.default_rng(2)
    crowd, alone = random.normal(size=8) * 0, random.normal(size=8) * 50
    members = np.concatenate(
        [crowd + random.normal(size=(9, 8)), alone + random.normal(size=(1, 8))]
    )
    gallery = plain(members.astype(np.float32), range(10), range(9))
    scale = Scale(cohort=9, nearest=3, usual=100.0, low=0.1, high=1e5)
    step = np.full(8, 0.1)
    for subject, stretched in ((0, True), (9, False)):
        probe = packed(members[subject] + step)
        usual = gallery.distance(probe, subject)
        assert (gallery.distance(probe, subject, scale) > usual) is stretched


def test_a_gallery_with_too_few_people_is_not_normalised() -> None:
    world = World(5)
    few = plain(world.vectors, world.owners, world.places[:8])
    with pytest.raises(ValueError, match="too small"):
        few.search(packed(world.probes[0]), 1, 1, SCALE)


def test_a_template_that_is_added_is_normalised_as_well() -> None:
    world = World(6)
    world.gallery.search(packed(world.probes[0]), 9, 1, SCALE)
    world.gallery.add(packed(world.probes[0]), 77)
    [found] = world.gallery.search(packed(world.probes[0]), 9, 1, SCALE)
    assert (found.subject_id, found.distance) == (77, 0)


def test_in_an_evaluation_neither_person_is_in_the_cohort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facecli.recognition.evaluation.distances.BLOCK", 13)
    labels, templates = people_and_templates(14, 3)
    codes = np.unique(labels, return_inverse=True)[1]
    distances = Normalised(templates, codes, SCALE)
    members = {code: templates[3 * code].astype(np.float64) for code in range(14)}
    cohort = [(members[code], code) for code in range(14) if distances._member[3 * code] < 9]
    assert len(cohort) == 9
    whole = np.zeros((42, 42))
    for start, block in distances.blocks():
        whole[start : start + len(block), start:] = block
    pairs = np.array([(0, 1), (0, 5), (3, 40), (17, 30), (8, 9)])
    for (one, other), found in zip(pairs, distances.of(pairs), strict=True):
        without = {int(codes[one]), int(codes[other])}
        both = [isolation(templates[at], cohort, without, SCALE) for at in (one, other)]
        plain = float(np.linalg.norm(templates[one] - templates[other]))
        expected = plain * np.sqrt(2 * SCALE.usual / sum(both))
        assert (found, whole[one, other]) == (pytest.approx(expected, rel=1e-5),) * 2
    part = distances.among(np.array([3, 40]))
    assert part.of(np.array([(0, 1)])) == pytest.approx(distances.of(np.array([(3, 40)])))
    assert len(part) == 2


def test_a_scale_is_measured_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COHORT", 9), ("NEAREST", 3)):
        monkeypatch.setattr(f"facecli.recognition.evaluation.distances.{name}", value)
    labels, templates = people_and_templates(14, 3)
    codes = np.unique(labels, return_inverse=True)[1]
    scale = Normalised(templates, codes).scale
    assert (scale.cohort, scale.nearest) == (9, 3)
    assert 0 < scale.low < scale.usual < scale.high
    with pytest.raises(BadInput, match="it shows 10 people; normalised distances need"):
        Normalised(templates[:30], codes[:30])


def test_plain_distances_are_euclidean() -> None:
    _, templates = people_and_templates(3, 2)
    distances = Euclidean(templates)
    pair = np.array([(0, 5)])
    assert distances.of(pair)[0] == pytest.approx(np.linalg.norm(templates[0] - templates[5]))
    assert distances.among(np.array([0, 5])).of(np.array([(0, 1)])) == distances.of(pair)
