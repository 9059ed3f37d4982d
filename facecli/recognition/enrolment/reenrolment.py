"""Re-enrolment: make templates with another engine from kept photos, then switch engines once.

The new templates are made beside the old ones, each in a transaction of its own, and the
database keeps its engine meanwhile. Then one transaction makes the new engine the database's and
erases all other templates. A crash before that transaction leaves the database as it was, and the
next run does not repeat the templates made so far. A legal hold keeps a subject's old templates;
they are never compared.

The gate is asked before a photo is opened and again before its template is stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Literal

from facecli.audit.entries import Act
from facecli.consent import gate, holds, purposes, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.consent.subjects import Subject
from facecli.errors.consent import NoConsent
from facecli.recognition import stored
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.analysis.pool import Analysers
from facecli.recognition.engines import of_database
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.enrolment.requests import main_face
from facecli.recognition.stored import KeptPhoto, TemplateOrigin
from facecli.store import templates
from facecli.store.database import Database
from facecli.workers.answers import Failure

ReenrolmentResult = Literal["reenrolled", "would-reenroll", "call-in", "refused", "held"]


@dataclass(frozen=True)
class ReenrolmentOutcome:
    """The outcome of one subject's templates for one purpose.

    call-in: the subject must be enrolled again, because no photo was kept (`no-photo`,
    `photo-over`) or the new engine makes no template of it. refused: the gate does not permit it.
    held: a legal hold keeps the old templates, unused. templates: number of the new engine.
    """

    subject: Subject
    purpose: str
    outcome: ReenrolmentResult
    reason: str | None
    templates: int


@dataclass
class _Case:
    """A subject and a purpose that other engines have templates of."""

    subject: Subject
    purpose: Purpose
    photos: list[KeptPhoto] = field(default_factory=list)
    reason: str | None = None
    held: bool = False
    refused: bool = False


class Reenroller:
    """Moves one database to another engine. No other process may have it open."""

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
        self._cases = self._find_cases()

    @property
    def engine(self) -> str | EngineSpec:
        """The new engine, in the form that workers load."""
        return self._spec.loadable

    def photos(self) -> int:
        """Return the number of kept photos to analyse."""
        return sum(len(case.photos) for case in self._cases)

    def plan(self) -> list[ReenrolmentOutcome]:
        """Return what `make` and `switch` would do, without opening a photo."""
        return [self._planned(case) for case in self._cases]

    def make(self, analysers: Analysers) -> Iterator[str | None]:
        """Make the new templates. Yield for each photo None, or why it gave no template."""
        waiting: deque[tuple[_Case, KeptPhoto]] = deque()

        def permitted() -> Iterator[AnalysisRequest]:
            for case in self._cases:
                for photo in case.photos:
                    content = self._content(case, photo)
                    if content is not None:
                        waiting.append((case, photo))
                        name = f"kept photo {photo.sample_id}"
                        yield AnalysisRequest(name, "enrol", content=content)

        for _, analysis in analysers.map(permitted()):
            case, photo = waiting.popleft()
            reason = self._take(case, photo, analysis)
            case.reason = reason or case.reason
            yield reason

    def switch(self) -> list[ReenrolmentOutcome]:
        """Make the new engine the database's, and erase the templates of all others."""
        with self._begin() as act:
            before = of_database.engine_id_of(act.db)
            outcomes = [self._outcome(case) for case in self._cases]
            held = {case.subject.subject_id for case in self._cases if case.held}
            erased = stored.erase_other_engines(act.db, self._spec.engine_id, held)
            of_database.set_engine(act.db, self._spec)
            self._record_switch(act, before, erased, outcomes)
        return outcomes

    def _record_switch(
        self, act: Act, before: str, erased: int, outcomes: list[ReenrolmentOutcome]
    ) -> None:
        for outcome in outcomes:
            if outcome.outcome not in ("reenrolled", "held"):
                details = {"outcome": outcome.outcome, "reason": outcome.reason}
                self._record(act, outcome.subject, outcome.purpose, "refused", details)
        act.record(
            "engine.switch",
            details={
                "from": before,
                "to": self._spec.engine_id,
                "erased": erased,
                "reenrolled": sum(one.outcome == "reenrolled" for one in outcomes),
                "not_reenrolled": sum(one.outcome != "reenrolled" for one in outcomes),
            },
        )

    # -- what is stored -------------------------------------------------------------------

    def _find_cases(self) -> list[_Case]:
        """Return the cases by REF."""
        keys = sorted(stored.in_other_engines(self._db, self._spec.engine_id))
        return sorted((self._case(*key) for key in keys), key=lambda case: case.subject.ref)

    def _case(self, subject_id: int, purpose_id: int) -> _Case:
        subject = subjects.find_by_id(self._db, subject_id)
        case = _Case(subject, purposes.find_by_id(self._db, purpose_id))
        now = self._now()
        if holds.lasts_until(self._db, subject, now) is not None:
            case.held, case.reason = True, "held"
            return case
        case.reason = self._refusal(case, now)
        case.refused = case.reason is not None
        if not case.refused:
            case.photos, case.reason = self._photos(case, now)
        return case

    def _refusal(self, case: _Case, now: str) -> str | None:
        try:
            gate.require(self._db, case.subject, case.purpose, now)
        except NoConsent as error:
            return error.reason
        return None

    def _photos(self, case: _Case, now: str) -> tuple[list[KeptPhoto], str]:
        """Return the photos to use, and the reason to report if none gives a template."""
        kept = stored.photos_without_template(
            self._db, case.subject.subject_id, case.purpose.purpose_id, self._spec.engine_id
        )
        due = gate.due_photos(self._db, case.subject, now)
        fresh = [photo for photo in kept if photo.sample_id not in due]
        return fresh, "photo-over" if kept and not fresh else "no-photo"

    def _content(self, case: _Case, photo: KeptPhoto) -> bytes | None:
        """Return a photo if the gate still permits it now."""
        refusal = self._refusal(case, self._now())
        if refusal is not None:
            case.refused, case.reason = True, refusal
            return None
        return templates.photo(self._db, photo.sample_id)

    # -- outcomes -------------------------------------------------------------------------

    def _outcome(self, case: _Case) -> ReenrolmentOutcome:
        made = stored.count_templates(
            self._db, case.subject.subject_id, case.purpose.purpose_id, self._spec.engine_id
        )
        outcome: ReenrolmentResult = "call-in"
        reason = case.reason
        if case.held:
            outcome = "held"
        elif case.refused:
            outcome = "refused"
        elif made:
            outcome, reason = "reenrolled", None
        return ReenrolmentOutcome(case.subject, case.purpose.code, outcome, reason, made)

    def _planned(self, case: _Case) -> ReenrolmentOutcome:
        outcome = self._outcome(case)
        if not case.photos or outcome.outcome != "call-in":
            return outcome
        expected = outcome.templates + len(case.photos)
        return replace(outcome, outcome="would-reenroll", reason=None, templates=expected)

    # -- storing and logging --------------------------------------------------------------

    def _take(self, case: _Case, photo: KeptPhoto, analysis: ImageAnalysis | Failure) -> str | None:
        """Store the template of one photo. Return None, or the reason why there is none.

        A reason is logged.
        """
        with self._begin() as act:
            reason = self._refusal(case, act.now)
            case.refused = case.refused or reason is not None
            if reason is None:
                reason = self._store(act, case, photo, analysis)
            if reason is not None:
                details = {"reason": reason}
                self._record(act, case.subject, case.purpose.code, "refused", details)
        return reason

    def _store(
        self, act: Act, case: _Case, photo: KeptPhoto, analysis: ImageAnalysis | Failure
    ) -> str | None:
        """Store the template of the main face. Return the reason if there is none."""
        if not isinstance(analysis, ImageAnalysis):
            return analysis.code
        face = main_face(analysis)
        if analysis.reason is not None or face is None or face.template is None:
            return analysis.reason or "no-face"
        # The retention still counts from the capture.
        capture = stored.capture_of_photo(act.db, photo.sample_id)
        origin = TemplateOrigin(
            case.subject.subject_id, case.purpose.purpose_id, photo.sample_id, *capture
        )
        quality = face.quality
        template_id = stored.store_template(act, origin, self._spec, face.template, quality)
        details = {"template_id": template_id, "quality": quality}
        self._record(act, case.subject, case.purpose.code, "done", details)
        return None

    def _record(
        self, act: Act, subject: Subject, purpose: str, outcome: str, details: Mapping[str, object]
    ) -> None:
        act.record(
            "reenroll",
            outcome,
            subject_id=subject.pseudonym,
            purpose=purpose,
            details={"engine": self._spec.engine_id, **details},
        )


def unfinished(outcomes: Iterable[ReenrolmentOutcome]) -> int:
    """Return the number of cases without a template of the new engine."""
    return sum(one.outcome not in ("reenrolled", "would-reenroll") for one in outcomes)
