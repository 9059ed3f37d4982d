"""Notices are CommonMark: as HTML without foreign markup, and as plain paragraphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from facecli.papers.directions import between


def html(source: str) -> str:
    """Return CommonMark as HTML. HTML in the source is shown as text, and links are not made.

    A source that is nested too deeply is shown as it is written.
    """
    parser = _parser()
    parser.add_render_rule("softbreak", _line_end)
    tokens = _tokens(parser, source)
    if tokens is None:
        return f"<pre>{escapeHtml(source)}</pre>\n"
    return str(parser.renderer.render(tokens, parser.options, {}))


def plain_paragraphs(source: str) -> Iterator[str]:
    """Yield the paragraphs, headings and list items of CommonMark as text on one line each.

    A source that is nested too deeply is read line by line.
    """
    tokens = _tokens(_parser(), source)
    if tokens is None:
        yield from source.splitlines()
        return
    marks: list[str] = []
    for token in tokens:
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


def _tokens(parser: MarkdownIt, source: str) -> list[Token] | None:
    """Return the tokens of a source, without a byte order mark.

    None: it is nested so deeply that the parser leaves out what is further inside.
    """
    tokens = parser.parse(source.removeprefix("\ufeff"))
    deepest = max((token.level for token in tokens), default=0)
    return tokens if deepest < parser.options["maxNesting"] - 1 else None


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
