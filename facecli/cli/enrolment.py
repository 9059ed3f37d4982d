"""The common parts of the commands that enrol: their options, their records, their exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from facecli.cli.form_options import OFFERED_ALTERNATIVE, about_the_form, form_of
from facecli.cli.letters import language_of
from facecli.cli.options import OUTPUT
from facecli.cli.records import RecordKind
from facecli.cli.session import Session
from facecli.consent import dates, notices, photo_sources, purposes
from facecli.consent.agreements import Agreement, Evidence, Shown
from facecli.erasure.replacement import Replacement
from facecli.errors.base import FacecliError
from facecli.papers.languages import ENGLISH, Language
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.requests import EnrolmentOutcome, EnrolmentRequest

ENROLMENT = RecordKind(
    "enroll",
    (
        "ref", "purpose", "path", "outcome", "reason", "quality", "template_id", "bystanders",
        "message",
    ),
    ("ref", "purpose", "path", "outcome", "reason", "quality"),
    dispensable=("quality", "purpose"),
)  # fmt: skip


REPLACE = click.option(
    "--replace", is_flag=True, help="Erase the subject's earlier templates for the purpose in the "
    "same act. The consent stays.",
)  # fmt: skip
"""`--replace`: new templates instead of the earlier ones."""


ALLOW_DUPLICATE = click.option(
    "--allow-duplicate", is_flag=True, help="Enrol the face even if it has another REF (twins).",
)  # fmt: skip
DISTINCT = click.option(
    "--distinct", is_flag=True, help="Accept a new REF that looks like another subject's.",
)  # fmt: skip


@dataclass(frozen=True)
class Consenting:
    """The options about one subject: their name, their consent, what is kept, and the letter.

    `given` and `expires` are as typed; the evidence has been read.
    """

    name: str | None
    evidence: Evidence | None
    given: str | None
    expires: str | None
    guardian: str | None
    notice_shown: bool
    notice_lang: str | None
    offered_alternative: bool
    keep_photo: bool
    allow_duplicate: bool
    allow_other_face: str | None
    distinct: bool
    source: str | None
    replace: bool
    letter: Path | None

    def requests(
        self, opened: Session, ref: str, purpose: str, paths: Sequence[str], *, asks: bool = False
    ) -> list[EnrolmentRequest]:
        """Return a request for each capture, all under one agreement of one moment.

        Args:
            asks: the command shows the notice itself and asks, unless it is declared as shown.

        Raises:
            BadText: the reason of --allow-other-face is not usable.
        """
        agreed = self._agreement(opened, purpose, asks)
        return [
            EnrolmentRequest(
                ref,
                purpose,
                path,
                self.name,
                agreed,
                self.keep_photo,
                self.allow_duplicate,
                self.source,
                distinct=self.distinct,
            ).allowing(self.allow_other_face)
            for path in paths
        ]

    def _agreement(self, opened: Session, purpose: str, asks: bool) -> Agreement | None:
        """Return the consent to record, given now by default; None without --expires."""
        if self.expires is None:
            return None
        found = purposes.find_any(opened.db, purpose)
        how = "declared" if self.notice_shown else "asked" if asks else None
        day = dates.today(opened.db, opened.now)
        version = found.version if found else None
        notice = Shown(how, version, opened.now, day, self.notice_lang)
        return Agreement(
            self.expires, self.given, self.evidence, self.guardian, notice, self.offered_alternative
        )


def consenting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options about the subject, the consent and what is kept, as `consent`.

    The evidence is read before the command runs.

    Raises:
        BadText: the source of the photo is none.
        BadInput: the evidence cannot be read.
    """

    def wrapped(
        *args: Any,
        name: str | None,
        evidence: Path | None,
        keep_evidence: bool,
        given: str | None,
        expires: str | None,
        guardian: str | None,
        shared_form: str | None,
        notice_shown: bool,
        notice_lang: str | None,
        offered_alternative: bool,
        keep_photo: bool,
        allow_duplicate: bool,
        allow_other_face: str | None,
        distinct: bool,
        source_of_photo: str | None,
        replace: bool,
        letter: Path | None,
        **kwargs: Any,
    ) -> Any:
        if expires is None and (evidence or given or guardian):
            raise click.UsageError("--evidence, --given and --guardian need --expires")
        if source_of_photo is not None and not photo_sources.is_from_the_web(source_of_photo):
            source_of_photo = photo_sources.check_source(source_of_photo)
        if expires is None and offered_alternative:
            raise click.UsageError("--offered-alternative needs --expires")
        form = form_of(evidence, keep_evidence, shared_form)
        consent = Consenting(
            name,
            form,
            given,
            expires,
            guardian,
            notice_shown,
            notice_lang,
            offered_alternative,
            keep_photo,
            allow_duplicate,
            allow_other_face,
            distinct,
            source_of_photo,
            replace,
            letter,
        )
        return command(*args, consent=consent, **kwargs)

    update_wrapper(wrapped, command)
    options = (
        click.option("--name", metavar="N", help="The name of a new subject."),
        click.option("--given", metavar="DATE",
                     help="Date on which consent was given, or its time.  [default: now]"),
        click.option("--expires", metavar="DATE",
                     help="End of the consent: a date, or a length such as 1y."),
        click.option("--guardian", metavar="N", help="Name of the guardian who consents for a "
                     "minor."),
        OFFERED_ALTERNATIVE,
        click.option("--keep-photo", is_flag=True,
                     help="Store the photo too, if the purpose allows it."),
        ALLOW_DUPLICATE,
        click.option("--allow-other-face", metavar="REASON", help="Why the face may look like "
                     "another than the one that is enrolled as REF; for all images."),
        DISTINCT,
        click.option("--source", "source_of_photo", metavar="S",
                     help=f"Where the photo comes from: {photo_sources.FORM}."),
        REPLACE,
        click.option("--letter", type=OUTPUT, metavar="FILE",
                     help="If the enrolment is refused, write a letter with the reason: a page if "
                     "the name of FILE ends in .html, else text."),
    )  # fmt: skip
    for option in reversed(options):
        wrapped = option(wrapped)
    return about_the_form(wrapped)


