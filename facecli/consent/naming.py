"""Persons named in a text that may outlive them: a case's id, the holder of data elsewhere.

A name is found in other letters, with other marks or none between its words, and in another order:
`Doe_Jo` and `JODOE` name Jo Doe. A word such as `Hangzhou` names no Zhou Hang: its letters stand in
another order, and no capital parts them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, permutations, product, zip_longest

from facecli.consent.text import folded, plain_letters

MOST_WORDS_IN_ANY_ORDER = 4


def names_person(text: str, ref: str, names: Iterable[str | None]) -> bool:
    """Return True if a text has a person's REF or one of the names in it, between other words.

    A REF of digits must be one word of the text: `17` is not in `gates 1, 7`. A single word in
    capital and small letters must be a word of the text too: `Li` is not in `Police`.
    """
    plain = folded(text)
    if re.search(rf"(?<!\w){re.escape(folded(ref))}(?!\w)", plain):
        return True
    words = _words(plain)
    joined = set(_joined(words))
    whole = "".join(_words(folded(ref)))
    if whole and whole in (words if whole.isdigit() else joined):
        return True
    ordinary = {folded(word) for word in _words(plain_letters(text)) if word.istitle()}
    return any(
        _has_name(plain, words, joined, joined - ordinary, folded(name)) for name in names if name
    )


def _has_name(
    plain: str, words: Sequence[str], joined: set[str], in_any_order: set[str], name: str
) -> bool:
    parts = _words(name)
    whole = "".join(parts)
    begin = r"(?<!\w)" if _has_capitals(name) else ""
    return bool(
        (set() < {*parts} <= {*words})
        or (not _is_one_word(name) and re.search(begin + re.escape(name), plain))
        or (whole.isalpha() and not _is_one_word(whole) and whole in "".join(words))
        or whole in joined
        or any("".join(order) in in_any_order for order in _orders(parts))
    )


def _words(text: str) -> list[str]:
    """Return the rows of letters and digits of a text, each letter with its vowel signs."""
    rows = groupby(text, lambda one: one.isalnum() or unicodedata.category(one)[0] == "M")
    return ["".join(row) for is_word, row in rows if is_word]


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
    parts = _words(text)
    if parts == [text]:
        anywhere = {f"{text[:at]} {text[at:]}" for at in range(1, len(text))}
        return anywhere | _in_orders(_at_capitals(text))
    return {"".join(parts)} | _with_one_blank(text) | _in_orders(parts)


def as_refs(text: str) -> set[str]:
    """Return a text without blanks as REFs that it may spell: its words in their order.

    Digits that a mark parts are no REF of digits: `12/26` is not `1226`.
    """
    parts = _words(text)
    whole = "".join(parts)
    spelled = {one for one in as_names(text) if "".join(_words(one)) == whole}
    return spelled - {whole} if whole.isdigit() and len(parts) > 1 else spelled


def _with_one_blank(text: str) -> set[str]:
    """Return a text with a blank for one row of marks in it, for each of them."""
    rows = ["".join(row) for _, row in groupby(text, lambda one: bool(_words(one)))]
    marks = [at for at, row in enumerate(rows) if not _words(row)]
    return {"".join([*rows[:at], " ", *rows[at + 1 :]]) for at in marks}


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
    return plain.isalpha() and _has_capitals(plain)


def _has_capitals(plain: str) -> bool:
    """Return True for a text in small letters of a script that has capitals."""
    return plain != plain.upper()
