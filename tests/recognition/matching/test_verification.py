"""Verification (1:1): one subject's templates, and the gate asked again when it counts."""

from __future__ import annotations

import pytest

from facecli.cli.session import Session
from facecli.consent import purposes, subjects
from facecli.errors.consent import NoConsent, NoTemplate
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.thresholds import Asked
from facecli.recognition.matching.verification import (
    Claim,
    Verification,
    check_verifiable,
    verify_and_record,
)
from tests.conftest import Facecli
from tests.prepared import count, seen, unit
from tests.recognition.matching.test_gallery import change
from tests.recognition.matching.test_identification import TAKEN_AWAY

THRESHOLD = 0.5
RATE = "1.59e-06"  # measured at this distance


def check(session: Session, template: bytes) -> Verification:
    purpose = purposes.find(session.db, "gate")
    subject = subjects.find(session.db, "A-1")
    claim = Claim(subject, purpose, engine_of(session.db), Asked(threshold=THRESHOLD))
    face = seen("0.jpg", template).faces[0]
    with session.act() as act:
        return verify_and_record(act, claim, face)


def test_verification_compares_with_one_subject_alone(session: Session, ready: Facecli) -> None:
    same = check(session, unit(1))
    assert same.distance == pytest.approx(0, abs=0.1)
    assert (same.same, same.threshold, same.limit.rate) == (True, THRESHOLD, RATE)
    assert same.limit.by == "shipped worst group"
    other = check(session, unit(2))
    assert not other.same
    assert other.distance == pytest.approx(1.4, abs=0.3)
    assert count(ready, "match_event") == [1]


@pytest.mark.parametrize("how", TAKEN_AWAY)
def test_verification_asks_again_when_it_counts(session: Session, ready: Facecli, how: str) -> None:
    purpose = purposes.find(session.db, "gate")
    subject = subjects.find(session.db, "A-1")
    claim = Claim(subject, purpose, engine_of(session.db), Asked(threshold=THRESHOLD))
    check_verifiable(session.db, claim, session.now)
    change(ready, TAKEN_AWAY[how])
    face = seen("0.jpg", unit(1)).faces[0]
    expected = NoTemplate if how == "another engine" else NoConsent
    with pytest.raises(expected), session.act() as act:
        verify_and_record(act, claim, face)
    assert count(ready, "match_event") == [0]
