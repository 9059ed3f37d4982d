"""`facecli consent`: record, list and show consents."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.cli.consent_evidence import receipt_evidence
from facecli.cli.consent_rows import CONSENT, consent_record
from facecli.cli.form_options import OFFERED_ALTERNATIVE, about_the_form, form_of
from facecli.cli.help_pages import CommandGroup
from facecli.cli.letters import language_of, letter_language, letter_text, receipt_letter
from facecli.cli.options import for_purpose, pass_settings, reports, reports_as
from facecli.cli.output import FORMATS, reporting, shown_after
from facecli.cli.output import show as output_record
from facecli.cli.search_options import EXPIRING, end_of_search
from facecli.cli.session import Session, Settings, session
from facecli.consent import consents, dates, purposes, receipts, searches, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.consents import Consent


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Record and show the consents of subjects to versions of purposes.

    \b
    Example:
      facecli consent record A-1001 --purpose gate --expires 1y --evidence form.pdf
    """


@command.command(
    epilog="Exit codes: 0 recorded; 1 a date is outside what is allowed, or the evidence is "
    "not usable, or the notice is not there in the language; 2 a date cannot be read; 20 the form "
    "counts already or is older than the version, the notice was not shown, a guardian must "
    "consent, or the subject is alternative-only; 21 no such subject or purpose; "
    "10-12 database or key."
)
@click.argument("ref")
@for_purpose
@click.option(
    "--expires",
    required=True,
    metavar="DATE",
    help="Last day of the consent, or a length such as 1y.",
)
@click.option("--given", metavar="DATE", help="Day of the consent, or its time.  [default: now]")
@about_the_form
@click.option("--guardian", metavar="N", help="Guardian who consented for a minor.")
@OFFERED_ALTERNATIVE
@pass_settings
def record(
    settings: Settings,
    ref: str,
    purpose: str,
    expires: str,
    given: str | None,
    evidence: Path | None,
    keep_evidence: bool,
    shared_form: str | None,
    notice_shown: bool,
    notice_lang: str | None,
    guardian: str | None,
    offered_alternative: bool,
) -> None:
    """Record a subject's consent to the current notice of a purpose.

    It needs the signed form (--evidence), or --notice-shown. --notice-lang states in which of its
    languages the notice was shown. A form counts once: for one subject,
    one purpose and one version. Recording it again for the same changes nothing.

    \b
    Example:
      facecli consent record A-1001 --purpose gate --expires 1y --evidence form.pdf
    """
    signed = form_of(evidence, keep_evidence, shared_form)
    shown = Shown("declared" if notice_shown else None, language=notice_lang)
    agreement = Agreement(expires, given, signed, guardian, shown, offered_alternative)
    with session(settings, "consent.record") as opened:
        known = _known(opened, ref, purpose, agreement) if signed else None
        if known is None:
            with opened.act() as act:
                subject = subjects.find(act.db, ref)
                done = consents.record(act, subject, purposes.find(act.db, purpose), agreement)
        else:
            done = known
        last = dates.last_day(done.expires_at, dates.zone_of(opened.db))
    settings.note(
        f"{'Already recorded' if known else 'Recorded'} {done.record_id}: {ref} for {purpose} "
        f"version {done.version} until {last}."
    )


def _known(opened: Session, ref: str, purpose: str, agreement: Agreement) -> Consent | None:
    """Return the consent that is recorded on this form already, or None. Raises NoConsent."""
    subject, found = subjects.find(opened.db, ref), purposes.find(opened.db, purpose)
    return consents.stated(opened.db, subject, found, agreement, opened.now)


@command.command(
    name="list",
    epilog="Exit codes: 0 done; 2 the date of --expiring cannot be read; 21 no such purpose; 10-12 "
    "database or key.",
)
@click.option("--purpose", metavar="CODE", help="Only consents to this purpose.")
@EXPIRING
@reports
@pass_settings
def list_(
    settings: Settings, purpose: str | None, expiring: str | None, form: str, output: Path | None
) -> None:
    """List all consents, including those that ended.

    With --expiring, list the consents in force that end within that time and are not renewed, the
    first to end first.

    \b
    Example:
      facecli consent list --purpose gate --expiring 30d
    """
    with session(settings, "consent.list") as opened:
        if purpose is not None:
            purposes.find_known(opened.db, purpose)
        zone = dates.zone_of(opened.db)
        if expiring is None:
            found = consents.list_all(opened.db, purpose)
        else:
            until = end_of_search(opened, expiring)
            ending = searches.expiring(opened.db, opened.now, until, purpose)
            found = consents.list_some(opened.db, ending)
    with reporting(CONSENT, form, output) as report:
        for consent in found:
            report.add(consent_record(consent, zone))


@command.command(epilog="Exit codes: 0 done; 21 no such consent; 10-12 database or key.")
@click.argument("name", metavar="REF|RECORD_ID")
@click.option("--purpose", metavar="CODE", help="With a REF: the consent to this purpose.")
@reports
@pass_settings
def show(
    settings: Settings, name: str, purpose: str | None, form: str, output: Path | None
) -> None:
    """Show one consent: by its record id, or a subject's latest by the REF.

    \b
    Example:
      facecli consent show A-1001 --purpose gate
    """
    with session(settings, "consent.show") as opened:
        consent = consents.find(opened.db, name, purpose)
        record = consent_record(consent, dates.zone_of(opened.db))
    output_record("consent", record, form, output)


@command.command(
    epilog="Exit codes: 0 done; 21 no such consent; 30, 31 the log was altered or replaced by "
    "an older one; 74 the output could not be written, and nothing changed; 75 logged, but the "
    "output could not be written; 10-12 database or key."
)
@click.argument("name", metavar="REF|RECORD_ID")
@click.option("--purpose", metavar="CODE", help="With a REF: the consent to this purpose.")
@letter_language
@reports_as(*FORMATS, "html")
@pass_settings
def receipt(
    settings: Settings,
    name: str,
    purpose: str | None,
    lang: str,
    form: str,
    output: Path | None,
) -> None:
    """Print the receipt to hand to the subject, and log that it was made.

    It is a letter as text, or as one HTML page to print, as in a file whose name ends in .html. As
    JSON it has the fields of ISO/IEC TS 27560, and the proof of the log's entry of this consent,
    and of its withdrawal. `facecli log verify --receipt` checks it without the database.

    \b
    Example:
      facecli consent receipt A-1001 --purpose gate --output receipt.html
    """
    as_letter = form in ("table", "html")
    with session(settings, "consent.receipt") as opened, shown_after(output) as shown:
        with opened.act() as act:
            consent = consents.find(act.db, name, purpose)
            terms = purposes.standing_terms(act.db, consent.version_id, consent.notice_lang)
            proven = receipt_evidence(act, consent)
            if as_letter:
                letter = receipt_letter(act, consent, terms, proven, language_of(settings, lang))
        if as_letter:
            shown.text(letter_text(letter, form, output))
        else:
            shown.record("consent-receipt", receipts.receipt(consent, terms, proven), form)
