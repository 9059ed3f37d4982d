"""Canonical JSON (RFC 8785), for the values that log entries hold.

RFC 8785 sorts object members by the UTF-16 code units of their names, escapes in strings only
what must be escaped, and writes no white space. Its rules for numbers are those of ECMAScript.
Floats are refused, so that none are needed: integers up to 2^53 - 1 are written alike everywhere.
"""

from __future__ import annotations

import json
from functools import lru_cache
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
        # A lone surrogate is let through here, to be refused with the rest by `encode`.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _in_order(value[name]) for name in names}
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    return value
