"""Show a long text page by page on the terminal of stderr, so that a person can read all of it."""

from __future__ import annotations

import os
import sys

import click

from facecli.cli.lines import fitted, terminal_width


def pages(text: str, lines: int) -> list[str]:
    """Return a text in parts of at most `lines` lines, divided at blank lines where possible.

    lines: 1 or more.
    """
    left, found = text.splitlines(), []
    while len(left) > lines:
        blank = [at for at in range(lines // 2, lines) if not left[at].strip()]
        cut = blank[-1] + 1 if blank else lines
        found.append("\n".join(left[:cut]))
        left = left[cut:]
    return [*found, "\n".join(left)]


def show_in_pages(text: str) -> None:
    """Print a text on stderr, and wait for Enter after each page but the last.

    All of it is one page where the height of the terminal is not known.
    """
    height, width = _height(), terminal_width(sys.stderr)
    parts = pages(text, height - 1) if height > 1 else [text]
    for number, part in enumerate(parts, 1):
        click.echo(part, err=True)
        if number < len(parts):
            question = f"-- page {number} of {len(parts)}; press Enter for the next page --"
            text = fitted(question, width)
            click.prompt(text, default="", show_default=False, prompt_suffix=" ", err=True)


def _height() -> int:
    """Return the lines of the terminal of stderr; 0 if it is not known."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).lines
    except (OSError, ValueError):
        return 0
