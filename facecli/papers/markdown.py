"""Notices are CommonMark: as HTML without foreign markup, and as plain paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import east_asian_width

from markdown_it import MarkdownIt
from markdown_it.token import Token


def html(source: str) -> str:
    """Return CommonMark as HTML. HTML in the source is shown as text, and links are not made."""
    return str(_parser().render(source))


def plain_paragraphs(source: str) -> Iterator[str]:
    """Yield the paragraphs, headings and list items of CommonMark as text on one line each."""
    marks: list[str] = []
    for token in _parser().parse(source):
        if token.type == "list_item_open":
            marks = ["- " if token.markup in "-*+" else f"{token.info}{token.markup} "]
        elif token.type == "inline":
            yield "".join(marks) + _plain(token)
            marks = []
        elif token.type in ("fence", "code_block"):
            yield from token.content.splitlines()


def _parser() -> MarkdownIt:
    """Return a parser in which no source can bring in markup, pictures or links."""
    return MarkdownIt("commonmark", {"html": False}).disable(["link", "image", "autolink"])


def _plain(token: Token) -> str:
    """Return the text of a paragraph on one line. Chinese lines join without a space."""
    text = ""
    for child in token.children or ():
        if child.type not in ("softbreak", "hardbreak"):
            text += child.content
        elif not (text and east_asian_width(text[-1]) in "WF"):
            text += " "
    return text
