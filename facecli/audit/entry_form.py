"""The form of entries in exports: canonical JSON with exactly the members of an entry.

To parse every entry takes many times as long as to hash it. So patterns check what surrounds the
details, and details are parsed once for each shape: their bytes with every digit but 0 made a 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from facecli.audit.canonical import canonical
from facecli.audit.export_text import OUTCOME, STRING

UID = rb"(?:null|-?(?:0|[1-9][0-9]{0,15}))"
TEXT = rb"(?:null|" + STRING + rb")"
AT_NAME = b'"at":'
HEAD = re.compile(
    rb'\{"action":' + STRING + rb',"actor":\{"host":' + TEXT + rb',"slot":' + TEXT + rb',"uid":'
    + UID + rb',"user":' + TEXT + rb"\},"
)  # fmt: skip
AT = re.compile(
    rb'"at":"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])'
    rb'T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z","details":(?=\{)'
)
TAIL = re.compile(
    rb',"outcome":"(?:done|refused|failed)","purpose":' + TEXT + rb',"seq":[1-9][0-9]*,'
    rb'"subject_id":' + TEXT + rb"\}"
)
# A 0 stays, so that a leading one shows.
DIGITS = bytes.maketrans(b"23456789", b"1" * 8)
LONG_NUMBER = re.compile(rb"[0-9]{16}")  # its size does not show
MOST_KNOWN = 4096


class EntryForm:
    """A check of entries, which remembers the beginnings and shapes that it has parsed."""

    def __init__(self) -> None:
        self._heads: set[bytes] = set()
        self._shapes: set[bytes] = set()

    def first_wrong(self, records: Sequence[bytes]) -> int | None:
        """Return the index of the first text that is no entry's canonical JSON, or None."""
        return next((at for at, record in enumerate(records) if not self._is_entry(record)), None)

    def _is_entry(self, record: bytes) -> bool:
        at, end = record.find(AT_NAME), record.rfind(OUTCOME)
        if record[:at] not in self._heads:
            head = HEAD.match(record)
            if head is None:
                return False
            at = head.end()
            _remember(self._heads, record[:at])
        begin = AT.match(record, at)
        if begin is None or TAIL.fullmatch(record, end) is None:
            return False
        if b"\\" in record or not record.isascii():
            return _is_canonical(record)
        details = record[begin.end() : end]
        shape = details.translate(DIGITS)
        return shape in self._shapes or self._learn(details, shape)

    def _learn(self, details: bytes, shape: bytes) -> bool:
        """Parse details; remember their shape if it decides for all details that have it."""
        if not _is_canonical(details):
            return False
        several = sum(map(_has_digit, _names(json.loads(details)))) > 1  # their order is hidden
        if not several and LONG_NUMBER.search(details) is None:
            _remember(self._shapes, shape)
        return True


def _remember(known: set[bytes], one: bytes) -> None:
    if len(known) >= MOST_KNOWN:
        known.clear()
    known.add(one)


def _is_canonical(text: bytes) -> bool:
    try:
        return canonical(json.loads(text)) == text
    except (ValueError, TypeError, RecursionError):
        return False


def _has_digit(name: str) -> bool:
    return any(map(str.isdigit, name))


def _names(value: Any) -> list[str]:
    """Return the names of all members, at any depth."""
    if isinstance(value, dict):
        return [*value, *(name for item in value.values() for name in _names(item))]
    return [name for item in value for name in _names(item)] if isinstance(value, list) else []
