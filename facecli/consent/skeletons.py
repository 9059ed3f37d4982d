"""Skeletons of REFs: texts that look alike have the same skeleton (Unicode TS 39, section 4).

A REF has two: one of its characters as they are written, and one of its letters without case.
Two REFs can be confused if they share one. `A-1O` and `A-10` share the first, `A-1` and `a-1` the
second. Blanks and characters that cannot be seen count for nothing in either.

The database stores a number for each skeleton, so the table is part of the schema: with another, a
migration must clear those that are stored.
"""

from __future__ import annotations

import unicodedata
import zlib
from functools import lru_cache
from pathlib import Path

from facecli.consent.text import is_unseen

TABLE = Path(__file__).with_name("confusables.txt")
"""Prototypes of Unicode 16.0, made by `python -m tools.confusables`; see LICENSE-unicode.txt."""
SERIES_BYTES = 5  # at the end of a skeleton, by which REFs of one series differ
OWN_BITS = 20  # of a number, for the whole skeleton


def skeletons(ref: str) -> tuple[str, str]:
    """Return the skeleton of a REF as it is written, and that of its letters without case."""
    written = unicodedata.normalize("NFKC", ref)  # full-width letters become ordinary ones
    return _skeleton(written), _skeleton(written.casefold()).casefold()


def numbers(ref: str) -> tuple[int, int]:
    """Return a number for each skeleton of a REF: equal for equal skeletons, seldom for others.

    SQLite stores it in four bytes, and it does not spell the REF once more. Its high bits are of
    the skeleton without its end, so REFs that were given in a row are near each other in an index.
    """
    written, folded = (_number(one.encode()) for one in skeletons(ref))
    return written, folded


def _number(skeleton: bytes) -> int:
    series, own = zlib.crc32(skeleton[:-SERIES_BYTES]), zlib.crc32(skeleton)
    return (series >> OWN_BITS << OWN_BITS | own & (1 << OWN_BITS) - 1) - 2**31


def share_one(ref: str, other: str) -> bool:
    """Return True if two REFs can be confused."""
    return not {*skeletons(ref)}.isdisjoint(skeletons(other))


def _skeleton(text: str) -> str:
    """Return the skeleton of TS 39. No text has controls of direction, so none is reordered."""
    prototypes = _prototypes()
    seen = (
        one for one in unicodedata.normalize("NFD", text) if not (one.isspace() or is_unseen(one))
    )
    return unicodedata.normalize("NFD", "".join(prototypes.get(one, one) for one in seen))


@lru_cache(maxsize=1)
def _prototypes() -> dict[str, str]:
    """Read the table: a line has a character and its prototype, in hexadecimal."""
    found = {}
    for line in TABLE.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            source, *prototype = (chr(int(point, 16)) for point in line.split())
            found[source] = "".join(prototype)
    return found
