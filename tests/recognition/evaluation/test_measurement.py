from __future__ import annotations

from pathlib import Path

import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.engines.engine import spec
from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.measurement import EvaluationRequest, measure, with_constants
from facecli.recognition.evaluation.sets import LabelledImage
from tests.recognition.evaluation.test_handicaps import CARD, faces
from tests.recognition.synthetic import acquired, people_and_templates


def folder(place: Path, people: int, each: int = 2) -> Path:
    for person in range(people):
        (place / f"person {person:03}").mkdir(parents=True)
        for number in range(each):
            (place / f"person {person:03}" / f"{number}.jpg").touch()
    return place


class Prepared:
    """Acquires prepared templates, and notes the sets that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[LabelledImage]] = []

    def __call__(self, images: list[LabelledImage]) -> Acquired:
        self.asked.append(images)
        _, templates = people_and_templates(len(images), 1)
        return acquired([image.person for image in images], templates)


def test_one_folder_is_a_verification_of_all_its_images(tmp_path: Path) -> None:
    acquire = Prepared()
    request = EvaluationRequest(images=folder(tmp_path / "a", 4))
    findings, found = measure(request, spec("sface"), None, acquire)
    assert [len(images) for images in acquire.asked] == [8]
    assert len(found.images) == 8
    assert findings.plot is not None
    assert "FMR" in findings.plot.across


def test_a_gallery_and_probes_are_an_identification(tmp_path: Path) -> None:
    acquire = Prepared()
    request = EvaluationRequest(gallery=folder(tmp_path / "g", 3), probes=folder(tmp_path / "p", 5))
    findings, found = measure(request, spec("sface"), None, acquire)
    assert [len(images) for images in acquire.asked] == [6, 10]
    assert len(found.images) == 6
    assert findings.plot is not None
    assert "FPIR" in findings.plot.across


def test_bad_files_are_found_before_any_image_is_analysed(tmp_path: Path) -> None:
    images = folder(tmp_path / "a", 4)
    acquire = Prepared()
    for request in (
        EvaluationRequest(images=tmp_path / "none"),
        EvaluationRequest(images=images, cohorts=tmp_path / "none.csv"),
        EvaluationRequest(images=images, pairs=tmp_path / "none.txt"),
        EvaluationRequest(gallery=images, probes=tmp_path / "none"),
    ):
        with pytest.raises(BadInput):
            measure(request, spec("sface"), None, acquire)
    assert acquire.asked == []


def test_the_engine_with_estimated_constants_is_what_is_measured(tmp_path: Path) -> None:
    def acquire(images: list[LabelledImage]) -> Acquired:
        return acquired([image.person for image in images], faces(120))

    request = EvaluationRequest(images=folder(tmp_path / "a", 120, each=3))
    card, findings, found = with_constants(request, CARD, acquire)
    assert findings.plot is not None
    assert card.spec(None).engine_id in findings.plot.title
    assert found.templates.forms.codes.any()


def test_constants_need_a_folder_of_people(tmp_path: Path) -> None:
    acquire = Prepared()
    with pytest.raises(BadInput):
        with_constants(EvaluationRequest(images=tmp_path / "none"), CARD, acquire)
    assert not acquire.asked
