"""The form of entries: canonical JSON with exactly the members of an entry.

To parse an entry takes ten times as long as to hash it. So a head (see `Parts`) is parsed once
for each *shape*: its bytes with every digit made a 1, without its ids and hashes in hexadecimal.
Where a digit could hide a fault (a leading zero, the order of members), either it is looked at in
every head, or the shape is not remembered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain, pairwise, repeat
from operator import itemgetter
from os.path import commonprefix
from typing import Any, NamedTuple

from facecli.audit.canonical import canonical
from facecli.audit.entry_parts import Parts
from facecli.audit.export_text import LOGIN, STRING

UID = rb"(?:null|-?(?:0|[1-9][0-9]{0,15}))"
TEXT = rb"(?:null|" + STRING + rb")"
HEAD = re.compile(
    rb'\{"action":' + STRING + rb',"actor":\{"host":' + TEXT + b"," + LOGIN + rb'"slot":' + TEXT
    + rb',"uid":' + UID + rb',"user":' + TEXT
    + rb'\},"at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)","details":\{'
)  # fmt: skip
MEMBERS = {"action", "actor", "at", "details"}
MIDDLE = re.compile(rb',"outcome":"(?:done|refused|failed)","purpose":' + TEXT)
END = re.compile(rb',"seq":[1-9][0-9]*,"subject_id":' + TEXT + rb"\}")

HOUR = slice(14)  # of a time: `2026-11-23T21:`
TIME_SIZE, MINUTE, SECOND = 20, 14, 17
DIGITS = bytes.maketrans(b"023456789", b"1" * 9)
HEXADECIMAL = bytes.maketrans(b"023456789abcdef", b"1" * 15)
ID = re.compile(rb'(?<=")[0-9a-f-]{32,}(?="[^:])')
WORD = re.compile(STRING)
NUMBER = re.compile(rb"(-?)([0-9]+)")
LONGEST_NUMBER = 15  # digits; one more, and its size does not show
MOST_KNOWN = 4096

# Cuts out of a head the time, and the first digit of each number that might begin with 0.
Cut = Callable[[bytes], tuple[bytes | int, ...]]


class _WithIds(NamedTuple):
    """The shape of heads with ids: `outside` cuts out what is outside of them."""

    outside: Callable[[bytes], tuple[bytes, ...]]
    shape: bytes
    cut: Cut


class EntryForm:
    """A check of entries, which remembers the shapes and parts that it has parsed."""

    def __init__(self) -> None:
        self._shapes: dict[bytes, Cut] = {}
        self._with_ids: dict[bytes, _WithIds] = {}  # by the bytes with every hex digit made a 1
        self._middles: set[bytes] = set()
        self._hours: set[bytes] = set()

    def fits(self, parts: Parts) -> bool:
        """Return True if heads and middles are those of entries. Ends are for `is_entry`."""
        return all(map(self._is_middle, set(parts.middles))) and self._are_heads(parts.heads)

    def is_entry(self, record: bytes) -> bool:
        """Return True if a text is an entry's canonical JSON."""
        parts = Parts.of(record)
        return self.fits(parts) and _is_end(*parts.ends)

    def _is_middle(self, text: bytes) -> bool:
        if text in self._middles:
            return True
        if not (MIDDLE.fullmatch(text) and _is_canonical(b"{%b}" % text[1:])):
            return False
        _make_room(self._middles)
        self._middles.add(text)
        return True

    def _are_heads(self, heads: Sequence[bytes]) -> bool:
        # All at once: a million comparisons in Python take longer than hashing.
        cuts = list(map(self._shapes.get, map(bytes.translate, heads, repeat(DIGITS))))
        if None in set(cuts):
            cuts = [one or self._learn(head) for one, head in zip(cuts, heads, strict=True)]
        found = [cut(head) for cut, head in zip(cuts, heads, strict=True) if cut]
        if len(found) < len(heads):
            return False
        different = set(chain.from_iterable(found))
        times = [one for one in different if isinstance(one, bytes)]
        return ord("0") not in different and self._are_times(times)

    def _are_times(self, times: Sequence[bytes]) -> bool:
        """Return True if times whose digits stand at their places are of the calendar."""
        for hour in {time[HOUR] for time in times} - self._hours:
            try:
                datetime.fromisoformat(f"{hour.decode()}00:00")
            except ValueError:
                return False
            _make_room(self._hours)
            self._hours.add(hour)
        text = b"".join(times)
        tens = text[MINUTE::TIME_SIZE] + text[SECOND::TIME_SIZE]
        return not tens.translate(None, b"012345")

    def _learn(self, head: bytes) -> Cut | None:
        """Parse a head, unless its shape without ids is known; None if it is wrong."""
        known = self._with_ids.get(head.translate(HEXADECIMAL))
        if known and b"".join(known.outside(head)).translate(DIGITS) == known.shape:
            return known.cut
        found = HEAD.match(head)
        text = head + b"}"
        if found is None or not _is_canonical(text):
            return None
        record = json.loads(text)
        if record.keys() != MEMBERS:
            return None
        numbers = list(NUMBER.finditer(WORD.sub(_blank, head)))
        begins = [number.start(2) for number in numbers if number[1] or len(number[2]) > 1]
        # Of one place `itemgetter` makes no tuple: so the brace before all of it is added.
        cut = itemgetter(slice(*found.span(1)), 0, *begins)
        if (
            b"\\u" not in head
            and all(len(number[2]) <= LONGEST_NUMBER for number in numbers)
            and all(map(_is_ordered, _names(record["details"])))
        ):
            self._remember(head, cut)
        return cut

    def _remember(self, head: bytes, cut: Cut) -> None:
        if max(len(self._shapes), len(self._with_ids)) >= MOST_KNOWN:
            self._shapes.clear()
            self._with_ids.clear()
        ids = [] if b"\\" in head else [found.span() for found in ID.finditer(head)]
        if ids:
            ends = [0, *chain.from_iterable(ids), len(head)]
            outside = itemgetter(*map(slice, ends[::2], ends[1::2]))
            shape = b"".join(outside(head)).translate(DIGITS)
            self._with_ids[head.translate(HEXADECIMAL)] = _WithIds(outside, shape, cut)
        else:
            self._shapes[head.translate(DIGITS)] = cut


def _is_end(text: bytes) -> bool:
    return END.fullmatch(text) is not None and _is_canonical(b"{" + text[1:])


def _make_room(known: set[bytes]) -> None:
    if len(known) >= MOST_KNOWN:
        known.clear()


def _is_canonical(text: bytes) -> bool:
    try:
        return canonical(json.loads(text)) == text
    except (ValueError, TypeError, RecursionError):
        return False


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
