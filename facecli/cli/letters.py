"""Letters on stdout or in a file, in the language that was asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from facecli.audit import sealing
from facecli.cli import tables
from facecli.cli.letter_files import is_page
from facecli.cli.output import print_text
from facecli.cli.paging import show_in_pages
from facecli.cli.session import Settings
from facecli.consent import dates, subjects
from facecli.consent.purpose_terms import LOST_SINCE_RESTORE
from facecli.errors.command_line import BadInput

if TYPE_CHECKING:
    from facecli.audit.entries import Act
    from facecli.audit.evidence import Evidence
    from facecli.consent.consents import Consent
    from facecli.consent.purpose_terms import Purpose, Terms
    from facecli.papers.languages import Language
    from facecli.papers.letter import Letter
    from facecli.store.database import Database

Command = TypeVar("Command", bound=Callable[..., Any])


class LanguageTag(click.ParamType[str]):
    """A language tag such as `en` or `zh-CN`."""

    name = "language"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the tag, or fail with a usage error if it has no form of one."""
        from facecli.consent.notices import TAG  # brings the store along

        if not TAG.fullmatch(value):
            self.fail(f"{value!r} is no language tag such as en or zh", param, ctx)
        return str(value)


def letter_language(command: Command) -> Command:
    """`--lang L`, for a command that writes letters."""
    return click.option(
        "--lang",
        type=LanguageTag(),
        default="en",
        show_default=True,
        metavar="L",
        help="Language of the letter or report; English where there is no other.",
    )(command)


def language_of(settings: Settings, tag: str, package: str | None = None) -> Language:
    """Return the language for a tag. A note on stderr names a language that is not there.

    Args:
        package: the package with the catalogues; None: that of letters.
    """
    from facecli.papers.languages import LETTERS, choose, known

    chosen = choose(tag, package or LETTERS)
    if chosen.missing:
        there = ", ".join(known())
        settings.note(f"facecli has no texts in {tag} (it has {there}): it uses English.")
    return chosen.language


def receipt_letter(
    act: Act, consent: Consent, terms: Terms, proven: Sequence[Evidence], language: Language
) -> Letter:
    """Return the letter of a consent's receipt.

    Args:
        proven: the log's entries of the consent, with their proofs.
    """
    from facecli.papers import receipt

    facts = receipt.ReceiptFacts(
        consent=consent,
        terms=terms,
        name=subjects.find(act.db, consent.ref).name,
        entries=[one.entry["seq"] for one in proven],
        trust_key=str(sealing.trust_key(act.db)),
        zone=dates.zone_of(act.db),
        at=act.now,
    )
    return receipt.letter(facts, language)


def notice_letter(db: Database, purpose: Purpose, language: str | None) -> Letter:
    """Return the notice of a purpose on a sheet.

    Args:
        language: of the notice; None is the principal one.

    Raises:
        BadInput: there is none in this language, or the terms were lost in a restore.
    """
    from facecli.papers import notice

    if purpose.is_lost:
        raise BadInput(what=f"The purpose {purpose.code}", why=LOST_SINCE_RESTORE)
    return notice.letter(purpose, purpose.notice_in(language), dates.zone_of(db))


def before_agreeing(
    db: Database, purpose: Purpose, notice_lang: str | None, language: Language
) -> Letter:
    """Return all that a person reads before they agree: the terms and the notice.

    Raises:
        BadInput: there is no notice in this language.
    """
    from facecli.papers import notice

    return notice.before_agreeing(
        purpose, purpose.notice_in(notice_lang), language, dates.zone_of(db)
    )


def print_letter(letter: Letter, form: str, output: Path | None, *, paged: bool = False) -> None:
    """Print a letter as `letter_text` returns it.

    Args:
        paged: show the text page by page, where stdout and stderr are terminals.

    Raises:
        OutputFailed: stdout or the file could not be written.
    """
    text = letter_text(letter, form, output)
    pages = paged and form != "html" and output is None
    if pages and sys.stdout.isatty() and sys.stderr.isatty():  # the pages go to stderr
        show_in_pages(text)
    else:
        print_text(text, output)


def letter_text(letter: Letter, form: str, output: Path | None) -> str:
    """Return a letter as HTML if `form` is `html` or the file is a page by its name.

    Else it is text that fits its file or terminal.
    """
    if form == "html" or (output is not None and is_page(output)):
        from facecli.papers import as_html

        return as_html.html(letter)
    from facecli.papers import as_text

    width = as_text.WIDTH
    if output is None and sys.stdout is not None:  # None: it is closed
        width = min(width, tables.width_of(sys.stdout))
    return as_text.text(letter, width)
