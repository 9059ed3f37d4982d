"""Entries of one shape, checked many at once.

To parse an entry takes ten times as long as to hash it. So one text of each *shape* is parsed, and
the others are compared with it: texts of one shape have the same length, and differ only in digits
and in ids and hashes in hexadecimal. Where a digit could hide a fault (a leading zero, the order
of members), either it is looked at in every text, or the shape is not remembered.

Everything is done for whole groups: a million comparisons in Python take longer than hashing.
"""

from __future__ import annotations

import json
import re
from binascii import hexlify
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from hashlib import sha256
from itertools import chain, pairwise
from os.path import commonprefix
from struct import Struct
from typing import Any, NamedTuple

from facecli.audit.entry_form import is_entry
from facecli.audit.export_text import SCHEMA, SEQ, STATED, STATED_HASH, STRING, Range, added
from facecli.audit.merkle import leaf_hash

# The beginnings of the entries that a walk looks into.
MARKED = EPOCH, RESTORE = b'{"action":"log.epoch",', b'{"action":"backup.restore",'

DIGITS = bytes.maketrans(b"023456789", b"1" * 9)
OF_IDS = b"0123456789abcdef-"
ID = re.compile(rb'"[0-9a-f-]{32,}"')
WORD = re.compile(STRING)
NUMBER = re.compile(rb"(-?)([0-9]+)")
LONGEST_NUMBER = 15  # digits; one more, and its size does not show
TIME = b',"at":"'  # the first is the entry's own, since only `action` and `actor` stand before it
DAY, HOUR, MINUTES = (0, 10), (11, 13), (14, 19)  # in a time: `2026-11-23T21:05:59Z`
MINUTES_SIZE, SECOND = 5, 3
MOST_KNOWN = 4096  # shapes
MOST_ALIKE = 32  # shapes of one length

# A leaf is hashed with a zero before it, so every text gets one.
ZERO = b"\x00"
Columns = Callable[[bytes], Iterator[tuple[bytes, ...]]]


class Leaves(NamedTuple):
    """Entries that have their form.

    Attributes:
        hashes: the leaf hash of each.
        marked: places, from 0 on, and records of those that a walk looks into.
    """

    hashes: list[bytes]
    marked: list[tuple[int, bytes]]


class _Shape:
    """The bytes that all texts of a shape share, and the columns in which they differ.

    Args:
        text: one of them, whose record is an entry, after a zero.
        added: where the text has more than the record: the stated hash, and the schema.
    """

    def __init__(self, text: bytes, added: Sequence[Range]) -> None:
        size = len(text)
        ids = [
            (word.start() + 1, word.end() - 1)
            for word in WORD.finditer(text)
            if ID.fullmatch(word[0]) and text[word.end()] != ord(":")
        ]
        numbers = list(NUMBER.finditer(WORD.sub(_blank, text)))
        leads = [one.start(2) for one in numbers if one[1] or len(one[2]) > 1]
        time, seq = text.index(TIME) + len(TIME), text.rfind(SEQ) + len(SEQ)
        stated = [(start + len(STATED), end - 1) for start, end in added[:1]]
        times = [(time + start, time + end) for start, end in (DAY, HOUR, MINUTES)]
        fields = [*times, *stated, *added[1:], (seq, text.index(b",", seq))]
        self.is_general = b"\\u" not in text and all(
            len(one[2]) <= LONGEST_NUMBER for one in numbers
        )
        self.is_marked = text.startswith(MARKED, len(ZERO))
        self.record_size = size - sum(end - start for start, end in added)
        self._outside = _columns(size, _between(size, ids))
        self._ids = _columns(size, ids)
        self._leads = _columns(size, [(lead, lead + 1) for lead in leads])
        self._fields = _columns(size, fields)
        self._records = _columns(size, _between(size, added))
        self._common = b"".join(next(self._outside(text))).translate(DIGITS)

    def fitting(self, joined: bytes, places: list[int]) -> list[int]:
        """Return those of these places whose texts have the shape."""
        found = b"".join(chain.from_iterable(self._outside(joined))).translate(DIGITS)
        ids = b"".join(chain.from_iterable(self._ids(joined)))
        if found == self._common * len(places) and not ids.translate(None, OF_IDS):
            return places
        size, of_ids = len(self._common), len(ids) // len(places)
        return [
            place
            for number, place in enumerate(places)
            if found[number * size : (number + 1) * size] == self._common
            and not ids[number * of_ids : (number + 1) * of_ids].translate(None, OF_IDS)
        ]

    def records(self, joined: bytes) -> bytes:
        """Return the records, each after a zero."""
        return b"".join(chain.from_iterable(self._records(joined)))

    def fields(self, joined: bytes) -> list[tuple[bytes, ...]] | None:
        """Return the columns of days, hours, minutes, of stated hash and schema, and of `seq`.

        Returns:
            None if a number begins with 0.
        """
        if b"0" in b"".join(chain.from_iterable(self._leads(joined))):
            return None
        return list(zip(*self._fields(joined), strict=True))


