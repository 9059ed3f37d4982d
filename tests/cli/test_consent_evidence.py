"""The log's entries of a consent with their proofs, for its receipt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from facecli.audit import sealing
from facecli.audit.proofs import prove
from facecli.cli.consent_evidence import receipt_evidence
from facecli.cli.session import Session
from facecli.consent import consents, receipts, subjects
from facecli.consent.consents import Consent
from facecli.errors.audit import LogAltered
from tests.audit import intruder
from tests.prepared import opened


@pytest.fixture
def log(ready: Any) -> Iterator[Session]:
    """A database with one consent of A-1."""
    ready("subject", "add", "A-1")
    assert ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "1y").code == 0
    with opened(ready) as session:
        yield session


def _consent(log: Session) -> Consent:
    return consents.of_subject(log.db, subjects.find(log.db, "A-1").subject_id)[-1]


def test_a_receipts_entry_is_proven_and_the_receipt_is_logged_before_it(log: Session) -> None:
    with log.act() as act:
        ((entry, proof),) = receipt_evidence(act, _consent(log))
    proven = prove(entry, proof, sealing.trust_key(log.db), "receipt")
    assert proven.entry["action"] == receipts.GIVEN
    own = intruder.records(log.db)[-1]
    assert (own["action"], own["purpose"]) == ("consent.receipt", "gate")
    assert own["details"] == {"entries": [entry["seq"]]}
    assert proven.checkpoint.size == own["seq"]


def test_a_consent_whose_entry_is_not_in_the_log_gets_no_receipt(log: Session) -> None:
    with log.db.transaction():
        log.db.execute("UPDATE consent SET record_id = zeroblob(16)")
    with log.act() as act:
        act.record("test")
        with pytest.raises(LogAltered, match="entry of the consent 00000000-"):
            receipt_evidence(act, _consent(log))
