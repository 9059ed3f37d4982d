"""Notices are CommonMark: as HTML without foreign markup, and as plain paragraphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from facecli.papers.directions import between


def html(source: str) -> str:
    """Return CommonMark as HTML. HTML in the source is shown as text, and links are not made."""
    parser = _parser()
    parser.add_render_rule("softbreak", _line_end)
    return str(parser.render(source))


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
    """Return the text of a paragraph on one line."""
    text = ""
    for child in token.children or ():
        if child.type not in ("softbreak", "hardbreak"):
            text += child.content
        else:
            text += between(text, " ")
    return text


def _line_end(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
    """Return the HTML of the end of a line inside a paragraph."""
    before = (tokens[at].content for at in range(index - 1, -1, -1))
    return between(next(filter(None, before), ""), "\n")
