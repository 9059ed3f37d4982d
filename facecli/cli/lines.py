"""Lines that fit a terminal: messages, questions and the examples of a help text."""

from __future__ import annotations

import os
import re
from typing import TextIO

_WHOLE = re.compile(r"(?:`[^`\n]*`|\S)+")
"""A word, or a command in backticks: who copies a command must get all of it."""
_ARGUMENT = re.compile(r"(?:'[^'\n]*'|\"[^\"\n]*\"|\S)+")
_CONTINUED = " \\"
_INDENT = 2


def terminal_width(stream: TextIO | None) -> int | None:
    """Return the columns of the terminal of a stream; None if it is no terminal or unknown."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None if stream else None
    except (OSError, ValueError):  # not a terminal, or a stream in memory
        return None


def shown_width(text: str) -> int:
    """Return the columns that a text of one line takes on a terminal."""
    if text.isascii():
        return len(text)
    import wcwidth

    return wcwidth.wcswidth(text)


def cut(text: str, width: int) -> str:
    """Return as much of a printable text as fits into `width` columns."""
    if text.isascii():
        return text[:width]
    import wcwidth

    found = ""
    for character in wcwidth.iter_graphemes(text):
        if shown_width(found + character) > width:
            break
        found += character
    return found


def fitted(text: str, width: int | None) -> str:
    """Return a text in lines of at most `width` columns, broken at blanks; None: as it is.

    A word or a command in backticks is never broken, however wide. A line that is indented keeps
    its indentation.
    """
    if width is None:
        return text
    return "\n".join(_broken(line, width, _WHOLE) for line in text.split("\n"))


def continued(text: str, width: int) -> str:
    """Return lines of shell commands in lines of at most `width` columns that a shell joins."""
    return "\n".join(
        _broken(line, width, _ARGUMENT, end=_CONTINUED, more=_INDENT) for line in text.split("\n")
    )


def _broken(line: str, width: int, words: re.Pattern[str], *, end: str = "", more: int = 0) -> str:
    """Break one line between its words.

    Args:
        end: ends every line but the last. more: further indentation of every line but the first.
    """
    if shown_width(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip(" ")))
    lines: list[str] = []
    for word in words.findall(line):
        longer = f"{lines[-1]} {word}" if lines else indent + word
        if not lines or shown_width(longer + end) <= width:
            lines[-1:] = [longer]
        else:
            lines.append(indent + " " * more + word)
    return f"{end}\n".join(lines)
