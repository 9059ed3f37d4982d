"""The consent side of an enrolment: each refusal, and what an admission records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from facecli.cli.session import Session
from facecli.consent import subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.errors.base import FacecliError, Unknown
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoConsent
from facecli.recognition.enrolment.admission import Admission, admit
from facecli.recognition.enrolment.requests import EnrolmentRequest
from tests.conftest import Facecli
from tests.prepared import opened

YEAR = Agreement("1y", notice=Shown("declared"))


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


def admitted(session: Session, agreement: Agreement | None, **other: Any) -> Admission:
    request = EnrolmentRequest(
        **{"ref": "A-1", "purpose": "gate", "path": "a.jpg", "agreement": agreement, **other}
    )
    with session.act() as act:
        found = admit(act, request)
        act.record("enroll", details={"engine": "none"})
        return found


def test_an_agreement_brings_the_subject_and_the_consent(session: Session) -> None:
    found = admitted(session, YEAR, name="Jo")
    assert (found.subject.ref, found.subject.name, found.purpose.code) == ("A-1", "Jo", "gate")
    assert found.until > session.now
    again = admitted(session, None)
    assert again.subject.subject_id == found.subject.subject_id
    assert again.until == found.until


@pytest.mark.parametrize(
    ("agreement", "other", "error", "reason"),
    [
        (None, {}, NoConsent, "no-consent"),
        (YEAR, {"purpose": "spa"}, Unknown, "unknown"),
        (YEAR, {"keep_photo": True}, BadInput, "no-photos"),
    ],
)
def test_a_refusal_records_nothing(
    session: Session,
    agreement: Agreement | None,
    other: dict[str, object],
    error: type[FacecliError],
    reason: str,
) -> None:
    with pytest.raises(error) as caught:
        admitted(session, agreement, **other)
    assert caught.value.reason == reason
    assert subjects.count_all(session.db) == 0


def test_a_ref_has_one_name(session: Session) -> None:
    admitted(session, YEAR, name="Jo")
    with pytest.raises(BadInput) as caught:
        admitted(session, YEAR, name="Kim")
    assert caught.value.reason == "other-name"


def test_a_subject_without_a_consent_is_refused(session: Session) -> None:
    admitted(session, YEAR)
    with pytest.raises(NoConsent):
        admitted(session, None, purpose="attendance")
