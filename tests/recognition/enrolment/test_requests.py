from __future__ import annotations

import pytest

from facecli.consent.agreements import Agreement
from facecli.errors.recognition import EnrolmentRefused
from facecli.recognition.enrolment.requests import (
    EnrolmentRequest,
    enrolled,
    main_face,
    not_enrolled,
)
from tests.prepared import GOOD, seen, unit

REQUEST = EnrolmentRequest("A-1", "gate", "a.jpg", name="Jo")
REFUSED = EnrolmentRefused(reason="blurred", path="a.jpg")


def test_an_agreement_changes_nothing_else() -> None:
    agreement = Agreement("1y")
    found = REQUEST.under(agreement)
    assert found.agreement == agreement
    assert found.under(None) == REQUEST


def test_the_main_face_is_the_largest() -> None:
    image = seen("a.jpg", unit(1), unit(2))
    assert main_face(image) is image.faces[0]
    assert main_face(seen("a.jpg")) is None


def test_an_enrolled_capture_has_its_template_and_quality_and_no_error() -> None:
    found = enrolled(REQUEST, seen("a.jpg", unit(1)), "some-id")
    assert (found.outcome, found.template_id, found.quality) == ("enrolled", "some-id",
                                                                 GOOD)  # fmt: skip
    assert (found.reason, found.error) == (None, None)


@pytest.mark.parametrize("outcome", ["refused", "failed"])
def test_a_capture_that_was_not_enrolled_has_the_reason(outcome: str) -> None:
    found = not_enrolled(REQUEST, outcome, REFUSED)  # type: ignore[arg-type]
    assert (found.outcome, found.reason, found.error) == (outcome, "blurred", REFUSED)
    assert (found.template_id, found.quality, found.bystanders) == (None, None, None)
    analysed = not_enrolled(REQUEST, "refused", REFUSED, seen("a.jpg", unit(1)))
    assert (analysed.quality, analysed.bystanders) == (GOOD, 0)
