"""The letters that pictures can show: those of the font that OpenCV 5 ships in its package.

OpenCV draws letters from the left, one by one. So the text is brought into the order of display
first (UAX 9). Arabic letters stand unjoined where `joined_letters` cannot draw them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bidi import get_display

SCRIPTS = {
    "ARABIC", "CJK", "CYRILLIC", "GREEK", "HANGUL", "HEBREW", "HIRAGANA", "KATAKANA", "LATIN",
}  # fmt: skip
"""The scripts of OpenCV's font, as the names of Unicode's characters begin."""
_JOINING = "AL"
_RIGHT_TO_LEFT = ("R", _JOINING)
_JOINED = "J"
_PARTS = re.compile(f"{_JOINED}(?:[{_JOINED} ]*{_JOINED})?|[^{_JOINED}]+")


def in_order_of_display(text: str) -> str:
    """Return a text with its characters from left to right as they are to be seen."""
    if text.isascii() or not any(unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in text):
        return text
    return str(get_display(text))


def parts_in_order_of_display(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text from left to right: words in letters that are joined, and the rest.

    Each part comes with its characters from left to right, and in the order in which they are read.
    """
    shown = in_order_of_display(text)
    if not has_joining(text):
        yield shown, shown
        return
    kinds = "".join(_JOINED if _is_joined(one) else " " if one == " " else "-" for one in shown)
    for found in _PARTS.finditer(kinds):
        part = shown[found.start() : found.end()]
        yield part, part[::-1] if found[0].startswith(_JOINED) else part


def _is_joined(char: str) -> bool:
    return unicodedata.bidirectional(char) in (_JOINING, "NSM")


def has_joining(text: str) -> bool:
    """Return True if the text has letters of Arabic or its kin, which are written joined."""
    return not text.isascii() and any(unicodedata.bidirectional(one) == _JOINING for one in text)


def scripts_not_drawn(text: str) -> set[str]:
    """Return the scripts in a text that the font lacks, such as `Thai`."""
    if text.isascii():
        return set()
    scripts = {unicodedata.name(one, "?").split()[0] for one in text if one.isalpha()}
    return {script.capitalize() for script in scripts - SCRIPTS}
