"""SIGKILL inside a handover: no epoch begins twice, and no erased seed is left anywhere.

FACECLI_HANDOVER_KILLS says how many; `make test` takes 15.
"""

from __future__ import annotations

import os
import random
import select
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from facecli.audit import sealing
from facecli.audit.entries import recorded
from tests.forensics import database_key, plaintext
from tests.prepared import opened

KILLS = int(os.environ.get("FACECLI_HANDOVER_KILLS", "15"))
MORE = 60  # attempts beside those, until a kill has landed
WARM = 5  # handovers whose duration is measured


def _hand_over(facecli: Any, pipe: int) -> None:
    """One handover; writes `b` when it begins, and `e` and the checkpoint when it is done."""
    with opened(facecli) as session:
        os.write(pipe, b"b")
        with session.act() as act:
            sealing.prepare(act)
            sealing.begin_epoch(act)
            act.record("test")
            note = sealing.seal(act)
        os.write(pipe, b"e" + note.encode())


def _child(facecli: Any) -> tuple[int, int]:
    """Begin a handover in a process of its own: its id, and the end of a pipe to read from."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _hand_over(facecli, writing)
            os._exit(0)
        finally:
            os._exit(99)
    os.close(writing)
    assert os.read(reading, 1) == b"b"
    return pid, reading


def _rest(pid: int, reading: int) -> bytes:
    """Read the process's output after its beginning, until it ends."""
    text = b""
    while piece := os.read(reading, 1 << 16):
        text += piece
    os.close(reading)
    os.waitpid(pid, 0)
    return text


def _seeds(facecli: Any) -> list[bytes | None]:
    with opened(facecli) as session:
        return [row[0] for row in session.db.tuples("SELECT seed FROM signing_key ORDER BY epoch")]


@pytest.fixture
def log(facecli: Any) -> Any:
    assert facecli("init").code == 0
    return facecli


def test_a_handover_that_is_killed_has_happened_or_not(log: Any, tmp_path: Path) -> None:
    dice, inside, shown, old = random.Random(13), 0, list[bytes](), set[bytes]()
    lengths = []
    for _ in range(WARM):
        child = _child(log)
        start = time.perf_counter()
        _rest(*child)
        lengths.append(time.perf_counter() - start)
    length = sorted(lengths)[WARM // 2]
    key = database_key(log.db, log.key)
    tried = 0
    while tried < KILLS or (not inside and tried < KILLS + MORE):
        tried += 1
        (before,) = filter(None, _seeds(log))
        count = len(_seeds(log))
        pid, reading = _child(log)
        select.select([], [], [], dice.uniform(0, length))
        os.kill(pid, signal.SIGKILL)
        text = _rest(pid, reading)
        inside += not text
        if len(text) > 1:
            shown.append(text[1:])
        seeds = _seeds(log)  # which undoes what was left undone
        assert len(seeds) in (count, count + 1)
        assert [seed for seed in seeds if seed is not None] == [seeds[-1]]
        if len(seeds) > count:
            old.add(before)
        else:
            assert seeds[-1] == before
        pages = plaintext(log.db, key)
        assert not [seed for seed in old if seed in pages]
        _check_course(log, shown[-1:])
    assert inside, f"none of {KILLS} kills landed inside a handover"
    assert old
    _check_course(log, shown)
    assert log("log", "verify").code == 0


def _check_course(facecli: Any, shown: list[bytes]) -> None:
    """Every checkpoint that was shown is of the log's one course."""
    with opened(facecli) as session:
        sealing.check_whole(session.db)
        for text in shown:
            sealing.check_extends(session.db, sealing.open_held(text, session.db))
        numbers = session.db.tuples("SELECT epoch, began FROM signing_key ORDER BY epoch")
        assert [number for number, _ in numbers] == list(range(len(numbers)))
        assert recorded(session.db).size > numbers[-1][1]
