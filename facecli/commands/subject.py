"""`facecli subject`: add, show, correct, hold and export subjects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from facecli.audit.entries import Act
from facecli.cli.consent_rows import consent_record
from facecli.cli.enrolment import DISTINCT
from facecli.cli.face_rows import face_records
from facecli.cli.form_options import OFFERED_ALTERNATIVE
from facecli.cli.help_pages import CommandGroup
from facecli.cli.letters import language_of, letter_language
from facecli.cli.options import OUTPUT, for_purpose, pass_settings, reports
from facecli.cli.output import output_of_act, reporting
from facecli.cli.output import show as output_record
from facecli.cli.records import RecordKind
from facecli.cli.search_options import EXPIRING, end_of_search
from facecli.cli.session import Settings, session
from facecli.commands import subject_disclosed, subject_elsewhere, subject_requests
from facecli.consent import (
    consents,
    dates,
    holds,
    lapses,
    purposes,
    searches,
    subject_states,
    subjects,
)
from facecli.consent.register import document
from facecli.consent.subjects import NewSubject
from facecli.printable import counted

SUBJECT = RecordKind(
    "subject",
    (
        "ref",
        "name",
        "state",
        "minor",
        "guardian",
        "minor_until",
        "created_at",
        "last_interaction",
        "subject_id",
    ),
    ("ref", "name", "state", "minor", "last_interaction"),
    dispensable=("minor", "last_interaction"),
)


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Manage subjects. Each has a REF, your own id: a staff number, a card number.

    \b
    Example:
      facecli subject list
    """


for member in (
    subject_elsewhere.command,
    subject_disclosed.disclosed,
    subject_requests.request,
    subject_requests.answer,
    subject_requests.requests_,
):
    command.add_command(member)


@command.command(
    epilog="Exit codes: 0 added; 1 the REF is taken or looks like another, or a minor has no "
    "guardian; 2 a text with a refused character; 10-12 database or key."
)
@click.argument("ref")
@click.option("--name", metavar="N", help="The subject's name.")
@click.option("--minor", is_flag=True, help="Under 14: a guardian must consent.")
@click.option("--guardian", metavar="N", help="Guardian who consents for a minor.")
@click.option("--minor-until", metavar="DATE", help="Last day of minority, where it is known.")
@click.option("--alternative-only", is_flag=True, help="Uses the alternative; never enrolled.")
@DISTINCT
@OFFERED_ALTERNATIVE
@pass_settings
def add(
    settings: Settings,
    ref: str,
    name: str | None,
    minor: bool,
    guardian: str | None,
    minor_until: str | None,
    alternative_only: bool,
    distinct: bool,
    offered_alternative: bool,
) -> None:
    """Add a subject.

    A REF that can be confused with another subject's is refused: in other case, with characters
    that look the same, or with blanks.

    \b
    Example:
      facecli subject add A-1001 --name "Jo Doe"
    """
    new = NewSubject(
        ref,
        name,
        minor,
        guardian,
        alternative_only,
        distinct=distinct,
        offered_alternative=offered_alternative,
    ).checked()
    with session(settings, "subject.add") as opened, opened.act() as act:
        subjects.add(act, replace(new, minor_until=_end_of_minority(act, minor_until)))
    settings.note(f"Added {new.ref}.")


@command.command(
    name="list",
    epilog="Exit codes: 0 done; 2 the date of --expiring cannot be read; 21 no such purpose; 10-12 "
    "database or key.",
)
@click.option("--purpose", metavar="CODE", help="Only those with a consent to this purpose.")
@click.option("--name", metavar="N", help="Only those with this in their name.")
@EXPIRING
@reports
@pass_settings
def list_(
    settings: Settings,
    purpose: str | None,
    name: str | None,
    expiring: str | None,
    form: str,
    output: Path | None,
) -> None:
    """List every subject, or those that meet each condition given.

    With --expiring, list those with a consent in force (to the purpose) that ends within that time
    and is not renewed.

    \b
    Example:
      facecli subject list --purpose gate --expiring 30d
    """
    with session(settings, "subject.list") as opened:
        known = None if purpose is None else purposes.find_known(opened.db, purpose)
        among = None
        if expiring is not None:
            until = end_of_search(opened, expiring)
            among = {*searches.expiring(opened.db, opened.now, until, purpose).values()}
        found = searches.subjects_who(
            opened.db, purpose_id=known.purpose_id if known else None, name=name, among=among
        )
    with reporting(SUBJECT, form, output) as report:
        for subject in found:
            report.add(subject.record())


