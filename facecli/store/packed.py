"""Moments, days and ids as the tables of many rows store them: numbers and bytes.

The tables give the text back in a computed column: `consent.given` has the seconds and
`consent.given_at` the moment as text. SQL converts a text of its own with `unixepoch()`.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from functools import lru_cache

from facecli.times import stamp

DAY_SECONDS = 86_400
_FIRST = date(1970, 1, 1).toordinal()


def seconds(moment: str) -> int:
    """Return a moment as whole seconds since 1970 in UTC; negative before."""
    return int(datetime.fromisoformat(moment).timestamp())


def moment_text(seconds: int) -> str:
    """Return the moment of `seconds` as text (see `times.stamp`)."""
    return stamp(datetime.fromtimestamp(seconds, UTC))


def day_number(day: str) -> int:
    """Return a day such as `2026-11-23` as whole days since 1970; negative before."""
    return date.fromisoformat(day).toordinal() - _FIRST


@lru_cache(maxsize=1024)  # of many subjects the days are few
def day_text(number: int) -> str:
    """Return the day of a `day_number` as text."""
    return date.fromordinal(number + _FIRST).isoformat()


def same_bytes(column: str, value: str) -> str:
    """Return the SQL condition that an id in bytes is `value`, for an index of its first four.

    Such an index takes half the room. Ids are random: few of a million share four bytes.
    """
    return f"substr({column}, 1, 4) = substr({value}, 1, 4) AND {column} = {value}"


def id_text(packed: bytes) -> str:
    """Return a random id as the log, receipts and exports name it: a UUID."""
    digits = packed.hex()  # a quarter of the time of uuid.UUID, and asked for everybody at once
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def id_bytes(text: str) -> bytes | None:
    """Return the bytes of a random id (see `id_text`), or None where `text` is no UUID."""
    try:
        return uuid.UUID(text).bytes
    except ValueError:
        return None
