"""Canonical JSON (RFC 8785), for the values that log entries hold.

RFC 8785 sorts object members by the UTF-16 code units of their names, escapes in strings only
what must be escaped, and writes no white space. Its rules for numbers are those of ECMAScript.
Floats are refused, so that none are needed: integers up to 2^53 - 1 are written alike everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

# The integers that every JSON implementation reads back exactly (RFC 8785, appendix D).
GREATEST = 2**53 - 1
# Below U+E000, the order of code points is the order of UTF-16 code units.
FIRST_OUT_OF_ORDER = "\ue000"
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_SORTING = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of `value`, as UTF-8 without a newline.

    Args:
        value: a dict with str keys, list, str, bool, None, or int within ±(2^53 - 1), nested.

    Raises:
        TypeError: a value of another type (a float, a tuple, bytes), or a key that is not a str.
        ValueError: an integer out of range, or a string with a lone surrogate.
    """
    text = _SORTING.encode(value) if _admit(value) else _PLAIN.encode(_in_order(value))
    return text.encode()


def joined(members: Mapping[str, str]) -> str:
    """Return the canonical form of an object as text, from those of its members.

    Many objects with the same member need its form once.
    """
    begun = _in_their_order(tuple(members))
    return "{" + ",".join([begin + members[name] for name, begin in begun]) + "}"


def quoted(text: str | None) -> str:
    """Return the canonical form of a string, or of None, as text; quicker than `canonical`."""
    return "null" if text is None else encode_basestring(text)


def listed(texts: Iterable[str]) -> str:
    """Return the canonical form of a list of strings as text; quicker than `canonical`."""
    return "[" + ",".join([encode_basestring(text) for text in texts]) + "]"


@lru_cache(maxsize=1024)
def _in_their_order(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return names in their order, and how a member of each begins."""
    return [(name, encode_basestring(name) + ":") for name in _ordered(names)]


def _admit(value: object) -> bool:
    """Refuse other values. Return True if all keys sort as their code points."""
    plain = True
    left = [value]
    for item in left:  # which grows: recursion takes three times as long
        kind = type(item)
        if kind is str or item is None or kind is bool:
            continue
        if isinstance(item, dict):
            plain &= _admit_names(tuple(item))
            left += item.values()
        elif isinstance(item, list):
            left += item
        elif isinstance(item, int):
            if not -GREATEST <= item <= GREATEST:
                raise ValueError(f"an integer beyond ±(2^53 - 1) has no canonical form: {item}")
        elif not isinstance(item, str):
            raise TypeError(f"canonical JSON of log entries holds no {kind.__name__}")
    return plain


@lru_cache(maxsize=1024)  # entries of one kind have the same names
def _admit_names(names: tuple[Any, ...]) -> bool:
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"a key must be a string, not {type(name).__name__}")
    together = "".join(names)
    return together.isascii() or max(together) < FIRST_OUT_OF_ORDER


def _in_order(value: object) -> object:
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in _ordered(value)}
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    return value


def _ordered(names: Iterable[str]) -> list[str]:
    # A lone surrogate is let through here, to be refused with the rest by `encode`.
    return sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
