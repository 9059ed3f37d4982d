"""Entries of one shape, checked many at once.

To parse an entry takes ten times as long as to hash it. So one text of each *shape* is parsed, and
the others are compared with it: texts of one shape have the same length, and differ only in digits
and in ids and hashes in hexadecimal. Where a digit could hide a fault (a leading zero, the order
of members), either it is looked at in every text, or each such text is parsed.

Everything is done for whole groups: a million comparisons in Python take longer than hashing. Of
texts that are joined, `joined[place::size]` is one byte of each.
"""

from __future__ import annotations

import json
import re
from binascii import hexlify
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from itertools import chain, pairwise
from os.path import commonprefix
from struct import Struct
from typing import Any, NamedTuple

from facecli.audit.entry_form import is_entry
from facecli.audit.export_text import PLACE, SEQ, STATED, STATED_HASH, STRING, Range, added
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
DAY_SIZE, HOUR, MINUTE, SECOND = 10, 11, 14, 17  # in a time: `2026-11-23T21:05:59Z`
MOST_KNOWN = 4096  # shapes
MOST_ALIKE = 32  # shapes of one length
AT_ONCE = 96 * 1024  # bytes that are compared: few enough for a processor's cache

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
    """The bytes that all texts of a shape share, and the places in which they differ.

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
        seq = text.rfind(SEQ) + len(SEQ)
        stated = [(start + len(STATED), end - 1) for start, end in added[:1]]
        schema = [place for span in added[1:] for place in range(*span)]
        self._size = size
        self._record_size = size - sum(end - start for start, end in added)
        self._time = text.index(TIME) + len(TIME)
        self._leads = [one.start(2) for one in _numbers(text) if one[1] or len(one[2]) > 1]
        self._schema = [(at, text[at : at + 1]) for at in schema if text[at : at + 1].isdigit()]
        self._outside = _columns(size, _between(size, ids))
        self._ids = _columns(size, ids)
        self._fields = _columns(size, [*stated, (seq, text.index(b",", seq))])
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

    def hashes(self, joined: bytes, seqs: Sequence[int]) -> list[bytes] | None:
        """Return the leaf hashes of texts that have the shape.

        Args:
            joined: the texts, each after a zero.
            seqs: the `seq` that each should state.

        Returns:
            None if one of them is wrong.
        """
        count, size = len(seqs), self._size
        *stated, numbers = zip(*self._fields(joined), strict=True)
        if (
            b",".join(numbers) != b",".join([b"%d"] * count) % tuple(seqs)
            or any(b"0" in joined[lead::size] for lead in self._leads)
            or any(joined[place::size] != digit * count for place, digit in self._schema)
            or not self._have_times(joined, count)
        ):
            return None
        data, size = b"".join(chain.from_iterable(self._records(joined))), self._record_size
        hashes = [sha256(data[at : at + size]).digest() for at in range(0, len(data), size)]
        if stated and b"".join(*stated) != hexlify(b"".join(hashes)):
            return None
        return hashes

    def _have_times(self, joined: bytes, count: int) -> bool:
        """Return True if times whose digits stand at their places are of the calendar."""
        time, size = self._time, self._size
        tens = joined[time + MINUTE :: size] + joined[time + SECOND :: size]
        hours = joined[time + HOUR :: size]
        evenings = (
            () if b"2" not in hours else zip(hours, joined[time + HOUR + 1 :: size], strict=True)
        )
        if (
            tens.translate(None, b"012345")
            or hours.translate(None, b"012")
            or any(ten == ord("2") and one > ord("3") for ten, one in evenings)
        ):
            return False
        days = {joined[time : time + DAY_SIZE]}
        if any(
            joined[at::size] != joined[at : at + 1] * count for at in range(time, time + DAY_SIZE)
        ):
            days = {joined[at : at + DAY_SIZE] for at in range(time, len(joined), size)}
        return all(map(_is_day, days))


class Shapes:
    """A check of entries, which remembers the shapes that it has parsed.

    Args:
        stated: the texts are lines of an export, which state hash and schema; else records.
    """

    def __init__(self, *, stated: bool) -> None:
        self._stated = stated
        self._known: dict[int, list[_Shape]] = {}
        self._count = 0

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
        found = Leaves([b""] * len(texts), [])
        for size, places in groups.items():
            if not self._read_group(size, texts, places, after + 1, found):
                return None
        found.marked.sort()
        return found

    def _read_group(
        self, size: int, texts: Sequence[bytes], places: list[int], first: int, found: Leaves
    ) -> bool:
        """Read the texts of one length, at these places; the text at 0 has the `seq` `first`."""
        known = iter(tuple(self._known.get(size, ())))
        while places:
            shape = next(known, None)
            if shape is None:
                text = texts[places[0]]
                left_out = self._added(text)
                if left_out is None:
                    return False
                record = _without(text, left_out)
                if not _is_general(record):
                    if not _take_one(record, places[0], first, found):
                        return False
                    places = places[1:]
                    continue
                shape = _Shape(ZERO + text, [(start + 1, end + 1) for start, end in left_out])
                self._remember(size, shape)
            left, most = [], max(1, AT_ONCE // size)
            for begin in range(0, len(places), most):
                others = _take(shape, texts, places[begin : begin + most], first, found)
                if others is None:
                    return False
                left += others
            places = left
        return True

    def _added(self, text: bytes) -> list[Range] | None:
        """Parse a text; return where it has more than its record, or None if it is wrong."""
        left_out = added(text) if self._stated else []
        if left_out is None:
            return None
        record = _without(text, left_out)
        hashed = all(
            text[slice(*place)] == STATED_HASH % hexlify(leaf_hash(record))
            for place in left_out[:1]
        )
        return left_out if hashed and is_entry(record) else None

    def _remember(self, size: int, shape: _Shape) -> None:
        alike = self._known.setdefault(size, [])
        if self._count >= MOST_KNOWN or len(alike) >= MOST_ALIKE:
            self._known, self._count = {size: (alike := [])}, 0
        alike.append(shape)
        self._count += 1


def _take(
    shape: _Shape, texts: Sequence[bytes], places: list[int], first: int, found: Leaves
) -> list[int] | None:
    """Hash those texts at these places that have a shape.

    Returns:
        The other places; None if a text is wrong.
    """
    joined = _joined(texts, places)
    taken = shape.fitting(joined, places)
    if not taken:
        return places
    if len(taken) < len(places):
        joined = _joined(texts, taken)
    hashes = shape.hashes(joined, [first + place for place in taken])
    if hashes is None:
        return None
    for place, value in zip(taken, hashes, strict=True):
        found.hashes[place] = value
    gone = set(taken)
    return [place for place in places if place not in gone]


def _take_one(record: bytes, place: int, first: int, found: Leaves) -> bool:
    """Hash a text by itself; return False if it is not the one of its place."""
    if not record.startswith(PLACE % (first + place), record.rfind(SEQ)):
        return False
    found.hashes[place] = leaf_hash(record)
    if record.startswith(MARKED):
        found.marked.append((place, record))
    return True


def _is_general(record: bytes) -> bool:
    """Return True if other digits in an entry leave it an entry, as far as `_Shape` looks."""
    return (
        b"\\u" not in record
        and not record.startswith(MARKED)
        and all(len(one[2]) <= LONGEST_NUMBER for one in _numbers(record))
        and all(map(_is_ordered, _names(json.loads(record)["details"])))
    )


@lru_cache(maxsize=4096)
def _is_day(text: bytes) -> bool:
    try:
        date.fromisoformat(text.decode())
    except ValueError:
        return False
    return True


def _numbers(text: bytes) -> Iterator[re.Match[bytes]]:
    """Find the numbers outside of strings."""
    return NUMBER.finditer(WORD.sub(_blank, text))


def _without(text: bytes, ranges: Sequence[Range]) -> bytes:
    return b"".join(text[slice(*span)] for span in _between(len(text), ranges))


def _joined(texts: Sequence[bytes], places: Iterable[int]) -> bytes:
    return ZERO.join([b"", *[texts[place] for place in places]])


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
