"""Cursors: read back only whole, and only at an entry of their own log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facecli.audit import cursors
from facecli.audit.cursors import NO_ENTRY, Cursor
from facecli.errors.audit import CursorRefused, LogAltered, LogTruncated
from tests.audit.logs import ORIGIN
from tests.consent.conftest import World, world

__all__ = ["world"]
PATH = Path("cursor.json")
CURSOR = Cursor(ORIGIN, 812, "9f" * 32)


@pytest.fixture
def log(world: World) -> World:
    with world.act() as act:
        for _ in range(3):
            act.record("test")
    return world


def test_a_cursor_is_read_as_it_is_written() -> None:
    assert cursors.parse(CURSOR.to_bytes(), PATH) == CURSOR


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": -1}, {"seq": 2**53}, {"seq": "1"}, {"seq": 1.5}, {"seq": None},
        {"leaf_hash": "9f"}, {"leaf_hash": "9F" * 32}, {"leaf_hash": "\u0669" * 64},
        {"schema": "facecli.log-cursor/2"}, {"more": 1},
    ],
)  # fmt: skip
def test_other_members_are_refused(changes: dict[str, object]) -> None:
    record = {**json.loads(CURSOR.to_bytes()), **changes}
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    with pytest.raises(CursorRefused, match=str(PATH)):
        cursors.parse(text.encode(), PATH)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b"{}\n",
                                     CURSOR.to_bytes()[:-1], b" " + CURSOR.to_bytes()])  # fmt: skip
def test_damaged_content_is_refused(content: bytes) -> None:
    with pytest.raises(CursorRefused):
        cursors.parse(content, PATH)


def test_a_cursor_fits_the_log_at_each_of_its_entries_and_before_the_first(log: World) -> None:
    for seq in range(4):
        cursors.check(cursors.at(log.db, ORIGIN, seq), PATH, log.db, ORIGIN)
    assert cursors.at(log.db, ORIGIN, 0).leaf_hash == NO_ENTRY


def test_a_cursor_of_another_log_entry_or_end_does_not_fit(log: World) -> None:
    last = cursors.at(log.db, ORIGIN, 3)
    for error, wrong in (
        (CursorRefused, Cursor("facecli.log/0", 3, last.leaf_hash)),
        (LogTruncated, Cursor(ORIGIN, 4, last.leaf_hash)),
        (LogAltered, Cursor(ORIGIN, 2, last.leaf_hash)),
        (LogAltered, Cursor(ORIGIN, 0, last.leaf_hash)),
        (LogAltered, Cursor(ORIGIN, 3, NO_ENTRY)),
    ):
        with pytest.raises(error):
            cursors.check(wrong, PATH, log.db, ORIGIN)