class Shapes:
    """A check of entries, which remembers the shapes that it has parsed.

    Args:
        stated: the texts are lines of an export, which state hash and schema; else records.
    """

    def __init__(self, *, stated: bool) -> None:
        self._stated = stated
        self._known: dict[int, list[_Shape]] = {}
        self._count = 0
        self._days: set[bytes] = set()

    def read(self, texts: Sequence[bytes], after: int) -> Leaves | None:
        """Check many entries at once.

        Args:
            texts: lines without their newlines, or records.
            after: the number of entries before them.

        Returns:
            None if one of the texts is no entry, or not the one of its place, or does not state
            its hash.
        """
        groups: dict[int, list[int]] = defaultdict(list)
        for place, size in enumerate(map(len, texts)):
            groups[size].append(place)
        found = _Found(len(texts))
        for size, places in groups.items():
            if not self._read_group(size, texts, places, found):
                return None
        expected = b",".join([b"%d"] * len(texts)) % tuple(range(after + 1, after + 1 + len(texts)))
        if b",".join(found.seqs) != expected:
            return None
        return Leaves(found.hashes, sorted(found.marked))

    def _read_group(
        self, size: int, texts: Sequence[bytes], places: list[int], found: _Found
    ) -> bool:
        """Read the texts of one length, at these places."""
        known = iter(self._known.get(size, ()))
        while places:
            shape = next(known, None) or self._learn(texts[places[0]])
            if shape is None:
                return False
            some = places if shape.is_general else places[:1]
            joined = _joined(texts, some)
            taken = shape.fitting(joined, some)
            if len(taken) < len(some):
                joined = _joined(texts, taken)
            if taken and not self._take(shape, joined, taken, found):
                return False
            gone = set(taken)
            places = [place for place in places if place not in gone]
        return True

    def _take(self, shape: _Shape, joined: bytes, places: list[int], found: _Found) -> bool:
        """Hash the texts at these places, which have the shape."""
        fields = shape.fields(joined)
        if fields is None:
            return False
        days, hours, minutes, *stated, seqs = fields
        data, size = shape.records(joined), shape.record_size
        starts = range(0, len(data), size)
        hashes = [sha256(data[start : start + size]).digest() for start in starts]
        if not self._are_times(days, hours, minutes) or not _state(stated, hashes):
            return False
        for place, value, seq in zip(places, hashes, seqs, strict=True):
            found.hashes[place], found.seqs[place] = value, seq
        if shape.is_marked:
            records = [data[start + len(ZERO) : start + size] for start in starts]
            found.marked += zip(places, records, strict=True)
        return True

    def _are_times(
        self, days: Sequence[bytes], hours: Sequence[bytes], minutes: Sequence[bytes]
    ) -> bool:
        """Return True if times whose digits stand at their places are of the calendar."""
        for day in set(days) - self._days:
            try:
                date.fromisoformat(day.decode())
            except ValueError:
                return False
            if len(self._days) >= MOST_KNOWN:
                self._days.clear()
            self._days.add(day)
        text = b"".join(minutes)
        tens = text[::MINUTES_SIZE] + text[SECOND::MINUTES_SIZE]
        return not tens.translate(None, b"012345") and max(hours) < b"24"

    def _learn(self, text: bytes) -> _Shape | None:
        """Parse a text; None if it is wrong."""
        left_out = added(text) if self._stated else []
        if left_out is None:
            return None
        record = b"".join(text[slice(*span)] for span in _between(len(text), left_out))
        if not is_entry(record) or not all(
            text[slice(*place)] == STATED_HASH % hexlify(leaf_hash(record))
            for place in left_out[:1]
        ):
            return None
        shape = _Shape(ZERO + text, [(start + 1, end + 1) for start, end in left_out])
        shape.is_general &= not shape.is_marked and all(
            map(_is_ordered, _names(json.loads(record)["details"]))
        )
        if shape.is_general:
            self._remember(len(text), shape)
        return shape

    def _remember(self, size: int, shape: _Shape) -> None:
        alike = self._known.setdefault(size, [])
        if self._count >= MOST_KNOWN or len(alike) >= MOST_ALIKE:
            self._known, self._count = {size: (alike := [])}, 0
        alike.append(shape)
        self._count += 1


class _Found:
    """Hashes and `seq` of the texts, each in its place, and what is marked."""

    def __init__(self, count: int) -> None:
        self.hashes = [b""] * count
        self.seqs = [b""] * count
        self.marked: list[tuple[int, bytes]] = []


def _joined(texts: Sequence[bytes], places: Iterable[int]) -> bytes:
    return ZERO.join([b"", *[texts[place] for place in places]])


def _state(stated: Sequence[Sequence[bytes]], hashes: Sequence[bytes]) -> bool:
    """Return True if lines state these hashes, and the schema; records state nothing."""
    if not stated:
        return True
    texts, schemas = stated
    same = b"".join(texts) == hexlify(b"".join(hashes))
    return same and schemas.count(SCHEMA) == len(schemas)


def _columns(size: int, ranges: Iterable[Range]) -> Columns:
    """Return a cut of joined texts of one size: a tuple of these ranges for each."""
    form, at = "", 0
    for start, end in ranges:
        form += f"{start - at}x{end - start}s"
        at = end
    return Struct(f"{form}{size - at}x").iter_unpack


def _between(size: int, ranges: Sequence[Range]) -> list[Range]:
    """Return the ranges of a text that lie outside of these."""
    ends = [0, *chain.from_iterable(ranges), size]
    return list(zip(ends[::2], ends[1::2], strict=True))


def _blank(found: re.Match[bytes]) -> bytes:
    return b'"' * len(found[0])


def _names(value: Any) -> Iterator[list[str]]:
    """Yield the names of each object, at any depth."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield list(one)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _is_ordered(names: Sequence[str]) -> bool:
    """Return True if names are in order whatever the digits in them are."""
    shapes = [name.encode("utf-8", "surrogatepass").translate(DIGITS) for name in names]
    return not any(
        b"1" in commonprefix([one, other])  # noqa: RUF071 -- of names, not of paths
        for one, other in pairwise(shapes)
    )
