"""A request to enrol a capture, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from facecli.consent.agreements import Agreement
from facecli.consent.text import check_note
from facecli.errors.base import FacecliError
from facecli.recognition.analysis.image import FaceAnalysis, ImageAnalysis


@dataclass(frozen=True)
class EnrolmentRequest:
    """One capture to enrol. With `agreement`, a missing subject and consent are recorded too.

    distinct: the REF of a new subject may look like another's. allow_duplicate: the face may be
    enrolled under another REF. allow_other_face: why it may be another than the subject's, or None.
    source: where the photo comes from, as stated.
    """

    ref: str
    purpose: str
    path: str
    name: str | None = None
    agreement: Agreement | None = None
    keep_photo: bool = False
    allow_duplicate: bool = False
    source: str | None = None
    allow_other_face: str | None = None
    distinct: bool = False

    def under(self, agreement: Agreement | None) -> EnrolmentRequest:
        """Return the same request with this agreement."""
        return replace(self, agreement=agreement)

    def allowing(self, other_face: str | None) -> EnrolmentRequest:
        """Return the same request, with the reason why it may show another face, or None.

        Raises:
            BadText: the reason is empty, too long, or has a refused character.
        """
        if other_face is not None:
            other_face = check_note(other_face, "The reason of --allow-other-face")
        return replace(self, allow_other_face=other_face)


@dataclass(frozen=True)
class EnrolmentOutcome:
    """The outcome of a request. `error` explains why a capture was not enrolled.

    quality: unified, 0..100, higher is better, or None. bystanders: other faces in the image.
    """

    ref: str
    purpose: str
    path: str
    outcome: Literal["enrolled", "refused", "failed"]
    reason: str | None = None
    quality: int | None = None
    template_id: str | None = None
    bystanders: int | None = None
    error: FacecliError | None = None


def main_face(image: ImageAnalysis) -> FaceAnalysis | None:
    """Return the largest face of an image, or None."""
    return image.faces[0] if image.faces else None


def enrolled(request: EnrolmentRequest, image: ImageAnalysis, template_id: str) -> EnrolmentOutcome:
    """Return the outcome of a request whose template was stored."""
    face = main_face(image)
    return EnrolmentOutcome(
        ref=request.ref,
        purpose=request.purpose,
        path=request.path,
        outcome="enrolled",
        quality=face.quality if face else None,
        template_id=template_id,
        bystanders=image.bystanders,
    )


def not_enrolled(
    request: EnrolmentRequest,
    outcome: Literal["refused", "failed"],
    error: FacecliError,
    image: ImageAnalysis | None = None,
) -> EnrolmentOutcome:
    """Return the outcome of a request that stored nothing. image: None if none was analysed."""
    face = main_face(image) if image else None
    return EnrolmentOutcome(
        ref=request.ref,
        purpose=request.purpose,
        path=request.path,
        outcome=outcome,
        reason=error.reason,
        quality=face.quality if face else None,
        bystanders=image.bystanders if image else None,
        error=error,
    )
