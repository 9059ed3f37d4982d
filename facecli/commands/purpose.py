"""`facecli purpose`: apply, list, show and retire purposes; notices; the people to ask again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from facecli.cli.ask_again_letters import ask_in_writing
from facecli.cli.confirmation import confirm
from facecli.cli.files import NamedFile, Output, refuse_replacing
from facecli.cli.help_pages import CommandGroup
from facecli.cli.letters import LanguageTag, notice_letter, print_letter
from facecli.cli.options import FILE, OUTPUT_FOLDER, pass_settings, reports, reports_as
from facecli.cli.output import opened_first, reporting
from facecli.cli.output import show as output_record
from facecli.cli.purpose_statement import statement
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings, session
from facecli.cli.tables import brief
from facecli.consent import asking_again, dates, purposes
from facecli.consent.asking_again import AskAgain
from facecli.consent.purpose_files import notices_of, parse_file, timezone_of
from facecli.consent.purpose_languages import Behind
from facecli.consent.purpose_terms import Purpose, Terms
from facecli.consent.purposes import PurposeChange
from facecli.printable import counted
from facecli.recognition.matching.threshold_costs import rate_words
from facecli.store import time_reached
from facecli.store.database import Database

LONGEST_VALUE = 24  # characters of a value that the table of changes prints
CHANGE = RecordKind(
    "purpose-change",
    (
        "purpose",
        "change",
        "version",
        "revision",
        "fields",
        "consents_ended",
        "due_at",
        "behind",
        "applied",
    ),
    ("purpose", "change", "version", "revision", "fields", "consents_ended"),
    dispensable=("revision",),
)
PURPOSE = RecordKind(
    "purpose",
    ("purpose", "title", "method", "version", "revision", "valid_from", "retired_at"),
    dispensable=("revision", "method", "valid_from"),
)

ASK_AGAIN = RecordKind(
    "ask-again",
    (
        "ref", "name", "guardian", "purpose", "agreed_version", "version", "changed", "until",
        "due_at", "notice_lang",
    ),
    ("ref", "name", "agreed_version", "version", "changed", "until"),
    dispensable=("agreed_version", "version"),
)  # fmt: skip


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Manage the purposes for which faces are compared. Consents bind to their versions.

    \b
    Example:
      facecli purpose apply purposes.toml
    """


@command.command(
    epilog="Exit codes: 0 applied, or nothing to change; 1 the file is not usable; 74 the file of "
    "--output cannot be written (then nothing is applied); 75 applied, but the report could not "
    "be written; 10-12 database or key."
)
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Show the changes, and make none.")
@reports
@pass_settings
def apply(settings: Settings, file: Path, dry_run: bool, form: str, output: Path | None) -> None:
    """Create or revise purposes from a purpose file.

    What takes something from the controller, such as a shorter retention or a stricter rate, is a
    revision: consents stay valid. So is a new contact. What changes for the person makes a new
    version, under which earlier consents do not count. Use --dry-run to see which it is.

    \b
    Example:
      facecli purpose apply purposes.toml --dry-run
    """
    wanted, zone = parse_file(file), timezone_of(file)
    if output is not None:
        notices = [NamedFile("a notice in the purpose file", path) for path in notices_of(file)]
        refuse_replacing([Output("--output", output)], notices)
    with session(settings, "purpose.apply") as opened:
        purposes.check_begun(opened.db, wanted, zone, opened.now)
        changes = purposes.plan(opened.db, wanted, opened.now)
        new_zone = zone if zone != dates.zone_of(opened.db) else None
        differs = bool(new_zone) or any(change.kind != "unchanged" for change in changes)
        applied = differs and not dry_run
        with opened_first(output, CHANGE, form, dry_run=not applied) as reporter:
            if applied:
                with opened.act() as act:
                    changes = purposes.apply(act, wanted)
                    if new_zone:
                        dates.set_zone(act, new_zone)
            with reporter() as report:
                for change in changes:
                    report.add(_change_record(change, form, applied=applied))
        costs = list(_costs(opened.db, changes, wanted))
    if new_zone:
        settings.note(f"Dates are days in the time zone {new_zone}{' then' if dry_run else ''}.")
    for line in costs:
        settings.note(line)
    for change in changes:
        for one in change.behind:
            settings.note(f"{change.code}: {_behind_words(one)}")
        if change.consents_ended:
            settings.note(
                f"{change.code}: version {change.version} suspends "
                f"{counted(change.consents_ended, 'consent')}. Ask these subjects again: without a "
                f"new consent, their data is due at {change.due_at}."
            )


