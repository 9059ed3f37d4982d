"""Many requests, one after the other: the rows of a manifest, or several images of a subject."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace

from facecli.capture import manifests
from facecli.consent import photo_sources
from facecli.consent.agreements import Agreement, read_evidence
from facecli.errors.base import FacecliError
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.recognition import EnrolmentRefused
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.analysis.pool import Analysers, capture_failed
from facecli.recognition.enrolment.batch_start import BatchStart
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.requests import EnrolmentOutcome, EnrolmentRequest
from facecli.workers.answers import Failure

IDLE = 64
"""Requests in a row that need no image, after which no outcome is kept for one that does."""


def enrol_all(
    enroller: Enroller,
    requests: Iterable[EnrolmentRequest | EnrolmentOutcome],
    analysers: Analysers,
) -> Iterator[EnrolmentOutcome]:
    """Enrol captures one after the other. Each is committed before its outcome is yielded.

    Args:
        requests: an outcome among them passes through unchanged, in its place.
        analysers: open only the images of requests that the gate permits.
    """
    rest = iter(requests)
    while (first := (yield from _refused(enroller, rest))) is not None:
        yield from _stretch(enroller, first, rest, analysers)


def _refused(
    enroller: Enroller, requests: Iterator[EnrolmentRequest | EnrolmentOutcome]
) -> Generator[EnrolmentOutcome, None, EnrolmentRequest | None]:
    """Yield outcomes at once, however many, and return the first request whose image is needed."""
    for request in requests:
        decided = _decided(enroller, request)
        if isinstance(decided, EnrolmentRequest):
            return decided
        yield decided
    return None


def _stretch(
    enroller: Enroller,
    first: EnrolmentRequest,
    requests: Iterator[EnrolmentRequest | EnrolmentOutcome],
    analysers: Analysers,
) -> Iterator[EnrolmentOutcome]:
    """Enrol until no image was needed for `IDLE` requests, or to the end."""
    waiting: deque[EnrolmentRequest | EnrolmentOutcome] = deque([first])

    def permitted() -> Iterator[AnalysisRequest]:
        yield _analysis_of(first)
        idle = 0
        while idle < IDLE and (request := next(requests, None)) is not None:
            decided = _decided(enroller, request)
            waiting.append(decided)
            idle += 1
            if isinstance(decided, EnrolmentRequest):
                idle = 0
                yield _analysis_of(decided)

    for _, analysis in analysers.map(permitted()):
        while isinstance(head := waiting.popleft(), EnrolmentOutcome):
            yield head
        yield _outcome(enroller, head, analysis)
    for left in waiting:
        if isinstance(left, EnrolmentOutcome):
            yield left


def _decided(
    enroller: Enroller, request: EnrolmentRequest | EnrolmentOutcome
) -> EnrolmentRequest | EnrolmentOutcome:
    """Return the outcome, if it needs no image, or else the request."""
    if isinstance(request, EnrolmentOutcome):
        return request
    return enroller.rehearse(request) or request


def _analysis_of(request: EnrolmentRequest) -> AnalysisRequest:
    return AnalysisRequest(request.path, "enrol", keep_photo=request.keep_photo)


def _outcome(
    enroller: Enroller, request: EnrolmentRequest, analysis: ImageAnalysis | Failure
) -> EnrolmentOutcome:
    if isinstance(analysis, ImageAnalysis):
        return enroller.enrol(request, analysis)
    return enroller.fail(request, capture_failed(request.path, analysis))


def not_enrolled_before(
    enroller: Enroller, requests: Iterable[EnrolmentRequest | EnrolmentOutcome]
) -> Iterator[EnrolmentRequest | EnrolmentOutcome]:
    """Yield the requests that a resumed batch still has to enrol."""
    for request in requests:
        if isinstance(request, EnrolmentOutcome) or not enroller.has(request):
            yield request


def request_of(
    enroller: Enroller,
    row: manifests.ManifestRow,
    start: BatchStart,
    *,
    keep_evidence: bool,
    keep_photo: bool,
    allow_duplicate: bool,
    distinct: bool,
    offered_alternative: bool = False,
) -> EnrolmentRequest | EnrolmentOutcome:
    """Return the request of a manifest's row, or its outcome if the row is not usable."""
    request = EnrolmentRequest(
        row.ref,
        row.purpose,
        row.path,
        row.name,
        keep_photo=keep_photo,
        allow_duplicate=allow_duplicate or row.allow_duplicate,
        distinct=distinct or row.distinct,
    )
    try:
        request = replace(request, source=_source(row))
        if row.problem:
            raise BadInput(what=f"Row {row.number}", why=row.problem, reason="bad-row")
        request = request.allowing(row.allow_other_face)
        return request.under(_agreement(row, start, keep_evidence, offered_alternative))
    except EnrolmentRefused as error:
        return enroller.refuse(request, error)
    except FacecliError as error:
        return enroller.fail(request, error)


def _source(row: manifests.ManifestRow) -> str | None:
    """Return the source that a row states.

    Raises:
        EnrolmentRefused: the row names the web, or in any cell a web address.
        BadInput: it is no source.
    """
    stated = row.source
    if any(map(photo_sources.names_an_address, row.cells)) or (
        stated and photo_sources.is_from_the_web(stated)
    ):
        raise EnrolmentRefused(reason="web-collected", path=row.path)
    try:
        return photo_sources.check_source(stated) if stated else None
    except BadText as error:
        why = f"the cell `source`: {error.details['why']}"
        raise BadInput(what=f"Row {row.number}", why=why, reason="bad-row") from None


def _agreement(
    row: manifests.ManifestRow, start: BatchStart, keep_evidence: bool, offered: bool
) -> Agreement | None:
    if row.expires is None:
        return None
    form = None
    if row.evidence is not None:
        form = read_evidence(row.evidence, keep=keep_evidence, shared=row.shared_form)
    notice = start.notice_of(row.purpose, row.notice_lang)
    return Agreement(row.expires, row.given, form, row.guardian, notice, offered)
