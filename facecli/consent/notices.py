"""Notices: the texts that people are shown before they agree, one or more languages to a version.

The first notice of a purpose file is the principal one, which stands in the row of its revision.
Here are the further ones.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from facecli.errors.command_line import BadInput
from facecli.store.database import Database

TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
"""The form of a language tag (RFC 5646), such as `en` or `zh-Hans`. Locales write `zh_Hans`."""


@dataclass(frozen=True)
class Notice:
    """A notice in one language. language: its tag; None where the purpose file states none."""

    language: str | None
    text: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def plain(text: str) -> str:
    """Return a text with plain line ends and no byte order mark.

    Editors and version control change both. They are not part of what a person reads.
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


class InLanguage(Protocol):
    """A text, or several, in one language; None where that is not known."""

    @property
    def language(self) -> str | None:
        """The tag."""


Item = TypeVar("Item", bound=InLanguage)


def keep(db: Database, version_id: int, further: Sequence[Notice]) -> None:
    """Store the further notices of one revision of a purpose."""
    for notice in further:
        db.insert(
            "further_notice", version_id=version_id, language=notice.language, text=notice.text
        )


def stored(db: Database, version_id: int) -> tuple[Notice, ...]:
    """Return the further notices of one revision of a purpose, by language."""
    rows = db.tuples(
        "SELECT language, text FROM further_notice WHERE version_id = ? ORDER BY language",
        (version_id,),
    )
    return tuple(Notice(language, text) for language, text in rows)


def matching(items: Sequence[Item], language: str) -> Item | None:
    """Return the one for a reader of a language: of its tag, else of its first subtag; or None.

    A reader of `zh-CN` reads a notice in `zh` or `zh-Hans`.
    """
    wanted = folded(language)
    known = [(item, folded(item.language or "")) for item in items]
    exact = [item for item, tag in known if tag == wanted]
    near = [item for item, tag in known if _first(tag) == _first(wanted)]
    return next(iter([*exact, *near]), None)


def folded(tag: str) -> str:
    """Return a language tag in the one form in which equal tags are equal: `zh-hans`."""
    return tag.casefold().replace("_", "-")


def _first(folded_tag: str) -> str:
    return folded_tag.split("-")[0]


def in_language(notices: Sequence[Notice], language: str | None, what: str) -> Notice:
    """Return the notice in a language; without one, the first.

    Args:
        what: the purpose, for the refusal, such as `the purpose gate`.

    Raises:
        BadInput: there is none in this language; it names those that there are.
    """
    if language is None:
        return notices[0]
    for notice in notices:
        if notice.language is not None and folded(notice.language) == folded(language):
            return notice
    known = [notice.language for notice in notices if notice.language is not None]
    why = f"{what} has its notice in {', '.join(known)}"
    if not known:
        why = f"{what} states no language of its notice"
        why += '; write notice = { en = "FILE" } in its file'
    raise BadInput(what=f"The notice language {language!r}", why=why, reason="no-such-notice")
