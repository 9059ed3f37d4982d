"""`facecli enroll`: templates under recorded consents."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from facecli.capture import manifests
from facecli.capture.manifests import ManifestRow
from facecli.cli import refusal_letter
from facecli.cli.analysers import Analysing, analysers
from facecli.cli.copies import note_behind
from facecli.cli.enrolment import (
    ALLOW_DUPLICATE,
    DISTINCT,
    ENROLMENT,
    REPLACE,
    Consenting,
    consenting,
    enroller,
    record,
    sentence,
    worst,
)
from facecli.cli.files import NamedFile, Output, refuse_replacing
from facecli.cli.form_options import NOTICE_LANG, NOTICE_SHOWN, OFFERED_ALTERNATIVE
from facecli.cli.help_pages import CommandGroup
from facecli.cli.letters import language_of, letter_language
from facecli.cli.options import FILE, for_purpose, pass_settings, reports
from facecli.cli.output import progress, reporting
from facecli.cli.session import Session, Settings, session
from facecli.cli.several_acts import several_acts
from facecli.commands import enroll_camera
from facecli.consent.agreements import Shown
from facecli.consent.retention import NEVER
from facecli.erasure.replacement import Replacement
from facecli.errors.base import Exit, FacecliError
from facecli.printable import counted
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.batch import enrol_all, not_enrolled_before, request_of
from facecli.recognition.enrolment.batch_start import begin, finish
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.requests import EnrolmentOutcome, EnrolmentRequest


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Enrol faces: one capture, one face, one purpose, one consent.

    \b
    Example:
      facecli enroll batch staff.csv
    """


command.add_command(enroll_camera.camera)


@command.command(
    epilog="Exit codes: 0 all enrolled; 1 none; 3 some; 20 no valid consent, the form counts "
    "already, the notice was not shown, or the purpose is retired; 21 no such purpose; 74 the "
    "output could not be written, and nothing changed; 75 enrolled, but the output could not be "
    "written; 10-12 database or key."
)
@click.argument("ref")
@click.argument("images", nargs=-1, required=True, type=FILE, metavar="IMAGE...")
@for_purpose
@consenting
@letter_language
@reports
@pass_settings
def file(
    settings: Settings,
    ref: str,
    images: tuple[Path, ...],
    purpose: str,
    consent: Consenting,
    lang: str,
    form: str,
    output: Path | None,
) -> int:
    """Enrol a subject from image files.

    With --expires, the subject and the consent are recorded in the same transaction. The consent
    needs the signed form (--evidence), or --notice-shown. --notice-lang states in which of its
    languages the notice was shown.

    --replace takes back a wrong picture: with the first image that is enrolled, everything that was
    enrolled before for the purpose is erased. If none is, nothing is.

    Each image is compared with the subject's templates, and refused as other-face if it shows
    another person. --allow-other-face states why it is right all the same, or that the earlier one
    was wrong. The reason is about the face, so it counts for each image of the command that needs
    it. Enrol an image in doubt with a command of its own.

    \b
    Example:
      facecli enroll file A-1001 jo.jpg --purpose gate --evidence form.pdf --expires 1y
    """
    if consent.notice_lang is not None and consent.expires is None:
        raise click.UsageError("--notice-lang needs --expires")
    with session(settings, "enroll") as opened:
        requests = consent.requests(opened, ref, purpose, [str(path) for path in images])
        enrolling = enroller(opened, Replacement() if consent.replace else None)
        outcomes: list[EnrolmentOutcome] = []
        number, failed = _run(
            opened, enrolling, requests, len(requests), Analysing(), form, output, outcomes
        )
        if consent.replace:
            note_behind(opened)
        if consent.letter is not None:
            language = language_of(settings, lang)
            refusal_letter.hand_over(opened, outcomes, consent.name, consent.letter, language)
    if len(failed) == number:
        return worst(failed)
    return Exit.PARTIAL if failed else Exit.OK


