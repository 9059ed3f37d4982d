"""One search: the probes of each image, in order, whatever became of the others."""

from __future__ import annotations

import pytest

from facecli.recognition.engines.engine import spec
from facecli.recognition.matching.references import Candidate
from facecli.recognition.matching.search import (
    AnalysedPath,
    Search,
    compare_with_gallery,
    faces_of,
)
from facecli.recognition.matching.thresholds import Limit
from facecli.workers.answers import Failure
from tests.prepared import held, seen, stored_form, unit, vector_of

SEARCH = Search(spec("sface"), Limit(0.5), 1, references=2)


def test_each_image_has_its_own_probes_in_order() -> None:
    analysed: list[AnalysedPath] = [
        ("a.jpg", seen("a.jpg", unit(2), unit(8))),
        ("b.jpg", Failure("unreadable-image", "no image")),
        ("c.jpg", seen("c.jpg")),
        ("d.jpg", seen("d.jpg", unit(1))),
    ]
    first, second, third, fourth = compare_with_gallery(
        held((unit(1), 11), (unit(2), 12)), analysed, SEARCH
    )
    assert [(probe.path, probe.face) for probe in first] == [("a.jpg", 1), ("a.jpg", 2)]
    assert [len(probe.candidates) for probe in first] == [1, 0]
    assert first[0].candidates[0].subject_id == 12
    assert (second, third) == ([], [])
    assert fourth[0].candidates[0].subject_id == 11


TWO_NEAR = held((unit(1), 11), (unit(5, unit(1), 0.3), 12), (unit(6, unit(1), 0.42), 13))


def test_two_within_the_margin_are_ambiguous_and_both_given() -> None:
    near = stored_form(vector_of(unit(1)) + vector_of(unit(5, unit(1), 0.3)))  # half-way
    [[probe]] = compare_with_gallery(TWO_NEAR, [("a.jpg", seen("a.jpg", near))], SEARCH)
    assert probe.ambiguous
    assert probe.match is None
    assert len(probe.candidates) == 2  # though one was asked for


def test_two_farther_apart_are_a_match_and_as_many_are_given_as_asked_for() -> None:
    [[probe]] = compare_with_gallery(TWO_NEAR, [("a.jpg", seen("a.jpg", unit(1)))], SEARCH)
    assert not probe.ambiguous
    assert [one.subject_id for one in probe.candidates] == [11]
    assert probe.match == probe.candidates[0]


@pytest.mark.parametrize(
    ("distances", "ambiguous"),
    [((), False), ((0.2,), False), ((0.2, 0.249), True), ((0.2, 0.251), False), ((0.0, 0.0), True)],
)
def test_the_margin_is_a_tenth_of_the_threshold(
    distances: tuple[float, ...], ambiguous: bool
) -> None:
    found = [Candidate(number, distance) for number, distance in enumerate(distances)]
    assert SEARCH.is_ambiguous(found) is ambiguous


def test_a_failed_image_has_no_faces() -> None:
    assert faces_of(Failure("worker-crashed", "killed")) == ()
    assert len(faces_of(seen("a.jpg", unit(1)))) == 1