def _behind_words(one: Behind) -> str:
    """Return the warning that a text changed in some languages and not in the others."""
    languages = [
        ", ".join(language or "the language that the file does not state" for language in found)
        for found in (one.changed, one.as_before)
    ]
    what = "The notice" if one.what == "notice" else f"The text of `{one.what}`"
    return (
        f"{what} changes in {languages[0]}, and stays as it was in {languages[1]}. Make sure that "
        "both say the same: people agree to what they read."
    )


def _costs(
    db: Database, changes: Iterable[PurposeChange], wanted: Mapping[str, Terms]
) -> Iterator[str]:
    """Yield what it costs to hold each rate that is new, or why no calibration holds it."""
    for change in changes:
        fields = {name for name, _, _ in change.fields}
        if change.kind == "new" or fields & {"threshold_fmr", "calibration"}:
            found = rate_words(db, change.code, wanted[change.code])
            if found is not None:
                yield f"{change.code}: {found}"


@command.command(name="list", epilog="Exit codes: 0 done; 10-12 database or key.")
@reports
@pass_settings
def list_(settings: Settings, form: str, output: Path | None) -> None:
    """List every purpose as it stands now.

    \b
    Example:
      facecli purpose list
    """
    with session(settings, "purpose.list") as opened:
        found = purposes.list_all(opened.db)
    with reporting(PURPOSE, form, output) as report:
        for purpose in found:
            report.add(_record(purpose))


@command.command(epilog="Exit codes: 0 done; 21 no such purpose; 10-12 database or key.")
@click.argument("code")
@reports
@pass_settings
def show(settings: Settings, code: str, form: str, output: Path | None) -> None:
    """Show the text that a person is shown before consenting: the terms and the notice.

    \b
    Example:
      facecli purpose show gate
    """
    with session(settings, "purpose.show") as opened:
        purpose = purposes.find_known(opened.db, code)
    document = {**_record(purpose), **asdict(purpose.terms)}
    layout = partial(_statement, purpose)
    output_record("purpose", document, form, output, layout=layout)


@command.command(
    epilog="Exit codes: 0 done; 1 the notice is not there in the language; 21 no such purpose; 74 "
    "the file of --output cannot be written; 10-12 database or key."
)
@click.argument("code")
@click.option("--lang", type=LanguageTag(), metavar="L",
              help="Language of the notice, such as zh.  [default: its first]")  # fmt: skip
@reports_as("table", "html")
@pass_settings
def notice(settings: Settings, code: str, lang: str | None, form: str, output: Path | None) -> None:
    """Print the notice of a purpose, for a person to read before agreeing.

    It is text that fits the terminal, page by page, or one HTML page to print. A file whose name
    ends in .html is a page.

    \b
    Example:
      facecli purpose notice gate --lang zh --output notice.html
    """
    with session(settings, "purpose.notice") as opened:
        sheet = notice_letter(opened.db, purposes.find_known(opened.db, code), lang)
    print_letter(sheet, form, output, paged=settings.interactive)


@command.command(
    epilog="Exit codes: 0 done; 1 not confirmed; 21 no such purpose; 10-12 database or key."
)
@click.argument("code")
@click.option("--dry-run", is_flag=True, help="Count the consents that end, and retire nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation; needed in scripts.")
@pass_settings
def retire(settings: Settings, code: str, dry_run: bool, yes: bool) -> None:
    """End a purpose for good: facecli no longer enrols or matches faces for it.

    Its consents end, and the next purge erases the data under them. Nothing undoes that, and its
    CODE cannot be used again. Use --dry-run first.

    \b
    Example:
      facecli purpose retire gate --dry-run
    """
    with session(settings, "purpose.retire") as opened:
        purpose = purposes.find(opened.db, code)
        due_at = time_reached.believed(opened.db, opened.now)
        ending = purposes.consents_in_force(opened.db, purpose, due_at)
        if not dry_run:
            question = f"Retire {code} for good and end {counted(ending, 'consent')}?"
            confirm(settings, question, yes=yes)
            with opened.act() as act:
                due_at = time_reached.believed(act.db, act.now)
                ending = purposes.consents_in_force(act.db, purpose, due_at)
                purposes.retire(act, code)
    verb = "would be" if dry_run else "is"
    settings.note(
        f"The purpose {code} {verb} retired. Consents that end: {ending}. Data for this purpose "
        f"{verb} due from {due_at} on."
    )