@command.command(epilog="Exit codes: 0 done; 21 no such subject; 10-12 database or key.")
@click.argument("ref")
@reports
@pass_settings
def show(settings: Settings, ref: str, form: str, output: Path | None) -> None:
    """Show one subject with their consents and templates, and what the register has on them.

    That is: what is held elsewhere, disclosures, requests, and offers of the alternative.

    \b
    Example:
      facecli subject show A-1001
    """
    with session(settings, "subject.show") as opened:
        subject = subjects.find(opened.db, ref)
        given = consents.of_subject(opened.db, subject.subject_id)
        zone = dates.zone_of(opened.db)
        faces = face_records(opened.db, subject)
        register = document.of_subject(opened.db, subject, opened.now)
    shown = {
        **subject.record(),
        "consents": [consent_record(consent, zone) for consent in given],
        "faces": faces,
        **register,
    }
    output_record("subject", shown, form, output)


@command.command(
    epilog="Exit codes: 0 corrected; 1 the new REF is taken or looks like another, a minor has no "
    "guardian, or the subject is alternative-only already or is not; 2 nothing to correct, or a "
    "text with a refused character; 21 no such subject; 10-12 database or key."
)
@click.argument("ref")
@click.option("--name", metavar="N", help="The right name.")
@click.option("--new-ref", metavar="REF", help="The right REF.")
@click.option("--guardian", metavar="N", help="The right guardian.")
@click.option("--minor/--no-minor", default=None, help="Under 14, or no longer.")
@click.option("--minor-until", metavar="DATE", help="Last day of minority.")
@click.option("--alternative-only/--no-alternative-only", "alternative", default=None,
              help="The subject uses the alternative: withdraw their consents. Or uses it no "
              "longer.")  # fmt: skip
@DISTINCT
@pass_settings
def correct(
    settings: Settings,
    ref: str,
    name: str | None,
    new_ref: str | None,
    guardian: str | None,
    minor: bool | None,
    minor_until: str | None,
    alternative: bool | None,
    distinct: bool,
) -> None:
    """Correct the record of a subject, or what has changed for them.

    \b
    Example:
      facecli subject correct A-1001 --name "Jo Dow"
    """
    fields: dict[str, str | bool | None] = {
        "name": name,
        "ref": new_ref,
        "guardian": guardian,
        "minor": minor,
    }
    changes: dict[str, Any] = {field: value for field, value in fields.items() if value is not None}
    if not changes and minor_until is None and alternative is None:
        raise click.UsageError(
            "give --name, --new-ref, --guardian, --minor, --minor-until or --alternative-only"
        )
    with session(settings, "subject.correct") as opened, opened.act() as act:
        if minor_until is not None:
            changes["minor_until"] = _end_of_minority(act, minor_until)
        withdrawn = _choose_alternative(act, ref, alternative)
        if changes:
            ref = subjects.correct(act, ref, changes, distinct=distinct).ref
    corrected = sorted([*changes, *(["alternative_only"] if alternative is not None else [])])
    settings.note(f"Corrected {', '.join(corrected)} of {ref}.")
    if withdrawn:
        settings.note(
            f"{counted(withdrawn, 'consent')} withdrawn; the next purge erases the data under "
            "them. The record of the subject stays."
        )


