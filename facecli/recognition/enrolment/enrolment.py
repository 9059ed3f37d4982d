"""Enrolment: a template of one face, of one subject, for one purpose, under a recorded consent.

Consent comes first. A request is rehearsed against the gate before its image is opened, and the
gate is asked again in the transaction that stores the template. Subject, consent, template and
log entry commit together or not at all.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol

from facecli.audit.entries import Act
from facecli.consent import gate, interactions, photo_sources, purposes, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.consent.subjects import Subject
from facecli.errors.base import FacecliError, Unknown
from facecli.errors.capture import CaptureFailed
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoConsent
from facecli.errors.recognition import (
    DuplicateIdentity,
    EnrolmentRefused,
    NoCalibration,
    NotUpright,
    OtherFace,
)
from facecli.recognition.analysis.image import ImageAnalysis
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.enrolment import duplicates, own_face
from facecli.recognition.enrolment.admission import Admission, admit
from facecli.recognition.enrolment.requests import (
    EnrolmentOutcome,
    EnrolmentRequest,
    enrolled,
    main_face,
    not_enrolled,
)
from facecli.recognition.matching.gallery import Gallery, LiveGallery, load_subject
from facecli.recognition.stored import TemplateOrigin, has_capture, store_photo, store_template
from facecli.store import holdings
from facecli.store.database import Database

SAME_CAPTURE = 0.01
"""Difference up to which two templates come from the same picture: that of six components which
another processor rounded to the next of their 8 bits."""
OF_ONE_REQUEST = (BadInput, CaptureFailed, EnrolmentRefused, NoConsent, Unknown)
"""Errors that concern one request. Any other (disk full, locked, damaged) ends the whole run."""


class _Accepted(NamedTuple):
    """The stored part of an accepted capture.

    quality: unified, 0..100, or None. source: where the photo comes from, if it is stated.
    other_face: why the face may look like another than the subject's, or None where it does not.
    """

    template: bytes
    quality: int | None
    source: str | None
    other_face: str | None


class Replacing(Protocol):
    """The erasure of earlier templates, for captures that replace them."""

    def earlier(self, db: Database, subject: Subject, purpose: Purpose) -> Sequence[int]:
        """Return the row ids of the templates that a new capture replaces."""

    def erase(self, act: Act, subject: Subject, purpose: Purpose, earlier: Sequence[int]) -> None:
        """Erase them in this act."""

    def keep(self, template_ids: Collection[str]) -> None:
        """Replace none of these templates, which were stored just now."""


class _OnlyRehearsed(Exception):
    """Rolls back a rehearsal."""


class Enroller:
    """Enrols captures into one database. Keeps each purpose's gallery to find duplicates.

    Args:
        replacing: erases the earlier templates of whoever is enrolled; None to keep them.
        sizes: templates of each purpose's gallery by which duplicates are decided; those of other
            purposes are counted when the first capture comes.
    """

    def __init__(
        self,
        db: Database,
        spec: EngineSpec,
        begin: Callable[[], AbstractContextManager[Act]],
        now: Callable[[], str],
        replacing: Replacing | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> None:
        self._db = db
        self._spec = spec
        self._begin = begin
        self._now = now
        self._replacing = replacing
        self._sizes = dict(sizes or {})
        self._duplicate_limits: dict[int, float] = {}  # by the revision of the purpose
        self._galleries: dict[str, LiveGallery] = {}

    @property
    def spec(self) -> EngineSpec:
        """The engine whose templates are stored."""
        return self._spec

    @property
    def engine(self) -> str | EngineSpec:
        """The engine whose templates are stored, in the form that workers load."""
        return self._spec.loadable

    def has(self, request: EnrolmentRequest) -> bool:
        """Return True if this image file is enrolled already, under a consent in force."""
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

    def rehearse(self, request: EnrolmentRequest) -> EnrolmentOutcome | None:
        """Ask the gate without storing anything. Return None if it permits, else the refusal.

        A refusal is logged.
        """
        try:
            with self._begin() as act:
                admit(act, request)
                raise _OnlyRehearsed
        except _OnlyRehearsed:
            return None
        except OF_ONE_REQUEST as error:
            return self.refuse(request, error)

    def enrol(self, request: EnrolmentRequest, analysis: ImageAnalysis) -> EnrolmentOutcome:
        """Store what the analysis found, or refuse it. Both are logged."""
        return self.enrol_together(request, [analysis])[0]

    def enrol_together(
        self,
        request: EnrolmentRequest,
        analyses: Sequence[ImageAnalysis],
        details: Mapping[str, object] | None = None,
    ) -> list[EnrolmentOutcome]:
        """Store the templates of several captures of one subject in one act, or none of them.

        Args:
            details: further details for each log entry. They must not name a person.

        Returns:
            An outcome for each capture, or one outcome if they are refused.
        """
        stored: list[str] = []
        analysis = analyses[0]
        try:
            with self._begin() as act:
                live = self._gallery(act, request)
                admission = admit(act, request)
                gallery = live.at(act.now)
                earlier = self._earlier(act, admission)
                room = self._room(act, admission, earlier)
                analyses = analyses[: max(room, 1)]
                for analysis in analyses:
                    accepted = self._accept(act, request, admission, analysis, gallery)
                    if not room:
                        raise EnrolmentRefused(reason="too-many-templates", path=request.path)
                    stored.append(self._store(act, admission, analysis, accepted, details or {}))
                self._replace(act, admission, earlier)
                left = self._left(act, admission) if earlier else None
        except OF_ONE_REQUEST as error:
            return [self._log_failure(request, error, "refused", analysis)]
        if self._replacing is not None:
            self._replacing.keep(stored)
        if left is not None:
            live.replace(admission.subject.subject_id, left, admission.until)
        else:
            self._remember(live, admission, analyses)
        return [
            enrolled(request, analysis, template_id)
            for analysis, template_id in zip(analyses, stored, strict=True)
        ]

    def fail(self, request: EnrolmentRequest, error: FacecliError) -> EnrolmentOutcome:
        """Log and return the outcome of an image that could not be analysed."""
        return self._log_failure(request, error, "failed")

    def refuse(self, request: EnrolmentRequest, error: FacecliError) -> EnrolmentOutcome:
        """Log and return the outcome of a capture that gave nothing to enrol."""
        return self._log_failure(request, error, "refused")

    # -- the gallery --------------------------------------------------------------------

    def _gallery(self, act: Act, request: EnrolmentRequest) -> LiveGallery:
        """Return the purpose's gallery as it is before this act, whose consent may not last."""
        purpose = gate.open_purpose(act.db, request.purpose)
        live = self._galleries.get(purpose.code)
        if live is None:
            live = self._galleries[purpose.code] = LiveGallery(act.db, purpose, self._spec)
        self._sizes.setdefault(purpose.code, live.at(act.now).templates)
        return live

    @staticmethod
    def _remember(
        live: LiveGallery, admission: Admission, analyses: Sequence[ImageAnalysis]
    ) -> None:
        for face in map(main_face, analyses):
            if face is not None and face.template is not None:
                live.remember(face.template, admission.subject.subject_id, admission.until)

    def _left(self, act: Act, admission: Admission) -> Gallery:
        """Return what is left of the subject in the purpose's gallery after a replacement."""
        subject, purpose, _ = admission
        return load_subject(act.db, subject, purpose, self._spec, act.now)

    # -- the decision ---------------------------------------------------------------------

    def _accept(
        self,
        act: Act,
        request: EnrolmentRequest,
        admission: Admission,
        image: ImageAnalysis,
        gallery: Gallery,
    ) -> _Accepted:
        """Return what is stored of the main face. Raises `EnrolmentRefused`."""
        face = main_face(image)
        if image.reason == "rotated" and face is not None:
            raise NotUpright(path=request.path, rotation=face.rotation)
        if image.reason is not None or face is None or face.template is None:
            raise EnrolmentRefused(reason=image.reason or "no-face", path=request.path)
        # A picture that is replaced is no capture that is there already: it is enrolled anew.
        replaced = self._earlier(act, admission)
        if not replaced and self._is_enrolled(admission, image, face.template, gallery):
            raise EnrolmentRefused(reason="already-enrolled", path=request.path)
        other_face = self._other_face(act, request, admission, face.template)
        if not request.allow_duplicate:
            self._check_duplicate(act, request, admission, face.template, gallery)
        return _Accepted(face.template, face.quality, request.source, other_face)

    def _room(self, act: Act, admission: Admission, earlier: Sequence[int]) -> int:
        """Return how many templates the purpose still allows of the subject.

        Those that are due, or are replaced (`earlier`), do not count.
        """
        subject, purpose, _ = admission
        if not purpose.terms.max_templates:
            return sys.maxsize  # without asking for each of a large batch
        held = gate.permitted_of(act.db, subject, purpose, self._spec.engine_id, act.now)
        replaced = holdings.slots_of(act.db, earlier)
        stay = [one for one in held if one.slot not in replaced.get(one.shard_id, ())]
        return purpose.terms.room_for_templates(len(stay))

    def _is_enrolled(
        self, admission: Admission, image: ImageAnalysis, template: bytes, gallery: Gallery
    ) -> bool:
        """Return True if the capture is enrolled and permitted already.

        If the permission of an earlier version is gone, a new consent enrols the same picture
        again.
        """
        difference = gallery.difference(template, admission.subject.subject_id)
        if difference is None:
            return False
        return difference <= SAME_CAPTURE or self._has_file(
            admission.subject, admission.purpose, image.sha256
        )

    def _has_file(self, subject: Subject, purpose: Purpose, sha256: str) -> bool:
        """Return True if this image file is enrolled with the engine, permitted or not."""
        return has_capture(
            self._db, subject.subject_id, purpose.purpose_id, self._spec.engine_id, sha256
        )

    def _other_face(
        self, act: Act, request: EnrolmentRequest, admission: Admission, template: bytes
    ) -> str | None:
        """Return the stated reason for another face than the subject's, or None for theirs.

        Raises:
            OtherFace: it is another, and no reason is stated.
            NoCalibration: the engine cannot tell, and no reason is stated.
        """
        reason = request.allow_other_face
        try:
            other = own_face.is_other(act.db, admission.subject, self._spec, template, act.now)
        except NoCalibration:
            if reason is None:
                raise
            return reason
        if other and reason is None:
            raise OtherFace(path=request.path, ref=admission.subject.ref)
        return reason if other else None

    def _check_duplicate(
        self,
        act: Act,
        request: EnrolmentRequest,
        admission: Admission,
        template: bytes,
        gallery: Gallery,
    ) -> None:
        """Refuse a face that is enrolled under another REF. Raises `DuplicateIdentity`."""
        subject, purpose, _ = admission
        distance = self._duplicate_limit(purpose)
        other = duplicates.other_subject(gallery, template, distance, subject.subject_id)
        if other is not None:
            named = duplicates.name_of(act, purpose, other.subject_id)
            raise DuplicateIdentity(path=request.path, other=named, rank=other.rank)

    def _duplicate_limit(self, purpose: Purpose) -> float:
        """Return the largest distance of a duplicate, as it was for the first capture."""
        limit = self._duplicate_limits.get(purpose.version_id)
        if limit is None:
            site = self._galleries[purpose.code].site
            limit = duplicates.limit(self._spec, purpose, self._sizes[purpose.code], site)
            self._duplicate_limits[purpose.version_id] = limit
        return limit

    # -- replacing --------------------------------------------------------------------------

    def _earlier(self, act: Act, admission: Admission) -> Sequence[int]:
        """Return the templates that a new capture replaces, by row ids."""
        if self._replacing is None:
            return ()
        return self._replacing.earlier(act.db, admission.subject, admission.purpose)

    def _replace(self, act: Act, admission: Admission, earlier: Sequence[int]) -> None:
        if self._replacing is not None and earlier:
            self._replacing.erase(act, admission.subject, admission.purpose, earlier)

    # -- storing and logging ----------------------------------------------------------------

    def _store(
        self,
        act: Act,
        admission: Admission,
        image: ImageAnalysis,
        accepted: _Accepted,
        details: Mapping[str, object],
    ) -> str:
        """Store the template, and the photo if the image brings one. Return the template's id."""
        subject, purpose, _ = admission
        sample_id = None
        if image.photo is not None:
            sample_id = store_photo(act, subject.subject_id, purpose.purpose_id, image.photo)
        origin = TemplateOrigin(
            subject.subject_id,
            purpose.purpose_id,
            sample_id,
            image.sha256,
            act.now,
            accepted.source,
            accepted.other_face,
        )
        template_id = store_template(act, origin, self._spec, accepted.template, accepted.quality)
        interactions.note(act, subject.subject_id, purpose.purpose_id)
        entry = {
            "engine": self._spec.engine_id,
            "template_id": template_id,
            "quality": accepted.quality,
            "bystanders": image.bystanders,
            "photo_kept": sample_id is not None,
            "version": purpose.version,
            **({"other_face": True} if accepted.other_face is not None else {}),
            **details,
        }
        if accepted.source is not None:
            entry["photo_source"] = photo_sources.kind_of(accepted.source)
        act.record("enroll", subject_id=subject.pseudonym, purpose=purpose.code, details=entry)
        return template_id

    def _log_failure(
        self,
        request: EnrolmentRequest,
        error: FacecliError,
        outcome: Literal["refused", "failed"],
        image: ImageAnalysis | None = None,
    ) -> EnrolmentOutcome:
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
        return not_enrolled(request, outcome, error, image)


def _file_digest(path: str) -> str | None:
    """Return the SHA-256 of a regular file in hexadecimal, or None if it cannot be read."""
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
