"""`facecli enroll`: templates under recorded consents."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import click

from facecli.capture import manifests
from facecli.cli.enrolment import (
    ENROLMENT,
    agreement,
    consenting,
    enroller,
    record,
    sentence,
    signed,
    worst,
)
from facecli.cli.options import FILE, for_purpose, pass_settings, reports, workers
from facecli.cli.output import progress, reporting
from facecli.cli.session import Session, Settings, session
from facecli.commands import enroll_camera
from facecli.consent import consents
from facecli.consent.consents import Agreement
from facecli.errors.base import Exit, FacecliError
from facecli.errors.command_line import BadInput
from facecli.printable import counted
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.enrolment.enrolment import (
    Enroller,
    Outcome,
    Request,
    enrol_all,
    not_enrolled_before,
)
from facecli.workers.local import Pool


@click.group(epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Enrol faces: one capture, one face, one purpose, one consent.

    \b
    Example:
      facecli enroll batch staff.csv
    """


command.add_command(enroll_camera.camera)


@command.command(
    epilog="Exit codes: 0 all enrolled; 1 none; 3 some; 20 no valid consent; 21 no such subject "
    "or purpose; 10-12 database or key."
)
@click.argument("ref")
@click.argument("images", nargs=-1, required=True, type=FILE, metavar="IMAGE...")
@for_purpose
@consenting
@reports
@pass_settings
def file(
    settings: Settings,
    ref: str,
    images: tuple[Path, ...],
    purpose: str,
    name: str | None,
    evidence: Path | None,
    keep_evidence: bool,
    given: str | None,
    expires: str | None,
    guardian: str | None,
    keep_photo: bool,
    allow_duplicate: bool,
    form: str,
    output: Path | None,
) -> int:
    """Enrol a person from image files.

    With --expires, the subject and the consent are recorded in the same transaction.

    \b
    Example:
      facecli enroll file A-1001 jo.jpg --purpose gate --evidence form.pdf --expires 1y
    """
    evidenced = signed(evidence, keep_evidence, given, expires, guardian)
    with session(settings, "enroll") as opened:
        # One agreement, of one moment, for all images.
        agreed = agreement(opened, evidenced, given, expires, guardian)
        requests = [
            Request(ref, purpose, str(path), name, agreed, keep_photo, allow_duplicate)
            for path in images
        ]
        outcomes = _run(opened, requests, len(requests), 1, form, output)
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    if len(failed) == len(outcomes):
        return worst(failed)
    return Exit.PARTIAL if failed else Exit.OK


@command.command(
    epilog="Exit codes: 0 all enrolled; 1 the manifest is not usable; 3 some rows were not; "
    "10-12 database or key; 130 interrupted (what was reported as enrolled is enrolled)."
)
@click.argument("manifest", type=FILE)
@workers
@click.option("--resume", is_flag=True, help="Pass over captures that are enrolled already.")
@click.option("--keep-evidence", is_flag=True, help="Keep the forms themselves.")
@click.option("--keep-photo", is_flag=True, help="Keep the photos too, if the purpose allows it.")
@click.option("--allow-duplicate", is_flag=True, help="Even if a face has another REF (twins).")
@reports
@pass_settings
def batch(
    settings: Settings,
    manifest: Path,
    workers: int,
    resume: bool,
    keep_evidence: bool,
    keep_photo: bool,
    allow_duplicate: bool,
    form: str,
    output: Path | None,
) -> int:
    """Enrol many people from a CSV manifest, each row alone.

    The columns are ref,name,purpose,image,evidence,given,expires; paths are relative to the
    manifest. One bad row never stops the rest.

    \b
    Example:
      facecli enroll batch staff.csv --workers 2
    """
    rows = manifests.read(manifest)
    with session(settings, "enroll") as opened:
        enrolling = enroller(opened)
        requests: Iterable[Request | Outcome] = (
            _request(enrolling, row, keep_evidence, keep_photo, allow_duplicate) for row in rows
        )
        if resume:
            requests = not_enrolled_before(enrolling, requests)
        outcomes = _run(opened, requests, len(rows), workers, form, output, enrolling)
    failed = sum(outcome.error is not None for outcome in outcomes)
    passed = len(rows) - len(outcomes)
    settings.note(
        f"{len(outcomes) - failed} enrolled, {failed} not, {passed} passed over, "
        f"of {counted(len(rows), 'row')}."
    )
    return Exit.PARTIAL if failed else Exit.OK


def _request(
    enroller: Enroller,
    row: manifests.Row,
    keep_evidence: bool,
    keep_photo: bool,
    allow_duplicate: bool,
) -> Request | Outcome:
    """A manifest's row as a request, or its outcome if it is none."""
    request = Request(
        row.ref,
        row.purpose,
        str(row.image),
        row.name,
        keep_photo=keep_photo,
        allow_duplicate=allow_duplicate,
    )
    try:
        if row.problem:
            raise BadInput(what=f"Row {row.number}", why=row.problem, reason="bad-row")
        return request.under(_agreement(row, keep_evidence))
    except FacecliError as error:
        return enroller.fail(request, error)


def _agreement(row: manifests.Row, keep_evidence: bool) -> Agreement | None:
    if row.expires is None:
        if row.evidence or row.given:
            why = "the cell `expires` is empty; a consent without an end is not allowed"
            raise BadInput(what=f"Row {row.number}", why=why, reason="bad-row")
        return None
    signed = consents.read_evidence(row.evidence, keep=keep_evidence) if row.evidence else None
    return Agreement(row.expires, row.given, signed)


def _run(
    opened: Session,
    requests: Iterable[Request | Outcome],
    total: int,
    workers: int,
    form: str,
    output: Path | None,
    enrolling: Enroller | None = None,
) -> list[Outcome]:
    """Enrol and report; the outcomes of all requests."""
    enrolling = enrolling or enroller(opened)
    setup = partial(image_analysis.setup, enrolling.engine)
    outcomes = []
    with reporting(ENROLMENT, form, output) as report, Pool(setup, workers=workers) as pool:
        found = enrol_all(enrolling, requests, pool)
        with progress(found, total, "image", opened.settings.quiet) as shown:
            for outcome in shown:
                report.add(record(outcome))
                outcomes.append(outcome)
    for outcome in outcomes:
        if outcome.error is not None:
            opened.settings.note(sentence(outcome.ref or "(no REF)", outcome.error))
    return outcomes
