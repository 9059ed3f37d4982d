"""The log's entries of a consent with their proofs, for its receipt."""

from __future__ import annotations

from facecli.audit import evidence, sealing
from facecli.audit.entries import Act
from facecli.audit.evidence import Evidence
from facecli.consent import receipts
from facecli.consent.consents import Consent
from facecli.errors.audit import LogAltered


def receipt_evidence(act: Act, consent: Consent) -> list[Evidence]:
    """Log that a receipt is made, seal the log, and prove the entries of the consent.

    Raises:
        LogAltered: the log has no entry of it, or does not fit what was sealed before.
    """
    sealing.prepare(act)
    entries = receipts.entries_of(
        consent,
        evidence.of_subject(act.db, receipts.GIVEN, consent.pseudonym),
        evidence.of_subject(act.db, receipts.WITHDRAWN, consent.pseudonym),
    )
    if not entries:
        raise LogAltered(why=f"the entry of the consent {consent.record_id} is not there")
    act.record(
        "consent.receipt",
        subject_id=consent.pseudonym,
        purpose=consent.purpose,
        details={"entries": [entry["seq"] for entry in entries]},
    )
    return evidence.issue(act, entries)
