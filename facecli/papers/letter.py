"""The form of a letter, the same for text and for HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facecli.papers.languages import Language


@dataclass(frozen=True)
class Picture:
    """A photo in a letter: its name beside the letter, a caption, and the JPEG file."""

    name: str
    caption: str
    jpeg: bytes


@dataclass(frozen=True)
class Section:
    """A part of a letter: a heading, paragraphs, and facts as pairs of name and value.

    heading: may be empty, where the part has its own.
    pictures: shown on a page; a text names them.
    markdown: text of the controller's own, such as the notice, in CommonMark.
    markdown_language: its language tag, or nothing if that is not known.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    markdown: str = ""
    markdown_language: str = ""
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Check:
    """The way to have a letter checked: a sentence, the command, and the log's trust key.

    key_name, code_name: what the trust key and the QR code are, in words.
    """

    heading: str
    sentence: str
    command: str
    key_name: str
    trust_key: str
    code_name: str

    @property
    def code(self) -> str:
        """The content of the QR code: command and trust key, a line each."""
        return f"{self.command}\n{self.trust_key}"


@dataclass(frozen=True)
class Letter:
    """A letter. All of its sentences are in one language."""

    language: Language
    title: str
    controller: str
    contact: str
    date: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    check: Check | None = None
