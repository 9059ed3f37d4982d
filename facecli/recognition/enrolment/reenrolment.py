"""Another engine: templates anew from kept photos, then one switch.

The new templates are made beside the old ones, each in a transaction of its own, while the
database goes on with its engine. Then one transaction makes the new engine the database's and
erases every other template. A crash before it leaves the database as it was (and what was made
is not made twice); after it, everything is done. Of a person under a legal hold nothing is
erased: what is stored of them stays, and is never compared.

The gate is asked before a photo is looked at and again before its template is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from facecli.audit.entries import Act
from facecli.consent import gate, purposes, subjects
from facecli.consent.purposes import Purpose
from facecli.consent.subjects import Subject
from facecli.errors.consent import NoConsent
from facecli.recognition.analysis.image import AnalysisRequest, FaceAnalysis, ImageAnalysis
from facecli.recognition.analysis.pool import Analysers, Failed
from facecli.recognition.engines import of_database
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.stored import Capture, capture_of_photo, store_template
from facecli.store import holdings, shards, templates
from facecli.store.database import Database

Result = Literal["reenrolled", "would-reenroll", "call-in", "refused", "held"]


@dataclass(frozen=True)
class Outcome:
    """What became of one person's templates for one purpose.

    call-in: they must come and be enrolled anew, because no photo was kept (`no-photo`,
    `photo-over`) or the new engine makes nothing of it. refused: the gate does not permit it.
    held: a legal hold; their old templates stay, unused. templates: of the new engine.
    """

    subject: Subject
    purpose: str
    outcome: Result
    reason: str | None
    templates: int


class _Photo(NamedTuple):
    """A kept photo of which the new engine has no template yet."""

    sample_id: int
    subject_id: int
    purpose: str


@dataclass
class _Case:
    """A person and a purpose of which other engines have templates."""

    subject: Subject
    purpose: Purpose
    photos: list[_Photo] = field(default_factory=list)
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
        self._cases = [self._case(*key) for key in self._keys()]

    @property
    def engine(self) -> str | EngineSpec:
        """The new engine, as workers are told it."""
        return self._spec.loadable

    def photos(self) -> int:
        """How many kept photos are to be looked at."""
        return sum(len(case.photos) for case in self._cases)

    def plan(self) -> list[Outcome]:
        """What `make` and `switch` would do, without looking at a photo."""
        outcomes = [self._outcome(case) for case in self._cases]
        planned = []
        for case, outcome in zip(self._cases, outcomes, strict=True):
            if case.photos and outcome.outcome == "call-in":
                expected = outcome.templates + len(case.photos)
                outcome = replace(
                    outcome, outcome="would-reenroll", reason=None, templates=expected
                )
            planned.append(outcome)
        return planned

    def make(self, analysers: Analysers) -> Iterator[str | None]:
        """Make the new templates; for each photo, None or the reason why it gave none."""
        waiting: list[tuple[_Case, _Photo]] = []

        def permitted() -> Iterator[AnalysisRequest]:
            for case in self._cases:
                for photo in case.photos:
                    content = self._content(case, photo)
                    if content is not None:
                        waiting.append((case, photo))
                        name = f"kept photo {photo.sample_id}"
                        yield AnalysisRequest(name, "enrol", content=content)

        for _, analysis in analysers.map(permitted()):
            case, photo = waiting.pop(0)
            reason = self._take(case, photo, analysis)
            case.reason = reason or case.reason
            yield reason

    def switch(self) -> list[Outcome]:
        """Make the engine the database's and erase the templates of all others."""
        with self._begin() as act:
            before = of_database.engine_id_of(act.db)
            outcomes = [self._outcome(case) for case in self._cases]
            kept = [case.subject.subject_id for case in self._cases if case.held]
            erased = self._erase_others(act, set(kept))
            of_database.keep(act.db, self._spec)
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
        return outcomes

    # -- what there is --------------------------------------------------------------------

    def _keys(self) -> list[tuple[int, int]]:
        keys = templates.holders_of_others(self._db, self._spec.engine_id)
        named = subjects.names(self._db, {subject_id for subject_id, _ in keys})
        return sorted(keys, key=lambda key: (named[key[0]][0], key[1]))

    def _case(self, subject_id: int, purpose_id: int) -> _Case:
        subject, purpose = self._of(subject_id, purpose_id)
        case = _Case(subject, purpose)
        until = subjects.held_until(self._db, subject)
        now = self._now()
        if until is not None and until > now:
            case.held, case.reason = True, "held"
            return case
        case.reason = self._refusal(subject, purpose, now)
        case.refused = case.reason is not None
        if not case.refused:
            case.photos, case.reason = self._photos(case, purpose_id, now)
        return case

    def _of(self, subject_id: int, purpose_id: int) -> tuple[Subject, Purpose]:
        ref, _ = subjects.names(self._db, {subject_id})[subject_id]
        purpose = purposes.find_any(self._db, purposes.codes(self._db)[purpose_id])
        if purpose is None:
            raise AssertionError("a purpose without a version")
        return subjects.find(self._db, ref), purpose

    def _refusal(self, subject: Subject, purpose: Purpose, now: str) -> str | None:
        try:
            gate.require(self._db, subject, purpose, now)
        except NoConsent as error:
            return error.reason
        return None

    def _photos(self, case: _Case, purpose_id: int, now: str) -> tuple[list[_Photo], str]:
        """The photos to be used, and what is to be said if none gives a template."""
        rows = templates.photos_without(
            self._db, case.subject.subject_id, purpose_id, self._spec.engine_id
        )
        due = gate.due_photos(self._db, case.subject, now)
        fresh = [sample_id for sample_id in rows if sample_id not in due]
        found = [_Photo(one, case.subject.subject_id, case.purpose.code) for one in fresh]
        return found, "photo-over" if rows and not fresh else "no-photo"

    def _content(self, case: _Case, photo: _Photo) -> bytes | None:
        """A photo, if the gate permits now that it is looked at."""
        refusal = self._refusal(case.subject, case.purpose, self._now())
        if refusal is not None:
            case.refused, case.reason = True, refusal
            return None
        return templates.photo(self._db, photo.sample_id)

    def _made(self, case: _Case) -> int:
        return templates.count_of(
            self._db, case.subject.subject_id, case.purpose.purpose_id, self._spec.engine_id
        )

    def _outcome(self, case: _Case) -> Outcome:
        made = self._made(case)
        outcome: Result = "call-in"
        reason = case.reason
        if case.held:
            outcome = "held"
        elif case.refused:
            outcome = "refused"
        elif made:
            outcome, reason = "reenrolled", None
        return Outcome(case.subject, case.purpose.code, outcome, reason, made)

    # -- what is done ---------------------------------------------------------------------

    def _take(self, case: _Case, photo: _Photo, analysis: ImageAnalysis | Failed) -> str | None:
        """Store the template of one photo; None, or the reason why there is none, logged."""
        with self._begin() as act:
            reason = self._refusal(case.subject, case.purpose, act.now)
            if reason is not None:
                case.refused = True
            elif not isinstance(analysis, ImageAnalysis):
                reason = analysis.code
            else:
                face = analysis.faces[0] if analysis.faces else None
                if analysis.reason is None and face is not None and face.template is not None:
                    self._store(act, case, photo, face, face.template)
                    return None
                reason = analysis.reason or "no-face"
            self._record(act, case.subject, photo.purpose, "refused", {"reason": reason})
        return reason

    def _store(
        self, act: Act, case: _Case, photo: _Photo, face: FaceAnalysis, template: bytes
    ) -> None:
        sha256, captured_at = capture_of_photo(act.db, photo.sample_id)
        capture = Capture(  # its retention still counts from when it was taken
            photo.subject_id, case.purpose.purpose_id, photo.sample_id, sha256, captured_at
        )
        template_id = store_template(
            act, capture, self._spec.engine_id, template, face.quality.unified
        )
        self._record(act, case.subject, photo.purpose, "done",
                     {"template_id": template_id, "quality": face.quality.unified})  # fmt: skip

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

    def _erase_others(self, act: Act, but_of: set[int]) -> int:
        """Erase the templates of all other engines, and the shards that are empty then."""
        rows = templates.of_other_engines(act.db, self._spec.engine_id)
        ids = [template_id for template_id, subject_id in rows if subject_id not in but_of]
        holdings.erase_templates(act.db, ids)
        shards.drop_empty(act.db, self._spec.engine_id)
        return len(ids)


def unfinished(outcomes: Iterable[Outcome]) -> int:
    """How many have no template of the new engine."""
    return sum(one.outcome not in ("reenrolled", "would-reenroll") for one in outcomes)
