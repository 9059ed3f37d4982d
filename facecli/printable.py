"""Safe text for output: stored text must not control a terminal or a spreadsheet."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

# A spreadsheet in Chinese or Japanese reads the wide forms as the narrow ones.
FORMULA_STARTS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FIGURES = 7
"""Significant figures of a distance, threshold or rate: those of a number of 32 bits."""
_WITHOUT_FRACTIONS = {str, int, bool, type(None)}  # asked first, for a million rows
JOINERS = "\u200c\u200d"
_UNPLAIN = re.compile(r"[^ -~\n]")


def printable(text: str) -> str:
    """Return `text` with control, format and unassigned characters written as `\\u{...}`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\\u{{{ord(character):x}}}"
        if unicodedata.category(character) in HIDDEN_CATEGORIES and character not in JOINERS
        else character
        for character in text
    )


def json_text(value: Any, indent: int | None = None) -> str:
    """Return `value` as JSON with hidden characters escaped; a parser reads the same value."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNPLAIN.sub(lambda found: _json_character(found[0]), text)


def _json_character(character: str) -> str:
    hidden = unicodedata.category(character) in HIDDEN_CATEGORIES and character not in JOINERS
    return json.dumps(character)[1:-1] if hidden else character


def in_figures(value: Any) -> Any:
    """Return `value` with every fraction in it rounded to `FIGURES` significant figures."""
    if type(value) in _WITHOUT_FRACTIONS:
        return value
    if isinstance(value, float):
        return float(f"{value:.{FIGURES}g}")
    if isinstance(value, Mapping):
        return {
            name: part if type(part) in _WITHOUT_FRACTIONS else in_figures(part)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [in_figures(part) for part in value]
    return value


def csv_cell(text: str) -> str:
    """Return a printable cell; a leading `'` keeps a spreadsheet from reading a formula."""
    return "'" + printable(text) if text.startswith(FORMULA_STARTS) else printable(text)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun in the right form: `1 image`, `2,000 images`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
