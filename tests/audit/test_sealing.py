"""Checkpoints of a log in a database: keys that hand over, and hashes stored for proofs."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from facecli.audit import sealing
from facecli.audit.checkpoints import compare, open_checkpoint
from facecli.audit.entries import recorded
from facecli.audit.merkle import leaf_hash, verify_inclusion
from facecli.audit.stored_entries import rows, tree
from facecli.audit.trust_key import TrustKey
from facecli.errors.audit import LogAltered
from tests.conftest import Clock, Facecli
from tests.forensics import database_key, plaintext
from tests.prepared import opened

WRITERS, ACTS = 20, 50
WRITING = """
import os, sys
from pathlib import Path
from facecli.cli.session import Settings, session
settings = Settings(Path(sys.argv[1]), {"key_file": sys.argv[2]}, no_input=True, lock_wait=120)
children = []
for writer in range(int(sys.argv[3])):
    children.append(os.fork())
    if children[-1] == 0:
        with session(settings, "test") as opened:
            for number in range(int(sys.argv[4])):
                with opened.act() as act:
                    act.record("test", details={"writer": writer, "number": number})
        os._exit(0)
sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""


@pytest.fixture
def log(facecli: Any, clock: Clock) -> Any:
    """A database whose log holds its first epoch and `init`."""
    facecli.trust_key = facecli("init").out.splitlines()[-1]
    return facecli


def _seal(facecli: Facecli, count: Any = 1, *, new_epoch: Any = False) -> Any:
    with opened(facecli) as session, session.act() as act:
        sealing.prepare(act)
        if new_epoch:
            sealing.begin_epoch(act)
        for _ in range(count):
            act.record("test")
        return sealing.seal(act)


def _open(facecli: Facecli, text: Any) -> Any:
    with opened(facecli) as session:
        return open_checkpoint(text, sealing.trust_key(session.db))


def test_init_prints_the_trust_key_that_the_first_checkpoint_opens_with(log: Any) -> None:
    seal = open_checkpoint(_seal(log), TrustKey.parse(log.trust_key))
    assert (seal.size, seal.epoch[:2]) == (3, (0, 0))


def test_entry_1_announces_the_keys_of_the_trust_key(log: Any) -> None:
    first, second = log("log", "show", "--format", "json").json()
    assert (first["action"], second["action"]) == ("log.epoch", "init")
    assert set(first["details"]) == {"epoch", "identity", "key"}


def test_an_epoch_lasts_a_day_and_ends_only_if_the_log_grew(log: Any, clock: Clock) -> None:
    def epoch() -> Any:
        return _open(log, _seal(log)).epoch.number

    assert [epoch(), epoch()] == [0, 0]
    clock.advance(hours=23, minutes=59)
    assert epoch() == 0
    clock.advance(minutes=1)
    assert [epoch(), epoch()] == [1, 1]
    clock.advance(days=5)
    assert [epoch(), epoch()] == [2, 2]


def test_a_log_that_did_not_grow_keeps_its_key(log: Any, clock: Clock) -> None:
    with opened(log) as session, session.act() as act:
        sealing.begin_epoch(act)
    clock.advance(days=2)
    with opened(log) as session, session.act() as act:
        sealing.prepare(act)
        act.record("test")
        assert open_checkpoint(sealing.seal(act), sealing.trust_key(act.db)).epoch.number == 1


def test_a_clock_that_was_put_back_does_not_keep_a_key_alive(log: Any, clock: Clock) -> None:
    clock.advance(days=3000)
    _seal(log)
    clock.advance(days=-2990)
    assert _open(log, _seal(log)).epoch.number == 2


def test_a_backup_and_a_restore_each_begin_an_epoch(log: Any, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    for number, command in enumerate((["create", backup], ["restore", backup]), 1):
        assert log("backup", *command).code == 0
        assert _open(log, _seal(log)).epoch.number == number
        assert log("log", "verify").code == 0


def test_an_erased_key_is_in_no_page_of_the_file(log: Any, clock: Clock) -> None:
    with opened(log) as session:
        seed = session.db.value("SELECT seed FROM signing_key")
    key = database_key(log.db, log.key)
    assert seed in plaintext(log.db, key)
    _seal(log, new_epoch=True)
    assert seed not in plaintext(log.db, key)
    with opened(log) as session:
        seeds = session.db.rows("SELECT seed FROM signing_key ORDER BY epoch")
    assert [row["seed"] is None for row in seeds] == [True, False]


def test_a_seal_that_is_rolled_back_leaves_the_key_as_it_was(log: Any) -> None:
    before = _open(log, _seal(log))
    with suppress(RuntimeError), opened(log) as session, session.act() as act:
        sealing.begin_epoch(act)
        act.record("test")
        sealing.seal(act)
        raise RuntimeError
    after = _open(log, _seal(log))
    compare(after, before)
    assert after.epoch == before.epoch


def test_seals_of_one_history_fit_each_other(log: Any, clock: Clock) -> None:
    seals = []
    for _ in range(5):
        seals.append(_open(log, _seal(log, count=3)))
        clock.advance(hours=20)
    for one in seals:
        for other in seals:
            compare(one, other)
    assert [seal.size for seal in seals] == [5, 8, 12, 15, 19]


def test_stored_nodes_prove_every_entry(log: Any) -> None:
    with opened(log) as session, session.act() as act:
        for number in range(700):
            act.record("test", details={"number": number})
        root, size = recorded(act.db).root(), recorded(act.db).size
        stored = tree(act.db)
        assert [row[0] for row in act.db.rows("SELECT level FROM audit_node")] == [8, 8]
        assert stored.root(size) == root
        for seq, record, leaf in chain.from_iterable(rows(act.db, 0, size)):
            if seq % 50 == 0:
                path = stored.inclusion(seq - 1, size)
                assert leaf == leaf_hash(record)
                assert verify_inclusion(leaf, seq - 1, size, path, root)


def test_a_missing_node_is_noticed_before_anything_is_sealed(log: Any) -> None:
    with opened(log) as session:
        with session.act() as act:
            for _ in range(600):
                act.record("test")
        with session.act() as act:
            act.record("test")
            act.db.execute("DELETE FROM audit_node WHERE place = 0")
            with pytest.raises(LogAltered, match="hashes of its tree"):
                sealing.seal(act)


def test_a_database_without_its_keys_is_not_sealed(log: Any) -> None:
    with opened(log) as session, session.act() as act:
        act.record("test")
        act.db.execute("UPDATE signing_key SET seed = NULL")
        with pytest.raises(LogAltered, match="the key that signs"):
            sealing.seal(act)


def test_a_thousand_small_concurrent_writers_lose_no_entry_and_leave_no_gap(log: Any) -> None:
    words = [str(log.db), str(log.key), str(WRITERS), str(ACTS)]
    assert subprocess.run([sys.executable, "-c", WRITING, *words], timeout=120).returncode == 0
    with opened(log) as session:
        found = [
            (seq, json.loads(record)["details"])
            for seq, record, _ in chain.from_iterable(rows(session.db, 2, 10_000))
        ]
    assert [seq for seq, _ in found] == list(range(3, WRITERS * ACTS + 3))
    for writer in range(WRITERS):
        mine = [details["number"] for _, details in found if details["writer"] == writer]
        assert mine == list(range(ACTS))
    assert log("log", "checkpoint").code == 0
    assert log("log", "verify").code == 0
