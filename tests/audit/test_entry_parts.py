"""Entries are cut at their own `outcome` and `seq`, one by one and all at once."""

from __future__ import annotations

import random

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.entry_parts import Parts, cut, in_order
from tests.audit.logs import WORDS, Log, entry, parts_of


def test_usual_entries_are_cut_alike_one_by_one_and_all_at_once() -> None:
    log = Log().append(5).succeed().append(30)
    for after in (0, 7, log.size - 1):
        records = list(map(canonical, log.records[after:]))
        found = cut(records, after)
        assert found == parts_of(log.records[after:])
        assert [found.record(at) for at in range(len(records))] == records


@pytest.mark.parametrize("word", WORDS)
def test_what_is_cut_all_at_once_is_the_whole_entry(word: str) -> None:
    dice = random.Random(1)
    for number in range(20):
        details = {dice.choice(WORDS): word, word: dice.choice(WORDS)}
        record = canonical(entry(number + 1, details, subject_id=word, purpose=word))
        assert Parts.of(record).record(0) == record
        found = cut([record], number)
        assert found is None or found == Parts.of(record)


def test_entries_in_another_place_are_not_cut_all_at_once() -> None:
    records = list(map(canonical, Log().append(9).records))
    assert cut(records, 0) is not None
    assert cut(records, 1) is None
    assert cut([*records[:4], *records[5:]], 0) is None
    assert cut([*records[:4], records[5], records[4], *records[6:]], 0) is None
    assert cut([*records[:4], b"", *records[4:]], 0) is None
    assert cut([*records[:4], records[4] + b"\n" + records[5], *records[6:]], 0) is None
    assert cut([records[0].replace(b'"seq":1,', b'"seq":01,')], 0) is None


def test_numbers_are_in_order_only_without_a_gap_or_another_spelling() -> None:
    assert in_order([b"8", b"9", b"10"], 7)
    assert in_order([], 7)
    for seqs in ([b"9"], [b"8", b"10"], [b"08"], [b"8,9"], [b"8", b""]):
        assert not in_order(seqs, 7)
