from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecli.recognition.analysis.image import AnalysisRequest, FaceAnalysis, ImageAnalysis
from facecli.recognition.engines import scoring
from facecli.recognition.evaluation import acquisition
from facecli.recognition.evaluation.acquisition import WhichFace
from facecli.recognition.evaluation.distances import Templates
from facecli.recognition.evaluation.sets import LabelledImage
from facecli.workers.answers import Failure
from tests.prepared import GOOD, SPEC, seen, unit

IMAGES = [LabelledImage(person, Path(f"{person}.jpg")) for person in ("Ann", "Bob", "Cem")]
REQUESTS = acquisition.requests(IMAGES)


def answers(*analyses: object) -> list[tuple[AnalysisRequest, Any]]:
    return list(zip(REQUESTS, analyses, strict=True))


def test_all_faces_of_each_image_are_asked_for_in_order() -> None:
    assert [(one.path, one.mode) for one in REQUESTS] == [
        ("Ann.jpg", "probe"), ("Bob.jpg", "probe"), ("Cem.jpg", "probe"),
    ]  # fmt: skip


def test_templates_are_in_order_and_failures_are_counted_with_their_reason() -> None:
    ann, cem = seen("Ann.jpg", unit(1)), seen("Cem.jpg")
    found = acquisition.acquire(IMAGES, answers(ann, Failure("undecodable", "x"), cem), SPEC)
    assert found.people == ["Ann"]
    assert found.everybody() == ["Ann", "Bob", "Cem"]
    assert found.templates.of(np.array([[0, 0]])) == [0]
    assert len(found.templates) == 1
    assert found.digests == (ann.sha256,)
    assert found.qualities == (GOOD,)
    assert [(image.person, reason) for image, reason in found.failures] == [
        ("Bob", "undecodable"), ("Cem", "no-face"),
    ]  # fmt: skip
    rate = acquisition.failure_rate(found, "images")
    assert (rate.measure, rate.errors, rate.of) == ("FTA", 2, 3)
    assert rate.note == "no-face 1, undecodable 1"


@pytest.mark.parametrize(("which", "expected"), [("centre", 2), ("largest", 1)])
def test_the_face_is_the_one_asked_for(which: WhichFace, expected: int) -> None:
    large = FaceAnalysis((0, 0, 200, 200), GOOD, unit(1))
    central = FaceAnalysis((300, 220, 340, 260), GOOD, unit(2))
    image = ImageAnalysis("Ann.jpg", "0" * 64, 640, 480, (large, central), 0)
    found = acquisition.acquire(IMAGES[:1], answers_of_one(image), SPEC, which)
    assert found.templates.to(only(expected)) == [[0]]


def only(seed: int) -> Templates:
    """The one template `unit(seed)`."""
    return Templates(SPEC.scoring, scoring.unpacked(SPEC.scoring, 128, unit(seed)))


def answers_of_one(image: ImageAnalysis) -> list[tuple[AnalysisRequest, ImageAnalysis]]:
    return [(REQUESTS[0], image)]
