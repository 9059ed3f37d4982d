"""Text on its way out: nothing that was stored may steer a terminal or a spreadsheet."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

# A spreadsheet set to Chinese or Japanese takes the wide forms for the narrow ones.
FORMULA_STARTS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    """`text` with control, formatting and unassigned characters written as `\\u{...}`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\\u{{{ord(character):x}}}"
        if unicodedata.category(character) in HIDDEN_CATEGORIES and character not in JOINERS
        else character
        for character in text
    )


def json_text(value: Any, indent: int | None = None) -> str:
    """`value` as JSON in which hidden characters are escaped; it says the same to a parser."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        json.dumps(character)[1:-1]
        if character != "\n"
        and unicodedata.category(character) in HIDDEN_CATEGORIES
        and character not in JOINERS
        else character
        for character in text
    )


def csv_cell(text: str) -> str:
    """A printable cell that no spreadsheet takes for a formula: such a one gets a leading `'`."""
    return "'" + printable(text) if text.startswith(FORMULA_STARTS) else printable(text)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and what is counted, in its grammatical number: `1 image`, `2,000 images`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
