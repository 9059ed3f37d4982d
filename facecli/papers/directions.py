"""Text of both directions in one sentence: a value keeps its own, and leaves that of the sentence.

A value with right-to-left letters stands between the characters U+2068 and U+2069, which isolate it
(Unicode UAX 9). A page shows them as `<bdi>`; text leaves them out, because many terminals show
them as boxes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import bidirectional, east_asian_width

from facecli.printable import printable

_START, _END = "\u2068", "\u2069"
_ISOLATED = re.compile(f"{_START}([^\u2066-\u2069]+){_END}")
_RIGHT_TO_LEFT = ("R", "AL")
_LINE_ENDS = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


def isolated(value: object) -> str:
    """Return a value for a sentence: hidden characters escaped, and isolated if it needs that.

    A value that is a sentence itself keeps what is isolated in it.
    """
    found = list(parts(str(value)))
    if any(alone for _, alone in found):
        return "".join(f"{_START}{part}{_END}" if alone else part for part, alone in found)
    text = "".join(part for part, _ in found)
    return f"{_START}{text}{_END}" if any(map(_is_right_to_left, text)) else text


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, and True for those that are isolated; hidden characters escaped.

    Lines of a text from a purpose file are joined: they end where its writer's editor wrapped them.
    Isolating characters that are no pair are hidden characters like others.
    """
    for number, part in enumerate(_ISOLATED.split(text)):
        if part:
            yield printable(_on_one_line(part)), bool(number % 2)


def plain(text: str) -> str:
    """Return a text without its isolating pairs, hidden characters escaped."""
    return "".join(part for part, _ in parts(text))


def between(before: str, space: str = " ") -> str:
    """Return what joins a line to the next: nothing after Chinese, else a space."""
    return "" if before and east_asian_width(before[-1]) in "WF" else space


def _on_one_line(text: str) -> str:
    return _LINE_ENDS.sub(lambda found: between(text[: found.start()]), text)


def _is_right_to_left(character: str) -> bool:
    return bidirectional(character) in _RIGHT_TO_LEFT
