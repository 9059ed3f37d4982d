"""Lines of a given width: breaks where Unicode allows them (UAX 14), columns as terminals count.

Chinese has no spaces, so that breaking at spaces alone leaves ragged lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from wcwidth import iter_graphemes, wcswidth

_IDEOGRAPHS = "\u4e00-\u9fff"
_STOPS = "\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f"
_BEFORE_IDEOGRAPHS = re.compile(f"(?<=[{_IDEOGRAPHS}{_STOPS}])(?=[{_IDEOGRAPHS}])")
"""A line may always break before an ideograph that follows another, or a stop."""
_WHOLE = re.compile(
    f"[{_IDEOGRAPHS}]?[{_STOPS}]*|['\"(]*[A-Za-z0-9]+(?:['.,][A-Za-z0-9]+)*['\").,;:!?]*"
)
"""Words in which a line may never break (UAX 14, LB13, LB14, LB19, LB25, LB29)."""
LONGEST_ASKED = 2000
"""Characters of a word that uniseg is asked about; it takes 0.1 ms for each."""


def wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` columns; a longer word is broken anywhere.

    Args:
        text: printable text. Line ends in it count as spaces.
        width: at least 2, because one character may take two columns.
    """
    lines, line, taken = [], "", 0
    for unit in _units(text, width):
        word = unit.rstrip()
        if line and taken + columns(word) > width:
            lines.append(line.rstrip())
            line, taken = "", 0
        line += unit
        taken += columns(unit)
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def columns(text: str) -> int:
    """Return the columns of printable text on a terminal."""
    return len(text) if text.isascii() else max(wcswidth(text), 0)


def _units(text: str, width: int) -> Iterator[str]:
    """Yield the parts between possible breaks; one that is wider than a line in smaller parts."""
    for unit in _breakable(text):
        if columns(unit.rstrip()) <= width:
            yield unit
        else:
            yield from unit if unit.isascii() else iter_graphemes(unit)


def _breakable(text: str) -> Iterator[str]:
    """Yield the parts between possible breaks, each with the space after it.

    uniseg takes long. It is asked only where spaces and ideographs do not answer.
    """
    for word in text.split():
        *parts, last = _BEFORE_IDEOGRAPHS.split(word)
        for part in (*parts, f"{last} "):
            if len(part) > LONGEST_ASKED or _WHOLE.fullmatch(part.rstrip()):
                yield part
            else:
                yield from _asked(part)


@lru_cache(maxsize=4096)
def _asked(part: str) -> tuple[str, ...]:
    from uniseg.linebreak import line_break_units  # slow to import

    return tuple(line_break_units(part))
