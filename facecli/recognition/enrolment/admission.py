"""The consent side of an enrolment: ask the gate whether and until when it is permitted."""

from __future__ import annotations

from typing import NamedTuple

from facecli.audit.entries import Act
from facecli.consent import consents, gate, photo_sources, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.consent.subjects import NewSubject, Subject
from facecli.consent.text import check_name, check_ref
from facecli.errors.command_line import BadInput
from facecli.errors.consent import UnknownAndNoConsent
from facecli.errors.recognition import EnrolmentRefused
from facecli.recognition.enrolment.requests import EnrolmentRequest
from facecli.times import is_nothing


class Admission(NamedTuple):
    """Subject and purpose of a permitted enrolment. until: the consent's end."""

    subject: Subject
    purpose: Purpose
    until: str


def admit(act: Act, request: EnrolmentRequest) -> Admission:
    """Ask the gate; first record the subject and the consent that the request brings.

    Raises:
        BadInput: the purpose keeps no photos, the REF has another name, or a new REF can be
            confused with another subject's.
        EnrolmentRefused: the photo comes from the web.
        NoConsent: no consent covers the enrolment now, or there is no such subject.
        Unknown: there is no such purpose.
    """
    purpose = gate.open_purpose(act.db, request.purpose)
    if request.source is not None and photo_sources.is_from_the_web(request.source):
        raise EnrolmentRefused(reason="web-collected", path=request.path)
    if request.keep_photo and is_nothing(purpose.terms.retain_photo):
        why = "it keeps no photos (retain_photo is nothing); leave out --keep-photo"
        raise BadInput(what=f"The purpose {purpose.code}", why=why, reason="no-photos")
    subject = _subject(act, request)
    if request.agreement is not None:
        consents.ensure(act, subject, purpose, request.agreement)
    return Admission(subject, purpose, gate.require(act.db, subject, purpose, act.now))


def _subject(act: Act, request: EnrolmentRequest) -> Subject:
    ref = check_ref(request.ref)
    subject = subjects.find_any(act.db, ref)
    if subject is None:
        if request.agreement is None:
            raise UnknownAndNoConsent(ref=ref, purpose=request.purpose)
        return subjects.add(act, _newcomer(ref, request, request.agreement.guardian))
    if request.name and subject.name != check_name(request.name):
        why = "it is enrolled under another name; correct one of the two"
        raise BadInput(what=f"The REF {ref}", why=why, reason="other-name")
    return subject


def _newcomer(ref: str, request: EnrolmentRequest, guardian: str | None) -> NewSubject:
    """Return the subject to add. Only for a minor does a guardian consent."""
    minor = guardian is not None
    return NewSubject(ref, request.name, minor, guardian, distinct=request.distinct)
