"""Verification (1:1): compare one probe with the templates of one subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from facecli.audit.entries import Act
from facecli.consent import authority, gate, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.consent.subjects import Subject
from facecli.errors.consent import NoTemplate
from facecli.recognition.analysis.image import FaceAnalysis
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching import site_calibration
from facecli.recognition.matching.gallery import load_subject
from facecli.recognition.matching.search_entries import SearchEvent
from facecli.recognition.matching.thresholds import Asked, Limit, for_verification
from facecli.recognition.stored import store_match
from facecli.store.database import Database


@dataclass(frozen=True)
class Claim:
    """The claim that a probe shows this subject, and the options of its verification.

    started: the moment of the claim; None: that of the act that ends it. case: the case that it
    belongs to, if there is one.
    """

    subject: Subject
    purpose: Purpose
    spec: EngineSpec
    asked: Asked
    started: str | None = None
    case: str | None = None

    def limit(self, db: Database) -> Limit:
        """Return the largest distance that is a match.

        Raises:
            see `thresholds.for_verification`.
        """
        site = site_calibration.of_purpose(db, self.purpose, self.spec.engine_id)
        return for_verification(self.spec, self.purpose, self.asked, site)

    def event(self, act: Act) -> SearchEvent:
        """Return the search that this act ends, as the log knows it."""
        return SearchEvent(self.started or act.now, self.case)

    def reread(self, db: Database) -> Claim:
        """Return the claim with subject and purpose as they stand in the database now.

        Raises:
            Unknown: one of them is gone.
            PurposeClosed: no face may be compared for the purpose any more.
        """
        subject = subjects.find(db, self.subject.ref)
        return replace(self, subject=subject, purpose=gate.open_purpose(db, self.purpose.code))


@dataclass(frozen=True)
class Verification:
    """The result of a verification.

    same: the distance is within the threshold. distance: to the nearest template, lower is
    closer; None if the subject has none.
    """

    same: bool
    distance: float | None
    limit: Limit

    @property
    def threshold(self) -> float:
        """The largest distance that is a match."""
        return self.limit.distance


def check_verifiable(db: Database, claim: Claim, now: str) -> None:
    """Refuse a verification before any image is opened.

    Raises:
        NoConsent: the gate does not permit it.
        NoTemplate: the subject has no template of this engine for the purpose.
    """
    if not gate.permitted_of(db, claim.subject, claim.purpose, claim.spec.engine_id, now):
        raise NoTemplate(ref=claim.subject.ref, purpose=claim.purpose.code)


def record_refusal(act: Act, claim: Claim, reason: str, details: Mapping[str, object]) -> None:
    """Log a capture that gave no probe, with the reason code."""
    _record(act, claim, claim.event(act), {"reason": reason, **details})


def verify_and_record(
    act: Act, claim: Claim, face: FaceAnalysis, details: Mapping[str, object] | None = None
) -> Verification:
    """Compare one probe with the templates of one subject, store a match, and log it.

    Subject, purpose and consent are read again: they may have changed since they were checked.

    Args:
        face: with a template.
        details: further fields for the log; never anything that names a subject.

    Raises:
        NoConsent, NoTemplate: see `check_verifiable` and `authority.require`.
        Unknown: the subject or the purpose is gone.
        ValueError: the face has no template.
    """
    if face.template is None:
        raise ValueError("a probe without a template")
    claim = claim.reread(act.db)
    authority.require(claim.purpose, act.actor, claim.case)
    check_verifiable(act.db, claim, act.now)
    references = load_subject(act.db, claim.subject, claim.purpose, claim.spec, act.now)
    limit = claim.limit(act.db)
    distance = references.distance(face.template, claim.subject.subject_id)
    same = distance is not None and distance <= limit.distance
    result = Verification(same, distance, limit)
    event = claim.event(act)
    if same and distance is not None:
        store_match(
            act,
            claim.purpose,
            claim.subject.subject_id,
            "verification",
            distance,
            limit.distance,
            event.event_id,
        )
    found = {
        "engine": claim.spec.engine_id,
        "threshold": f"{result.threshold:.6f}",
        "fmr": limit.rate,
        "calibration": limit.by,
        "same": result.same,
    }
    _record(act, claim, event, {**found, **(details or {})})
    return result


def _record(act: Act, claim: Claim, event: SearchEvent, details: Mapping[str, object]) -> None:
    """Log a verification, without the subject's pseudonym."""
    act.record(
        "verify",
        "refused" if "reason" in details else "done",
        purpose=claim.purpose.code,
        details={**details, **event.details(act, references=1)},
    )
