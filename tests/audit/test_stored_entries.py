"""Stored entries, read in order and checked against their hashes and places."""

from __future__ import annotations

from itertools import chain

import pytest

from facecli.audit import stored_entries
from facecli.audit.entries import recorded
from facecli.audit.merkle import Frontier, verify_consistency, verify_inclusion
from facecli.audit.stored_entries import Row, leaves_of, rows, tree
from facecli.errors.audit import LogAltered
from tests.consent.conftest import World, world

__all__ = ["world"]
COUNT = 300  # more than the 256 of which one inner hash is stored


@pytest.fixture
def log(world: World) -> World:
    with world.act() as act:
        for number in range(COUNT):
            act.record("test", subject_id=f"s-{number % 3}", details={"seq": number})
    return world


def _rows(log: World) -> list[Row]:
    return list(chain.from_iterable(rows(log.db, 0, COUNT)))


@pytest.mark.parametrize(("after", "until"), [(0, COUNT), (0, 0), (7, 8), (250, COUNT + 9)])
def test_rows_come_in_order_some_at_a_time(
    log: World, after: int, until: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_entries, "CHUNK", 7)
    pieces = list(rows(log.db, after, until))
    assert all(0 < len(piece) <= 7 for piece in pieces)
    seqs = [seq for seq, _, _ in chain.from_iterable(pieces)]
    assert seqs == list(range(after + 1, min(until, COUNT) + 1))


def test_leaves_are_those_that_the_frontier_was_made_of(log: World) -> None:
    frontier = Frontier()
    for leaf in leaves_of(_rows(log), 0):
        frontier = frontier.append(leaf)
    assert frontier == recorded(log.db)


def test_a_wrong_entry_is_named(log: World) -> None:
    found = _rows(log)
    seq, record, leaf = found[40]
    _, other, other_leaf = found[41]
    wrong: list[tuple[str, Row]] = [
        ("entry 41 does not have the hash", (seq, record.replace(b"done", b"gone"), leaf)),
        ("entry 41 does not have the hash", (seq, record, other_leaf)),
        ("entry 41 does not have the hash", (seq, other, other_leaf)),  # another place
        ("entry 43 stands where entry 41", (43, record, leaf)),
    ]
    for why, row in wrong:
        with pytest.raises(LogAltered, match=why):
            leaves_of([*found[:40], row, *found[41:]], 0)
    with pytest.raises(LogAltered, match="entry 42 stands where entry 41 belongs"):
        leaves_of([*found[:40], *found[41:]], 0)
    with pytest.raises(LogAltered, match="entry 1 stands where entry 2 belongs"):
        leaves_of(found, 1)


def test_proofs_over_stored_hashes_hold(log: World) -> None:
    hashes, root = tree(log.db), recorded(log.db).root()
    leaves = [leaf for _, _, leaf in _rows(log)]
    for index in (0, 255, 256, COUNT - 1):
        path = hashes.inclusion(index, COUNT)
        assert verify_inclusion(leaves[index], index, COUNT, path, root)
    for size in (1, 255, 256, 257, COUNT):
        proof = hashes.consistency(size, COUNT)
        assert verify_consistency(size, hashes.root(size), COUNT, root, proof)


def test_a_missing_hash_of_the_tree_is_missed(log: World) -> None:
    log.db.execute("DELETE FROM audit_node")
    with pytest.raises(KeyError):
        tree(log.db).root(COUNT)


def test_entries_after_a_size_and_of_a_subject_come_oldest_first(log: World) -> None:
    assert [one["seq"] for one in stored_entries.after(log.db, COUNT - 2)] == [COUNT - 1, COUNT]
    assert list(stored_entries.after(log.db, COUNT)) == []
    found = [one["details"]["seq"] for one in stored_entries.of_subject(log.db, "s-1")]
    assert found == list(range(1, COUNT, 3))
    assert list(stored_entries.of_subject(log.db, "s-9")) == []