@command.command(
    epilog="Exit codes: 0 all enrolled; 1 the manifest is not usable; 3 some rows were not; 74 the "
    "output could not be written, and nobody is enrolled; 75 some are enrolled, and the output "
    "could not be written; 10-12 database or key; 130 interrupted (every row reported as enrolled "
    "is enrolled)."
)
@click.argument("manifest", type=FILE)
@analysers
@click.option("--resume", is_flag=True, help="Skip captures that are enrolled already.")
@NOTICE_SHOWN
@NOTICE_LANG
@OFFERED_ALTERNATIVE
@click.option("--keep-evidence", is_flag=True, help="Store the forms themselves.")
@click.option("--keep-photo", is_flag=True, help="Store the photos too, if the purpose allows it.")
@ALLOW_DUPLICATE
@DISTINCT
@REPLACE
@reports
@pass_settings
def batch(
    settings: Settings,
    manifest: Path,
    analysing: Analysing,
    resume: bool,
    notice_shown: bool,
    notice_lang: str | None,
    offered_alternative: bool,
    keep_evidence: bool,
    keep_photo: bool,
    allow_duplicate: bool,
    distinct: bool,
    replace: bool,
    form: str,
    output: Path | None,
) -> int:
    """Enrol many subjects from a CSV manifest.

    The columns are ref,name,purpose,image,evidence,given,expires, and optionally
    guardian,shared_form,notice_lang,source,distinct,allow_duplicate,allow_other_face. Paths are
    relative to the manifest. A bad row does not stop the others.
    The text is UTF-8; commas, semicolons or tabs may separate the cells, as in the header. Blank
    rows, and blank columns at the end, are skipped.

    A row without a form in `evidence` needs --notice-shown and the day in `given`, and counts only
    on that day. Rows are consents to the purposes as they stand when the batch starts; --resume
    keeps the first start of an unfinished batch.

    `source` states where the photo comes from: camera, handed-in, document or other:TEXT. A row
    that names the web, or in any cell a web address, is refused (web-collected).

    \b
    Example:
      facecli enroll batch staff.csv --workers 2
    """
    rows = manifests.read(manifest)
    _spare_files_of(rows, output)
    shown = Shown("declared" if notice_shown else None, language=notice_lang)
    stated = {
        "keep_evidence": keep_evidence,
        "keep_photo": keep_photo,
        "allow_duplicate": allow_duplicate,
        "distinct": distinct,
        "offered_alternative": offered_alternative,
    }
    with session(settings, "enroll") as opened:
        with opened.act() as act:
            spec = engine_of(act.db)
            start = begin(act, manifest, spec, resume=resume, rows=len(rows), notice=shown)
        replacing = Replacement(start.at if resume else NEVER) if replace else None
        enrolling = enroller(opened, replacing, start.galleries)
        requests: Iterable[EnrolmentRequest | EnrolmentOutcome] = (
            request_of(enrolling, row, start, **stated) for row in rows
        )
        if resume:
            requests = not_enrolled_before(enrolling, requests)
        number, failed = _run(opened, enrolling, requests, len(rows), analysing, form, output)
        if not failed:
            finish(opened.db, manifest, start)
        if replace:
            note_behind(opened)
    settings.note(
        f"{number - len(failed)} enrolled, {len(failed)} not enrolled, "
        f"{len(rows) - number} skipped, of {counted(len(rows), 'row')}."
    )
    return Exit.PARTIAL if failed else Exit.OK


def _spare_files_of(rows: Iterable[ManifestRow], output: Path | None) -> None:
    """Refuse an output that would replace an image or a form of the manifest."""
    if output is not None:
        named = [path for row in rows for path in (row.image, row.evidence) if path is not None]
        inputs = [NamedFile("a file in the manifest", path) for path in named]
        refuse_replacing([Output("--output", output)], inputs)


def _run(
    opened: Session,
    enrolling: Enroller,
    requests: Iterable[EnrolmentRequest | EnrolmentOutcome],
    total: int,
    analysing: Analysing,
    form: str,
    output: Path | None,
    outcomes: list[EnrolmentOutcome] | None = None,
) -> tuple[int, list[FacecliError]]:
    """Enrol and report. Return the number of requests, and the errors of those that failed.

    outcomes: gets each outcome, for a command that needs them all.
    """
    number, failed = 0, []
    with (
        several_acts(),
        reporting(ENROLMENT, form, output) as report,
        analysing.pool(enrolling.spec) as pool,
    ):
        found = enrol_all(enrolling, requests, pool)
        with progress(found, total, "image", opened.settings.quiet) as shown:
            for outcome in shown:
                report.add(record(outcome))
                if outcomes is not None:
                    outcomes.append(outcome)
                number += 1
                if outcome.error is not None:
                    failed.append((outcome.ref or "(no REF)", outcome.error))
    for ref, error in failed:
        opened.settings.note(sentence(ref, error))
    return number, [error for _, error in failed]
