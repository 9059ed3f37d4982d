"""Lines of a given width: breaks where Unicode allows them (UAX 14), columns as terminals count.

Chinese has no spaces, so that breaking at spaces alone leaves ragged lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from uniseg.linebreak import line_break_units
from wcwidth import iter_graphemes, wcswidth


def wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` columns; a longer word is broken anywhere.

    Args:
        text: printable text. Line ends in it count as spaces.
        width: at least 2, because one character may take two columns.
    """
    lines, line = [], ""
    for unit in _units(" ".join(text.split()), width):
        if line and columns(line + unit.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += unit
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def columns(text: str) -> int:
    """Return the columns of printable text on a terminal."""
    return max(wcswidth(text), 0)


def _units(text: str, width: int) -> Iterator[str]:
    """Yield the parts between possible breaks; one that is wider than a line in smaller parts."""
    for unit in line_break_units(text):
        if columns(unit.rstrip()) <= width:
            yield unit
        else:
            yield from iter_graphemes(unit)
