"""Requests from the rows of a manifest. `test_enrolment.py` enrols them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facecli.capture.manifests import ManifestRow
from facecli.cli.session import Session
from facecli.consent.agreements import Shown
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.batch import IDLE, enrol_all, request_of
from facecli.recognition.enrolment.batch_start import BatchStart
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.requests import EnrolmentOutcome, EnrolmentRequest
from facecli.workers.answers import Failure
from tests.conftest import Facecli
from tests.prepared import Prepared, opened, seen, unit

START = BatchStart("2026-11-23T09:00:00Z", "2026-11-23", {"gate": 1}, Shown("declared"), {})


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


def enroller(session: Session) -> Enroller:
    return Enroller(session.db, engine_of(session.db), session.act, lambda: session.now)


def row(**changes: Any) -> ManifestRow:
    values: dict[str, Any] = {
        "number": 4, "ref": "A-1", "name": "Jo", "purpose": "gate", "image": Path("a.jpg"),
        "evidence": None, "given": None, "expires": "1y",
    }  # fmt: skip
    return ManifestRow(**{**values, **changes})


def of(
    session: Session, one: ManifestRow, keep_photo: bool = False
) -> EnrolmentRequest | EnrolmentOutcome:
    return request_of(
        enroller(session),
        one,
        START,
        keep_evidence=False,
        keep_photo=keep_photo,
        allow_duplicate=True,
        distinct=False,
    )


def test_a_row_states_the_language_of_its_notice(session: Session) -> None:
    for language in (None, "zh"):
        found = of(session, row(given="2026-01-02", notice_lang=language))
        assert isinstance(found, EnrolmentRequest)
        assert found.agreement is not None
        assert found.agreement.notice.language == language


def test_a_row_becomes_a_request_with_its_agreement(session: Session) -> None:
    found = of(session, row(given="2026-01-02"), keep_photo=True)
    assert isinstance(found, EnrolmentRequest)
    assert (found.ref, found.name, found.path) == ("A-1", "Jo", "a.jpg")
    assert (found.keep_photo, found.allow_duplicate) == (True, True)
    assert found.agreement is not None
    assert (found.agreement.expires, found.agreement.given) == ("1y", "2026-01-02")


def test_a_row_states_its_exceptions(session: Session) -> None:
    stated = row(given="2026-01-02", distinct=True, allow_other_face="grown a beard")
    found = of(session, stated)
    assert isinstance(found, EnrolmentRequest)
    assert (found.distinct, found.allow_other_face) == (True, "grown a beard")
    refused = of(session, row(given="2026-01-02", allow_other_face="a\u202eb"))
    assert isinstance(refused, EnrolmentOutcome)
    assert refused.reason == "bad-text"


def test_a_row_without_consent_is_a_request_without_agreement(session: Session) -> None:
    found = of(session, row(expires=None))
    assert isinstance(found, EnrolmentRequest)
    assert found.agreement is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"problem": "its cell `ref` is empty"}, "Row 4 .*`ref` is empty"),
        ({"evidence": Path("none.pdf")}, "none.pdf .*no such file"),
    ],
)
def test_a_bad_row_is_a_failure_that_names_it(
    session: Session, changes: dict[str, object], why: str
) -> None:
    found = of(session, row(**changes))
    assert isinstance(found, EnrolmentOutcome)
    assert found.outcome == "failed"
    with pytest.raises(type(found.error), match=why):
        raise found.error


def test_failures_of_rows_and_of_workers_keep_their_place(session: Session) -> None:
    requests = [
        of(session, row(ref="A-1", image=Path("1.jpg"))),
        of(session, row(ref="A-2", problem="it is bad")),
        of(session, row(ref="A-3", image=Path("3.jpg"))),
        of(session, row(ref="A-4", problem="it is bad")),
    ]
    pool = Prepared({"1.jpg": Failure("undecodable", "x"), "3.jpg": seen("3.jpg", unit(3))})
    outcomes = list(enrol_all(enroller(session), requests, pool))
    assert [(one.ref, one.outcome) for one in outcomes] == [
        ("A-1", "failed"), ("A-2", "failed"), ("A-3", "enrolled"), ("A-4", "failed"),
    ]  # fmt: skip
    assert outcomes[0].reason == "undecodable"


def test_outcomes_of_a_long_manifest_come_one_by_one(session: Session) -> None:
    """However many rows need no image, they are neither kept nor held back."""
    taken = 0

    def rows() -> Iterator[EnrolmentRequest | EnrolmentOutcome]:
        nonlocal taken
        for number in range(500):
            taken += 1
            needed = number in (0, 300)
            problem = None if needed else "it is bad"
            image = Path(f"{number}.jpg")
            yield of(session, row(ref=f"A-{number}", image=image, problem=problem))

    pool = Prepared({f"{n}.jpg": seen(f"{n}.jpg", unit(n)) for n in (0, 300)})
    kept = []
    for number, outcome in enumerate(enrol_all(enroller(session), rows(), pool)):
        assert outcome.ref == f"A-{number}"
        assert outcome.outcome == ("enrolled" if number in (0, 300) else "failed")
        kept.append(taken - number)
    assert len(kept) == 500
    assert max(kept) <= IDLE + 2
