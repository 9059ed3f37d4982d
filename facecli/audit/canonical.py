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


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of `value`, as UTF-8 without a newline.

    Args:
        value: a dict with str keys, list, str, bool, None, or int within ±(2^53 - 1), nested.

    Raises:
        TypeError: a value of another type (a float, a tuple, bytes), or a key that is not a str.
        ValueError: an integer out of range, or a string with a lone surrogate.
    """
    plain = _admit(value)
    ordered = value if plain else _in_order(value)
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":"), sort_keys=plain)
    return text.encode()


def _admit(value: object) -> bool:
    """Refuse other values. Return True if all keys sort as their code points."""
    if isinstance(value, str) or value is None or value is True or value is False:
        return True
    if isinstance(value, int):
        if not -GREATEST <= value <= GREATEST:
            raise ValueError(f"an integer beyond ±(2^53 - 1) has no canonical form: {value}")
        return True
    if isinstance(value, dict):
        plain = True
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a key must be a string, not {type(key).__name__}")
            plain = _admit(item) and plain and max(key, default="") < FIRST_OUT_OF_ORDER
        return plain
    if isinstance(value, list):
        plain = True
        for item in value:
            plain = _admit(item) and plain
        return plain
    raise TypeError(f"canonical JSON of log entries holds no {type(value).__name__}")


def _in_order(value: object) -> object:
    if isinstance(value, dict):
        # A lone surrogate is let through here, to be refused with the rest by `encode`.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _in_order(value[name]) for name in names}
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    return value
