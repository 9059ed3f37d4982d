"""One search: the probes of each image, in order, whatever became of the others."""

from __future__ import annotations

from facecli.recognition.engines.engine import spec
from facecli.recognition.matching.search import AnalysedPath, Search, compare_with_gallery, faces_of
from facecli.recognition.matching.thresholds import Limit
from facecli.workers.answers import Failure
from tests.prepared import held, seen, unit

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


def test_a_failed_image_has_no_faces() -> None:
    assert faces_of(Failure("worker-crashed", "killed")) == ()
    assert len(faces_of(seen("a.jpg", unit(1)))) == 1
