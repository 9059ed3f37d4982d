"""Persons named in a text that may outlive them: a case's id, the holder of data elsewhere.

A name is found in other letters, with other marks or none between its words, and in another order:
`Doe_Jo` and `JODOE` name Jo Doe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, permutations, product, zip_longest

from facecli.consent.text import folded

MOST_WORDS_IN_ANY_ORDER = 4
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"[\W_]+")


def names_person(text: str, ref: str, names: Iterable[str | None]) -> bool:
    """Return True if a text has a person's REF or one of the names in it, between other words.

    A REF of digits must be one word of the text: `17` is not in `gates 1, 7`. A single word in
    capital and small letters must be a word of the text too: `Li` is not in `Police`.
    """
    plain = folded(text)
    if re.search(rf"(?<!\w){re.escape(folded(ref))}(?!\w)", plain):
        return True
    words = _WORD.findall(plain)
    joined = set(_joined(words))
    parts = _WORD.findall(folded(ref))
    whole = "".join(parts)
    if whole and whole in (words if whole.isdigit() else joined):
        return True
    return any(_has_name(plain, words, joined, folded(name)) for name in names if name)


def _has_name(plain: str, words: Sequence[str], joined: set[str], name: str) -> bool:
    parts = _WORD.findall(name)
    whole = "".join(parts)
    return bool(
        (set() < {*parts} <= {*words})
        or (name in plain and not _is_one_word(name))
        or (whole.isalpha() and not _is_one_word(whole) and whole in "".join(words))
        or any("".join(order) in joined for order in _orders(parts))
    )


def _joined(words: Sequence[str]) -> Iterator[str]:
    """Yield each word, and each row of neighbours as one word."""
    for first in range(len(words)):
        text = ""
        for word in words[first:]:
            text += word
            yield text


def as_names(text: str) -> set[str]:
    """Return a text without blanks as names that it may spell, with blanks between their words.

    A blank, a hyphen or nothing takes the place of each mark, or a blank that of one. Without marks
    they stand before each capital letter, or one blank anywhere.
    """
    parts = _WORD.findall(text)
    if len(parts) == 1 and parts[0] == text:
        anywhere = {f"{text[:at]} {text[at:]}" for at in range(1, len(text))}
        return anywhere | _in_orders(_at_capitals(text))
    one_mark = {f"{text[: one.start()]} {text[one.end() :]}" for one in _MARKS.finditer(text)}
    return {"".join(parts)} | one_mark | _in_orders(parts)


def _at_capitals(text: str) -> list[str]:
    found = [""]
    for before, one in zip(f" {text}", text, strict=False):
        if one.isupper() and not before.isupper() and found[-1]:
            found.append("")
        found[-1] += one
    return found


def _in_orders(words: Sequence[str]) -> set[str]:
    """Return the words in each order with blanks between them, or hyphens as in `Jean-Luc`."""
    few = len(words) <= MOST_WORDS_IN_ANY_ORDER
    marks = list(product(" -" if few else " ", repeat=len(words) - 1)) if words else []
    return {
        "".join(chain.from_iterable(zip_longest(order, between, fillvalue="")))
        for order in _orders(words)
        for between in marks
    }


def _orders(words: Sequence[str]) -> Iterable[Sequence[str]]:
    """Return the orders in which the words of a name may stand: all of them, if they are few."""
    if 1 < len(words) <= MOST_WORDS_IN_ANY_ORDER:
        return permutations(words)
    return [words] if words else []


def _is_one_word(plain: str) -> bool:
    """Return True for one word of a script with blanks between words, as its capitals tell."""
    return plain.isalpha() and plain != plain.upper()