def _choose_alternative(act: Act, ref: str, alternative: bool | None) -> int:
    """Begin or end alternative-only, and return the number of consents that were withdrawn."""
    if alternative is None:
        return 0
    if alternative:
        return subject_states.begin_alternative_only(act, ref)
    subject_states.end_alternative_only(act, ref)
    return 0


def _end_of_minority(act: Act, day: str | None) -> str | None:
    if day is None:
        return None
    return dates.end(day, "The last day of minority", dates.zone_of(act.db), act.now)


@command.command(
    epilog="Exit codes: 0 done; 21 no such subject or purpose, or no consent between them; 10-12 "
    "database or key."
)
@click.argument("ref")
@for_purpose
@pass_settings
def complete(settings: Settings, ref: str, purpose: str) -> None:
    """Record that a purpose is met for a subject, such as a parcel that was collected.

    Everything held of them for it is due at once, and not used any longer. The next purge erases
    it, with the reason `purpose-met`.

    \b
    Example:
      facecli subject complete P-88 --purpose pickup
    """
    with session(settings, "subject.complete") as opened, opened.act() as act:
        lapses.complete(act, subjects.find(act.db, ref), purposes.find_known(act.db, purpose))
    settings.note(f"{purpose} is met for {ref}. The next purge erases what is held for it.")


@command.command(
    epilog="Exit codes: 0 held; 1 the date is over, or a hold exists already; 2 the date "
    "cannot be read; 21 no such subject; 10-12 database or key."
)
@click.argument("ref")
@click.option("--reason", required=True, metavar="R", help="The law or case that requires it.")
@click.option(
    "--until", required=True, metavar="DATE", help="Last day of the hold, or a length such as 6m."
)
@pass_settings
def hold(settings: Settings, ref: str, reason: str, until: str) -> None:
    """Put a subject under a legal hold: restricted, never matched, not erased until it ends.

    \b
    Example:
      facecli subject hold A-1001 --reason "case 2026-118" --until 2027-06-30
    """
    with session(settings, "subject.hold") as opened, opened.act() as act:
        zone = dates.zone_of(act.db)
        end = dates.end(until, "The end of the hold", zone, act.now)
        holds.hold(act, ref, reason, end)
    settings.note(f"{ref} is under a hold until {dates.last_day(end, zone)}.")


@command.command(
    epilog="Exit codes: 0 released; 21 no such subject, or no hold; 10-12 database or key."
)
@click.argument("ref")
@pass_settings
def release(settings: Settings, ref: str) -> None:
    """End a legal hold. The next purge erases whatever became due meanwhile.

    \b
    Example:
      facecli subject release A-1001
    """
    with session(settings, "subject.release") as opened, opened.act() as act:
        holds.release(act, ref)
    settings.note(f"{ref} is released.")


@command.command(
    epilog="Exit codes: 0 written; 21 no such subject; 74 the file could not be written, and "
    "nothing changed; 75 logged, but the file could not get its name; 10-12 database or key."
)
@click.argument("ref")
@click.option("--output", type=OUTPUT, required=True, metavar="FILE.zip",
              help="The file to write, whole or not at all, mode 0600.")  # fmt: skip
@letter_language
@pass_settings
def export(settings: Settings, ref: str, lang: str, output: Path) -> None:
    """Write everything that is held on a subject to a zip file, for them.

    subject.json (schema.json beside it describes it) holds templates as numbers, matches and the
    log's entries. letter.html and letter.txt have the same for reading. Photos, receipts of
    consents and kept evidence are files. The export is logged before the file appears. The file is
    not encrypted: hand it over safely.

    \b
    Example:
      facecli subject export A-1001 --output A-1001.zip
    """
    from facecli.report import disclosure

    with (
        session(settings, "subject.export") as opened,
        output_of_act(opened.act, output, proves=True) as (act, stream),
    ):
        subject = disclosure.write(act, ref, stream, language_of(settings, lang))
    settings.note(f"Wrote everything held on {subject.ref} to {output}.")
