"""Enrolment: a template of one face, of one person, for one purpose, under a recorded consent.

Consent comes first: a request is rehearsed against the gate before its image is looked at, and
asked again in the transaction that stores the template. Subject, consent, template and log entry
commit together or not at all.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Literal

from facecli.audit.entries import Act
from facecli.consent import consents, gate, interactions, purposes, subjects
from facecli.consent.consents import Agreement
from facecli.consent.purposes import Purpose
from facecli.consent.subjects import NewSubject, Subject
from facecli.consent.text import check_name, check_ref
from facecli.errors.base import FacecliError, Unknown
from facecli.errors.capture import CaptureFailed
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoConsent
from facecli.errors.recognition import EnrolmentRefused
from facecli.recognition.analysis.image import AnalysisRequest, FaceAnalysis, ImageAnalysis
from facecli.recognition.analysis.pool import Analysers, Failed, capture_failed
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.gallery import Gallery, LiveGallery
from facecli.recognition.matching.thresholds import for_duplicates
from facecli.recognition.stored import Capture, has_capture, store_photo, store_template
from facecli.store.database import Database
from facecli.times import is_nothing

SAME_CAPTURE = 1e-4  # templates this near come from one and the same picture
# What costs one row. Any other error (disk full, locked, damaged) is everybody's and ends the run.
OF_ONE_ROW = (BadInput, CaptureFailed, EnrolmentRefused, NoConsent, Unknown)


@dataclass(frozen=True)
class Request:
    """One capture to be enrolled. With `agreement`, subject and consent are made if need be."""

    ref: str
    purpose: str
    path: str
    name: str | None = None
    agreement: Agreement | None = None
    keep_photo: bool = False
    allow_duplicate: bool = False

    def under(self, agreement: Agreement | None) -> Request:
        """The same request with this agreement."""
        return replace(self, agreement=agreement)


@dataclass(frozen=True)
class Outcome:
    """What became of a request. `error` says it in words where it was not enrolled."""

    ref: str
    purpose: str
    path: str
    outcome: Literal["enrolled", "refused", "failed"]
    reason: str | None = None
    quality: int | None = None
    template_id: str | None = None
    bystanders: int | None = None
    error: FacecliError | None = None


class _OnlyRehearsed(Exception):
    """Rolls back a rehearsal."""


class Enroller:
    """Enrols captures into one database; keeps each purpose's gallery to find duplicates."""

    def __init__(
        self,
        db: Database,
        spec: EngineSpec,
        begin: Callable[[], AbstractContextManager[Act]],
        now: Callable[[], str],
    ) -> None:
        self._db = db
        self._spec = spec
        self._begin = begin
        self._now = now
        self._galleries: dict[str, LiveGallery] = {}

    @property
    def engine(self) -> str | EngineSpec:
        """The engine whose templates are stored, as workers are told it."""
        return self._spec.loadable

    def has(self, request: Request) -> bool:
        """Is this very image file enrolled already, under a consent that is in force?"""
        subject = subjects.find_any(self._db, request.ref)
        purpose = purposes.find_any(self._db, request.purpose)
        if subject is None or purpose is None:
            return False
        try:
            gate.require(self._db, subject, purpose, self._now())
        except NoConsent:
            return False
        digest = _file_digest(request.path)
        return digest is not None and self._has_file(subject, purpose, digest)

    def rehearse(self, request: Request) -> Outcome | None:
        """Would subject, consent and gate permit it? None if so; else the refusal, logged."""
        try:
            with self._begin() as act:
                self._admit(act, request)
                raise _OnlyRehearsed
        except _OnlyRehearsed:
            return None
        except OF_ONE_ROW as error:
            return self._refuse(request, error)

    def enrol(self, request: Request, analysis: ImageAnalysis) -> Outcome:
        """Store what the analysis found, or refuse it; either is logged."""
        return self.enrol_together(request, [analysis])[0]

    def enrol_together(
        self,
        request: Request,
        analyses: Sequence[ImageAnalysis],
        details: Mapping[str, object] | None = None,
    ) -> list[Outcome]:
        """Store what several captures of one person show, all in one act; or refuse them all,
        with one outcome.

        details: what the log is to say of each besides; nothing that names a person.
        """
        stored: list[str] = []
        analysis = analyses[0]
        try:
            with self._begin() as act:
                live = self._gallery(act, request)
                subject, purpose, until = self._admit(act, request)
                gallery = live.at(act.now)
                for analysis in analyses:
                    stored.append(
                        self._store(
                            act, request, subject, purpose, analysis, gallery, details or {}
                        )
                    )
        except OF_ONE_ROW as error:
            return [self._refuse(request, error, _main(analysis), analysis.bystanders)]
        for face in map(_main, analyses):
            if face is not None and face.template is not None:
                live.remember(face.template, subject.subject_id, until)
        return [
            _enrolled(request, analysis, template_id)
            for analysis, template_id in zip(analyses, stored, strict=True)
        ]

    def fail(self, request: Request, error: FacecliError) -> Outcome:
        """The outcome of an image that could not be analysed, logged."""
        return self._refuse(request, error, outcome="failed")

    def refuse(self, request: Request, error: FacecliError) -> Outcome:
        """The outcome of a capture that gave nothing to enrol, logged."""
        return self._refuse(request, error)

    def _gallery(self, act: Act, request: Request) -> LiveGallery:
        """The purpose's gallery as it is before this act, whose consent may not last."""
        purpose = purposes.find(act.db, request.purpose)
        live = self._galleries.get(purpose.code)
        if live is None:
            live = self._galleries[purpose.code] = LiveGallery(act.db, purpose, self._spec)
        live.at(act.now)
        return live

    # -- the steps --------------------------------------------------------------------

    def _admit(self, act: Act, request: Request) -> tuple[Subject, Purpose, str]:
        """Subject and purpose, made where the request brings them, and the consent's end."""
        purpose = purposes.find(act.db, request.purpose)
        gate.check_purpose(purpose)
        if request.keep_photo and is_nothing(purpose.terms.retain_photo):
            why = "it keeps no photos (retain_photo is nothing); leave out --keep-photo"
            raise BadInput(what=f"The purpose {purpose.code}", why=why, reason="no-photos")
        subject = self._subject(act, request)
        if request.agreement is not None:
            consents.ensure(act, subject, purpose, request.agreement)
        return subject, purpose, gate.require(act.db, subject, purpose, act.now)

    def _subject(self, act: Act, request: Request) -> Subject:
        ref = check_ref(request.ref)
        subject = subjects.find_any(act.db, ref)
        if subject is None:
            if request.agreement is None:
                raise Unknown(kind="subject", name=ref, reason="no-consent")
            return subjects.add(act, NewSubject(ref, request.name))
        if request.name and subject.name != check_name(request.name):
            why = "it is enrolled under another name; correct one of the two"
            raise BadInput(what=f"The REF {ref}", why=why, reason="other-name")
        return subject

    def _store(
        self,
        act: Act,
        request: Request,
        subject: Subject,
        purpose: Purpose,
        image: ImageAnalysis,
        gallery: Gallery,
        more: Mapping[str, object],
    ) -> str:
        face = _main(image)
        if image.reason is not None or face is None or face.template is None:
            raise EnrolmentRefused(reason=image.reason or "no-face", path=request.path)
        if self._is_enrolled(act, subject, purpose, image, face.template, gallery):
            raise EnrolmentRefused(reason="already-enrolled", path=request.path)
        if not request.allow_duplicate:
            self._refuse_duplicate(request, subject, purpose, face.template, gallery)
        sample_id = self._keep_photo(act, subject, purpose, image)
        capture = Capture(subject.subject_id, purpose.purpose_id, sample_id, image.sha256, act.now)
        template_id = store_template(
            act, capture, self._spec.engine_id, face.template, face.quality.unified
        )
        interactions.note(act, subject.subject_id, purpose.purpose_id)
        details = {
            "engine": self._spec.engine_id,
            "template_id": template_id,
            "quality": face.quality.unified,
            "bystanders": image.bystanders,
            "photo_kept": sample_id is not None,
            "version": purpose.version,
            **more,
        }
        act.record("enroll", subject_id=subject.pseudonym, purpose=purpose.code, details=details)
        return template_id

    def _is_enrolled(
        self,
        act: Act,
        subject: Subject,
        purpose: Purpose,
        image: ImageAnalysis,
        template: bytes,
        gallery: Gallery,
    ) -> bool:
        """Is the capture enrolled and permitted already? If the permission of an earlier version
        is gone, a new consent enrols the same picture again."""
        nearest = gallery.distance(template, subject.subject_id)
        if nearest is None:
            return False
        return nearest <= SAME_CAPTURE or self._has_file(subject, purpose, image.sha256)

    def _has_file(self, subject: Subject, purpose: Purpose, sha256: str) -> bool:
        """Is this very image file enrolled with the engine, permitted or not?"""
        return has_capture(
            self._db, subject.subject_id, purpose.purpose_id, self._spec.engine_id, sha256
        )

    def _refuse_duplicate(
        self,
        request: Request,
        subject: Subject,
        purpose: Purpose,
        template: bytes,
        gallery: Gallery,
    ) -> None:
        """Refuse a face that has another REF."""
        threshold = for_duplicates(self._spec, purpose, gallery.templates)
        others = [
            candidate
            for candidate in gallery.search(template, threshold, top_k=2)
            if candidate.subject_id != subject.subject_id
        ]
        if others:
            raise EnrolmentRefused(reason="duplicate-identity", path=request.path)

    def _keep_photo(
        self, act: Act, subject: Subject, purpose: Purpose, image: ImageAnalysis
    ) -> int | None:
        if image.photo is None:
            return None
        return store_photo(act, subject.subject_id, purpose.purpose_id, image.photo)

    def _refuse(
        self,
        request: Request,
        error: FacecliError,
        face: FaceAnalysis | None = None,
        bystanders: int | None = None,
        outcome: Literal["refused", "failed"] = "refused",
    ) -> Outcome:
        subject = subjects.find_any(self._db, request.ref)
        purpose = purposes.find_any(self._db, request.purpose)
        with self._begin() as act:
            act.record(
                "enroll",
                outcome,
                subject_id=subject.pseudonym if subject else None,
                purpose=purpose.code if purpose else None,
                details={"reason": error.reason, "engine": self._spec.engine_id},
            )
        return Outcome(
            ref=request.ref,
            purpose=request.purpose,
            path=request.path,
            outcome=outcome,
            reason=error.reason,
            quality=face.quality.unified if face else None,
            bystanders=bystanders,
            error=error,
        )