def in_the_language(
    opened: Session, consent: Consenting, purpose: str, lang: str | None
) -> tuple[Consenting, Language]:
    """Return the consent with the language of the notice to show, and the language of the sitting.

    Args:
        lang: of the sitting; None for that of the notice.
    """
    found = purposes.find_any(opened.db, purpose)
    if lang is not None and consent.notice_lang is None and found is not None:
        notice = notices.matching(found.terms.notices, lang)
        if notice is None:
            opened.settings.note(f"{purpose} has no notice in {lang}: its first one is shown.")
        else:
            consent = replace(consent, notice_lang=notice.language)
    shown = consent.notice_lang or (found.terms.notice_lang if found else None)
    if lang is None and (shown is None or not notices.TAG.fullmatch(shown)):
        shown = ENGLISH
    return consent, language_of(opened.settings, lang or str(shown))


def enroller(
    opened: Session,
    replacing: Replacement | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Enroller:
    """Return an enroller for the open database and its engine. sizes: see `Enroller`."""
    spec = engine_of(opened.db)
    return Enroller(opened.db, spec, opened.act, lambda: opened.now, replacing, sizes)


def record(outcome: EnrolmentOutcome) -> dict[str, Any]:
    """Return an outcome as the record to report."""
    return {
        "ref": outcome.ref,
        "purpose": outcome.purpose,
        "path": outcome.path,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "quality": outcome.quality,
        "template_id": outcome.template_id,
        "bystanders": outcome.bystanders,
        "message": str(outcome.error) if outcome.error else None,
    }


def errors_of(outcomes: Sequence[EnrolmentOutcome]) -> list[FacecliError]:
    """Return the errors of the captures that were not enrolled."""
    return [outcome.error for outcome in outcomes if outcome.error is not None]


def sentence(ref: str, error: FacecliError) -> str:
    """Return an error's message with the REF in front, unless the message begins with it."""
    text = str(error)
    return text if text.startswith(f"{ref} ") else f"{ref}: {text}"


def worst(errors: Sequence[FacecliError]) -> int:
    """Return the exit code when nothing was enrolled: the highest of the errors' codes."""
    return max(int(error.exit_code) for error in errors)
