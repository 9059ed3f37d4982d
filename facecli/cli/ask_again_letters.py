"""Letters that ask people again after a new version of a purpose, and the log's entry of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from facecli.audit import sealing
from facecli.cli.letter_files import write_letters
from facecli.cli.letters import language_of
from facecli.cli.session import Session
from facecli.consent import dates
from facecli.consent.asking_again import AskAgain
from facecli.consent.notices import TAG

if TYPE_CHECKING:
    from facecli.papers.languages import Language


def ask_in_writing(
    opened: Session, code: str, people: Sequence[AskAgain], folder: Path, lang: str | None
) -> int:
    """Write a letter to each person, record in the log for how many, and return that.

    Args:
        code: of the purpose.
        lang: of all letters; None for that of the notice which each person was shown.

    Raises:
        click.UsageError: a file would replace one of facecli's own; nothing is written.
        OutputFailed: one cannot be written; nothing is recorded.
    """
    from facecli.papers.ask_again import Circumstances
    from facecli.papers.languages import ENGLISH

    @cache
    def spoken(tag: str) -> Language:
        return language_of(opened.settings, tag)

    def language(person: AskAgain) -> Language:
        shown = person.notice_lang
        return spoken(lang or (shown if shown and TAG.fullmatch(shown) else ENGLISH))

    key, zone = str(sealing.trust_key(opened.db)), dates.zone_of(opened.db)
    circumstances = Circumstances(opened.now, zone, key)
    written = len(write_letters(people, circumstances, folder, language))
    if written:
        details = {"letters": written, "version": people[0].purpose.version}
        with opened.act() as act:
            act.record("purpose.ask-again", purpose=code, details=details)
    return written
