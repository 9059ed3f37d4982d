"""Is it this person? One probe against one subject's templates (1:1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from facecli.audit.entries import Act
from facecli.consent import gate, purposes, subjects
from facecli.consent.purposes import Purpose
from facecli.consent.subjects import Subject
from facecli.errors.consent import NoTemplate
from facecli.recognition.analysis.image import FaceAnalysis
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.gallery import Gallery, load_subject
from facecli.recognition.matching.identification import Search
from facecli.recognition.matching.references import Candidate
from facecli.recognition.matching.thresholds import Asked, cohort_for, for_verification
from facecli.recognition.stored import store_match
from facecli.store.database import Database


@dataclass(frozen=True)
class Claim:
    """What is asked of a verification."""

    spec: EngineSpec
    asked: Asked

    @property
    def cohort(self) -> int:
        """How many people normalising needs. Raises NoNormalisation, NoCalibration."""
        return cohort_for(self.spec, self.asked)

    def among(self, gallery: Gallery, purpose: Purpose) -> Search:
        """The comparison with one subject's references. Raises as `for_verification`."""
        limit = for_verification(self.spec, purpose, self.asked, gallery.cohort)
        return Search(self.spec, limit.distance, 1, limit.scale, rate=limit.rate)


@dataclass(frozen=True)
class Verification:
    """The outcome of a 1:1 comparison. `distance` to the nearest template; lower is closer."""

    same: bool
    distance: float | None
    threshold: float
    normalised: bool = False


def check_verifiable(
    db: Database, subject: Subject, purpose: Purpose, spec: EngineSpec, now: str
) -> None:
    """Refuse a verification before any image is looked at.

    Raises:
        NoConsent: the gate does not permit it.
        NoTemplate: none of the subject is enrolled for this purpose with this engine.
    """
    if not gate.permitted_of(db, subject, purpose, spec.engine_id, now):
        raise NoTemplate(ref=subject.ref, purpose=purpose.code)


def refuse(
    act: Act, subject: Subject, purpose: Purpose, reason: str, details: Mapping[str, object]
) -> None:
    """Log that a capture gave nothing to compare with a subject's templates, and why."""
    act.record(
        "verify",
        outcome="refused",
        subject_id=subject.pseudonym,
        purpose=purpose.code,
        details={"reason": reason, **details},
    )


def verify(
    act: Act,
    subject: Subject,
    purpose: Purpose,
    face: FaceAnalysis,
    claim: Search | Claim,
    details: Mapping[str, object] | None = None,
) -> Verification:
    """Compare one probe with one subject's templates alone, and log it.

    details: what the log is to say besides; nothing that names a person.

    Raises:
        NoConsent, Unknown: as `check_verifiable`, asked again of the subject and the purpose as
            they stand now that it counts.
    """
    subject = subjects.find(act.db, subject.ref)
    purpose = purposes.find(act.db, purpose.code)
    check_verifiable(act.db, subject, purpose, claim.spec, act.now)
    references = load_subject(act.db, subject, purpose, claim.spec, act.now, claim.cohort)
    search = claim.among(references, purpose)
    if face.template is None:
        raise ValueError("a probe without a template")
    distance = references.distance(face.template, subject.subject_id, search.scale)
    same = distance is not None and distance <= search.threshold
    if distance is not None and same:
        candidate = Candidate(subject.subject_id, distance)
        store_match(
            act,
            purpose,
            candidate.subject_id,
            "verification",
            candidate.distance,
            search.threshold,
        )
    act.record(
        "verify",
        subject_id=subject.pseudonym,
        purpose=purpose.code,
        details={
            "engine": search.spec.engine_id,
            "threshold": f"{search.threshold:.6f}",
            "fmr": search.rate,
            "normalised": search.scale is not None,
            "same": same,
            **(details or {}),
        },
    )
    return Verification(same, distance, search.threshold, search.scale is not None)
