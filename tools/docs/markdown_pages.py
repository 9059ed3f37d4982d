"""The man pages of sections 5 and 7, from sources in a subset of Markdown.

A source is `man/source/NAME.SECTION.md`. Its first line is `# NAME(SECTION) - what it is`. Of
Markdown it has `## SECTIONS`, paragraphs (a sentence or more a line), `- term: text` lists,
tables, blocks between ``` lines, and `code` and *emphasis* in text; `{{NAME}}` on a line of its own
stands for what is generated. Under SEE ALSO every `name(1)` is set as a reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

from facecli.consent.purpose_files import WHY_NEEDED
from facecli.consent.purpose_revisions import LENGTHS
from facecli.consent.purpose_terms import MINOR
from tools.docs import man_pages
from tools.docs.facts import PURPOSE_FIELDS

TITLE = re.compile(r"# (?P<name>[a-z-]+)\((?P<section>\d)\) - (?P<summary>.+)")
REFERENCE = re.compile(r"([a-z-]+)\((\d)\)")
SOURCES = "man/source"


def pages(folder: Path) -> dict[str, str]:
    """Return every page by its file name, from the sources in the project's folder."""
    return {
        path.name.removesuffix(".md"): page(path.read_text(encoding="utf-8"))
        for path in sorted((folder / SOURCES).glob("*.md"))
    }


def page(source: str) -> str:
    """Return one page in man(7). Raises ValueError if the first line is no title."""
    head, *parts = re.split(r"^## ", source, flags=re.MULTILINE)
    title = TITLE.fullmatch(head.strip())
    if title is None:
        raise ValueError(f"{head.strip()!r} is no title of a page")
    sections = [part.partition("\n") for part in parts]
    return man_pages.page(
        title["name"],
        title["summary"],
        [(name, _section(name, body)) for name, _, body in sections],
        section=int(title["section"]),
    )


def blocks(source: str) -> Iterator[tuple[str, str]]:
    """Yield the blocks between ``` lines: their kind and their text."""
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", source, re.DOTALL | re.MULTILINE):
        yield found[1], found[2]


def _section(name: str, body: str) -> str:
    if name == "SEE ALSO":
        return _see_also(body)
    whole = ""
    for kind, text in _pieces(body):
        piece = _piece(kind, text)
        whole += f".PP\n{piece}" if whole and not piece.startswith((".TP", ".IP")) else piece
    return whole


def _pieces(body: str) -> Iterator[tuple[str, str]]:
    """Yield blocks, and the paragraphs between empty lines, each with its kind."""
    for number, part in enumerate(re.split(r"^```\w*\n", body, flags=re.MULTILINE)):
        if number % 2:
            yield "block", part
        else:
            yield from (("text", text) for text in re.split(r"\n\s*\n", part.strip()) if text)


def _piece(kind: str, text: str) -> str:
    if kind == "block":
        return man_pages.verbatim(text.splitlines())
    if found := re.fullmatch(r"\{\{([a-z-]+)\}\}", text):
        return _GENERATED[found[1]]()
    if text.startswith("| "):
        return man_pages.verbatim(_table(text.splitlines()))
    if text.startswith("- "):
        return _items(text[2:].split("\n- "))
    return man_pages.paragraphs([text])


def _table(lines: list[str]) -> Iterator[str]:
    """Yield the rows of a table with their columns aligned, so that no preprocessor is needed."""
    rows = [[cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in lines]
    rows = [row for row in rows if set("".join(row)) != {"-"}]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _items(items: list[str]) -> str:
    """Return a list: of terms with their meanings if every item has one, else of texts."""
    found = [re.fullmatch(r"(.+?): (.+)", item) for item in items]
    terms = [(item[1].replace("`", ""), item[2]) for item in found if item]
    return man_pages.tagged(terms) if len(terms) == len(items) else man_pages.bullets(items)


def _see_also(body: str) -> str:
    """Return references in bold, and other reading as it stands."""
    lines = []
    for refers, group in groupby(body.split("\n\n"), lambda text: bool(REFERENCE.match(text))):
        for text in group:
            if refers:
                lines.append(man_pages.references(REFERENCE.findall(text)))
            elif text.strip():
                lines.append(man_pages.paragraphs([text]))
    return ".PP\n".join(lines)


def _purpose_fields() -> str:
    """Return each field with its meaning, the reason for it, and the effect of a change."""
    return man_pages.tagged(
        (name, f"{text} Needed because {WHY_NEEDED[name]}. {_change(name)}")
        for name, text in PURPOSE_FIELDS
    )


def _change(name: str) -> str:
    if name in LENGTHS:
        return "Shortening it is a minor revision; lengthening it makes a new version."
    if name == "threshold_fmr":
        return "Lowering it is a minor revision; raising it makes a new version."
    if name == "notice":
        return "Another text makes a new version, another file name alone does not."
    if name == "data":
        return "Adding to it makes a new version; leaving something out is a minor revision."
    return "A change is a minor revision." if name in MINOR else "A change makes a new version."


_GENERATED: dict[str, Callable[[], str]] = {"purpose-fields": _purpose_fields}