@command.command(
    name="ask-again",
    epilog="Exit codes: 0 done; 21 no such purpose, or it is retired; 74 a letter cannot be "
    "written; 10-12 database or key.",
)
@click.argument("code")
@click.option("--letter", "folder", type=OUTPUT_FOLDER, metavar="DIR",
              help="Write a letter to each person to DIR, as a page and as text.")  # fmt: skip
@click.option("--lang", type=LanguageTag(), metavar="L",
              help="Language of the letters.  [default: that of the notice that each was "
              "shown]")  # fmt: skip
@reports
@pass_settings
def ask_again(
    settings: Settings,
    code: str,
    folder: Path | None,
    lang: str | None,
    form: str,
    output: Path | None,
) -> None:
    """List the subjects to ask again, since a new version has ended their consents.

    Their data is suspended. UNTIL is the last whole day before it is due, for whoever has not
    agreed again. CSV has a row for each letter of a mail merge.

    --letter writes the letters: what has changed, until when to agree and how, and that nothing
    need be done. The log records for how many people.

    \b
    Example:
      facecli purpose ask-again gate --format csv --output letters.csv
    """
    with session(settings, "purpose.ask-again") as opened:
        found = asking_again.people(opened.db, purposes.find(opened.db, code), opened.now)
        if folder is not None:
            written = ask_in_writing(opened, code, found, folder, lang)
            settings.note(f"Wrote {counted(written, 'letter')} to {folder}.")
    with reporting(ASK_AGAIN, form, output) as report:
        for one in found:
            report.add(_ask_again_record(one, form))


def _ask_again_record(one: AskAgain, form: str) -> dict[str, Any]:
    return {
        "ref": one.subject.ref,
        "name": one.subject.name,
        "guardian": one.subject.guardian,
        "purpose": one.purpose.code,
        "agreed_version": one.agreed,
        "version": one.purpose.version,
        "changed": _changed(one.changes, form),
        "until": one.last_day,
        "due_at": one.due_at,
        "notice_lang": one.notice_lang,
    }


def _record(purpose: Purpose) -> dict[str, Any]:
    return {
        "purpose": purpose.code,
        "title": purpose.terms.title,
        "method": purpose.terms.method,
        "version": purpose.version,
        "revision": purpose.revision,
        "valid_from": purpose.valid_from,
        "retired_at": purpose.retired_at,
    }


def _statement(purpose: Purpose, _: Mapping[str, Any], width: int | None) -> str:
    return statement(purpose, width)


def _change_record(change: PurposeChange, form: str, *, applied: bool) -> dict[str, Any]:
    return {
        "purpose": change.code,
        "change": change.kind,
        "version": change.version,
        "revision": change.revision,
        "fields": _changed(change.fields, form, words=("table",)),
        "consents_ended": change.consents_ended,
        "due_at": change.due_at,
        "behind": _behind(change, form),
        "applied": applied and change.kind != "unchanged",
    }


def _behind(change: PurposeChange, form: str) -> Any:
    """Return the texts that stay as they were in some languages: their names in a table."""
    if form == "table":
        return "; ".join(one.what for one in change.behind)
    return [asdict(one) for one in change.behind]


def _changed(
    changes: Sequence[tuple[str, Any, Any]], form: str, words: Sequence[str] = ("table", "csv")
) -> Any:
    """Return changed fields: in words in some formats, else as records."""
    if form in words:
        return "; ".join(_field_words(*one) for one in changes)
    return [_field(*one) for one in changes]


def _field(name: str, before: Any, after: Any) -> dict[str, Any]:
    return {"field": name, "before": before, "after": after}


def _field_words(name: str, before: Any, after: Any) -> str:
    """Return a change of one field for a table; long values are left out."""
    values = [brief(list(one) if isinstance(one, tuple) else one) for one in (before, after)]
    if max(map(len, values)) > LONGEST_VALUE:
        return name
    return f"{name}: {values[0]} -> {values[1]}"
