"""Canonical JSON (RFC 8785), for the values that log entries hold.

RFC 8785 sorts object members by the UTF-16 code units of their names, escapes in strings only
what must be escaped, and writes no white space. Its rules for numbers are those of ECMAScript.
Floats are refused, so that none are needed: integers up to 2^53 - 1 are written alike everywhere.
"""

from __future__ import annotations

import json

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
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if isinstance(value, int):
        if not -GREATEST <= value <= GREATEST:
            raise ValueError(f"an integer beyond ±(2^53 - 1) has no canonical form: {value}")
        return True
    if isinstance(value, dict):
        plain = True
        for name, item in value.items():
            plain &= _admit_name(name) & _admit(item)
        return plain
    if isinstance(value, list):
        plain = True
        for item in value:
            plain &= _admit(item)
        return plain
    if isinstance(value, str):
        return True
    raise TypeError(f"canonical JSON of log entries holds no {kind.__name__}")


def _admit_name(name: object) -> bool:
    if not isinstance(name, str):
        raise TypeError(f"a key must be a string, not {type(name).__name__}")
    return name.isascii() or max(name) < FIRST_OUT_OF_ORDER


def _in_order(value: object) -> object:
    if isinstance(value, dict):
        # A lone surrogate is let through here, to be refused with the rest by `encode`.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _in_order(value[name]) for name in names}
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    return value
