"""A letter as plain text, wrapped by the columns that characters take on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from facecli.papers.directions import plain
from facecli.papers.letter import Letter, Section
from facecli.papers.lines import columns, wrapped
from facecli.papers.markdown import plain_paragraphs

WIDTH = 78
LEAST = 20
LABELS = 32
"""Most columns of the names beside the values; a longer name stands on a line of its own."""


def text(letter: Letter, width: int = WIDTH) -> str:
    """Return the letter as lines of at most `width` columns.

    A word that is longer than a line is broken. Hidden characters are escaped.
    """
    width = max(width, LEAST)
    lines = [*_wrapped(letter.controller, width), *_wrapped(letter.contact, width), ""]
    lines += [*_wrapped(letter.date, width), "", *_heading(letter.title, "=", width)]
    for paragraph in letter.opening:
        lines += ["", *_wrapped(paragraph, width)]
    for section in letter.sections:
        lines += ["", *_section(section, width)]
    if letter.check is not None:
        check = letter.check
        lines += ["", *_heading(check.heading, "-", width), "", *_wrapped(check.sentence, width)]
        lines += ["", f"    {check.command}", "", *_wrapped(check.key_name, width)]
        lines += ["", f"    {check.trust_key}"]
    return "\n".join(lines) + "\n"


def _section(section: Section, width: int) -> Iterator[str]:
    lines = _heading(section.heading, "-", width) if section.heading else []
    for paragraph in (*section.paragraphs, *plain_paragraphs(section.markdown)):
        lines += ["", *_wrapped(paragraph, width)]
    yield from lines if section.heading else lines[1:]
    facts = section.facts or tuple((one.name, one.caption) for one in section.pictures)
    if facts:
        yield ""
        yield from _facts(facts, width)


def _facts(facts: tuple[tuple[str, str], ...], width: int) -> Iterator[str]:
    """Yield names and values in two columns, or one below the other where there is no room."""
    widest = max(columns(name) for name, _ in facts)
    beside = widest <= LABELS and widest + LEAST <= width
    for name, value in facts:
        if beside:
            first, *more = _wrapped(value, width - widest - 2) or [""]
            yield f"{name}{' ' * (widest - columns(name))}  {first}".rstrip()
            yield from (" " * (widest + 2) + line for line in more)
        else:
            yield from _wrapped(name, width)
            yield from ("  " + line for line in _wrapped(value, width - 2))


def _heading(words: str, rule: str, width: int) -> list[str]:
    lines = _wrapped(words, width)
    return [*lines, rule * max(map(columns, lines), default=0)]


def _wrapped(words: str, width: int) -> list[str]:
    return wrapped(plain(words), width)
