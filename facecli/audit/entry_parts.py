"""Entries in three parts, so that each part can be checked for many entries at once.

The parts are cut where `outcome` and `seq` begin. Between quotes a JSON string holds no bare
quote, so the last `,"outcome":"` and the last `,"seq":` are the entry's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

OUTCOME, SEQ = b',"outcome":"', b',"seq":'
# Nearly all tails: the middle may be anything of about that form, the end is an entry's.
USUAL_MIDDLE = rb'(,"o[^:]*+:"[^"]*+",[^:]*+:(?:null|"[^"]*+"))'
USUAL_END = rb'(,"seq":([0-9]++),"subject_id":(?:null|"[ !#-\[\]-~]*+")\})'
_USUAL = re.compile(USUAL_MIDDLE + USUAL_END + rb"\n")


class Parts(NamedTuple):
    """Some entries' canonical JSON.

    Attributes:
        heads: `{"action":…,"actor":…,"at":…,"details":…`
        middles: `,"outcome":…,"purpose":…`
        ends: `,"seq":…,"subject_id":…}`
    """

    heads: Sequence[bytes]
    middles: Sequence[bytes]
    ends: Sequence[bytes]

    @classmethod
    def of(cls, record: bytes) -> Parts:
        """Cut one entry. Where it lacks a member, its parts are not those of an entry."""
        outcome, seq = record.rfind(OUTCOME), record.rfind(SEQ)
        return cls([record[:outcome]], [record[outcome:seq]], [record[seq:]])

    def record(self, at: int) -> bytes:
        """Return entry number `at` of these, from 0 on."""
        return self.heads[at] + self.middles[at] + self.ends[at]


def cut(records: Sequence[bytes], after: int) -> Parts | None:
    """Cut entries all at once: a million comparisons in Python take longer than hashing.

    Args:
        records: entries in the order of `seq`.
        after: the number of entries before them.

    Returns:
        None if the end of one is not the usual end of the entry in its place.
    """
    pieces = _USUAL.split(b"\n".join([*records, b""]))
    if pieces.pop() or len(pieces) != 4 * len(records) or not in_order(pieces[3::4], after):
        return None
    return Parts(pieces[::4], pieces[1::4], pieces[2::4])


def in_order(seqs: Sequence[bytes], after: int) -> bool:
    """Return True if these are the numbers after `after`, without a gap."""
    expected = b"%d," * len(seqs) % tuple(range(after + 1, after + 1 + len(seqs)))
    return b",".join([*seqs, b""]) == expected