def _main(image: ImageAnalysis) -> FaceAnalysis | None:
    return image.faces[0] if image.faces else None


def _enrolled(request: Request, image: ImageAnalysis, template_id: str) -> Outcome:
    face = _main(image)
    return Outcome(
        ref=request.ref,
        purpose=request.purpose,
        path=request.path,
        outcome="enrolled",
        quality=face.quality.unified if face else None,
        template_id=template_id,
        bystanders=image.bystanders,
    )


def enrol_all(
    enroller: Enroller, requests: Iterable[Request | Outcome], analysers: Analysers
) -> Iterator[Outcome]:
    """Enrol captures one after the other; each is committed before its outcome is yielded.

    Args:
        requests: in the order of their outcomes. An `Outcome` among them passes through.
        analysers: look only at the images of requests that the gate permits.
    """
    waiting: deque[Request | Outcome] = deque()  # in order; what is decided is an Outcome

    def permitted() -> Iterator[AnalysisRequest]:
        for request in requests:
            decided = request if isinstance(request, Outcome) else enroller.rehearse(request)
            waiting.append(decided or request)
            if decided is None and isinstance(request, Request):
                yield AnalysisRequest(request.path, "enrol", keep_photo=request.keep_photo)

    for _, analysis in analysers.map(permitted()):
        while isinstance(first := waiting.popleft(), Outcome):
            yield first
        yield _outcome(enroller, first, analysis)
    for left in waiting:
        if isinstance(left, Outcome):
            yield left


def _outcome(enroller: Enroller, request: Request, analysis: ImageAnalysis | Failed) -> Outcome:
    if isinstance(analysis, ImageAnalysis):
        return enroller.enrol(request, analysis)
    return enroller.fail(request, capture_failed(request.path, analysis))


def not_enrolled_before(
    enroller: Enroller, requests: Iterable[Request | Outcome]
) -> Iterator[Request | Outcome]:
    """The requests that are left to do when a batch is resumed."""
    for request in requests:
        if isinstance(request, Outcome) or not enroller.has(request):
            yield request


def _file_digest(path: str) -> str | None:
    """The SHA-256 of a regular file in hex; None if it cannot be read."""
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
