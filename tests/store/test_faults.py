"""A killed process, another writer, Ctrl-C or a full disk does not change the file."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from facecli.audit.merkle import Frontier, leaf_hash
from facecli.errors.store import Locked, StoreFailed
from facecli.store import shards
from facecli.store.connection import translate
from facecli.store.database import Database
from tests.conftest import PROJECT
from tests.store.conftest import Store, purpose

pytestmark = pytest.mark.usefixtures("unmeasured")


@contextmanager
def child(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A real second process that runs `code`; killed in the end."""
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        [sys.executable, *code.split(" ", 1), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
        cwd=PROJECT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


HOLD = """-c import sys
from pathlib import Path
from tests.store.conftest import KEY, purpose
from facecli.store.opening import open_database
db = open_database(Path(sys.argv[1]), [KEY], 0)
with db.transaction():
    purpose(db, "held")
    print("holding", flush=True)
    sys.stdin.readline()
print("released", flush=True)
"""

WAIT = """-c import sys
from pathlib import Path
from tests.store.conftest import KEY, purpose
from facecli.store import lock_wait
from facecli.store.opening import open_database
db = open_database(Path(sys.argv[1]), [KEY], 60)
sleep, calls = lock_wait.time.sleep, []
def told(seconds):
    calls.append(seconds)
    if len(calls) == 3:
        print("waiting", flush=True)
    sleep(seconds)
lock_wait.time.sleep = told
try:
    with db.transaction():
        purpose(db, "waited")
    print("done", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
db.close()
"""


ALONE = """-c import sys
from pathlib import Path
from tests.store.conftest import KEY
from facecli.store.opening import open_database
db = open_database(Path(sys.argv[1]), [KEY], 0)
db.execute("BEGIN EXCLUSIVE")
print("holding", flush=True)
sys.stdin.readline()
db.close()
"""

OPEN = """-c import sys
from pathlib import Path
from tests.store.conftest import KEY
from facecli.store import lock_wait
from facecli.store.opening import open_database
sleep, calls = lock_wait.time.sleep, []
def told(seconds):
    calls.append(seconds)
    if len(calls) == 3:
        print("waiting", flush=True)
    sleep(seconds)
lock_wait.time.sleep = told
open_database(Path(sys.argv[1]), [KEY], 60).close()
print("done", flush=True)
"""


def test_who_opens_the_file_while_another_commits_waits(store: Store) -> None:
    """A commit keeps readers out for a moment, and already the first pragma reads."""
    with child(ALONE, store.path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        with child(OPEN, store.path) as opener:
            assert opener.stdout is not None
            assert opener.stdout.readline() == "waiting\n"
            holder.communicate("\n")
            assert opener.communicate() == ("done\n", "")


def test_another_writer_is_reported(store: Store) -> None:
    with child(HOLD, store.path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        with store.open(lock_wait=0) as db:
            assert db.value("SELECT count(*) FROM purpose") == 0  # readers go on
            with pytest.raises(Locked, match="waited 0 s") as refused, db.transaction():
                pytest.fail("two writers")
            assert refused.value.exit_code == 11
        assert holder.communicate("\n")[0] == "released\n"
    with store.open() as db:
        assert db.value("SELECT code FROM purpose") == "held"


@contextmanager
def holder_and_waiter(
    store: Store,
) -> Iterator[tuple[subprocess.Popen[str], subprocess.Popen[str]]]:
    """One process that holds the lock, and one that waits for it."""
    with child(HOLD, store.path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        with child(WAIT, store.path) as waiter:
            assert waiter.stdout is not None
            assert waiter.stdout.readline() == "waiting\n"
            yield holder, waiter


def test_the_second_writer_waits_for_the_first(store: Store) -> None:
    with holder_and_waiter(store) as (holder, waiter):
        holder.communicate("\n")
        assert waiter.communicate() == ("done\n", "")
    with store.open() as db:
        assert db.value("SELECT count(*) FROM purpose") == 2


def test_ctrl_c_ends_the_waiting(store: Store) -> None:
    with holder_and_waiter(store) as (holder, waiter):
        waiter.send_signal(signal.SIGINT)
        assert waiter.communicate() == ("interrupted\n", "")
        holder.communicate("\n")
    with store.open() as db:
        assert [row[0] for row in db.rows("SELECT code FROM purpose")] == ["held"]


# -- killed ---------------------------------------------------------------------------------


def check_log(db: Database, acknowledged: int) -> int:
    """The log has no gap, its tree fits, each entry has its template; nothing told is lost."""
    assert [tuple(row) for row in db.rows("PRAGMA integrity_check")] == [("ok",)]
    rows = db.rows("SELECT seq, record, leaf_hash FROM audit_entry ORDER BY seq")
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    frontier = Frontier()
    for row in rows:
        assert json.loads(row["record"])["seq"] == row["seq"]
        assert row["leaf_hash"] == leaf_hash(row["record"].encode())
        frontier = frontier.append(row["leaf_hash"])
    if rows:
        assert db.value("SELECT frontier FROM audit_frontier") == frontier.to_bytes()
    assert len(rows) >= acknowledged
    stored = b"".join(shards.read(db, shard) for shard in shards.of_gallery(db, 1, "e"))
    assert stored == b"".join(row["seq"].to_bytes(4, "little") * 128 for row in rows)
    return len(rows)


def test_twenty_kills_in_the_middle_of_writing_lose_nothing(store: Store) -> None:
    dice = random.Random(20)
    with store.open() as db, db.transaction():
        purpose(db)
    acknowledged = 0
    for _ in range(20):
        with child("tests/store/faults.py", store.path) as writer:
            assert writer.stdout is not None
            for _ in range(dice.randint(1, 4)):
                acknowledged = int(writer.stdout.readline())
            # somewhere in the next act: up to 6 ms, in which nothing is read
            select.select([], [], [], dice.uniform(0, 0.006))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            last = writer.stdout.read().splitlines()
            acknowledged = int(last[-1]) if last and last[-1] else acknowledged
        with store.open() as db:
            acknowledged = check_log(db, acknowledged)
    assert acknowledged >= 20


# -- a full disk ----------------------------------------------------------------------------

FILL = """-c import resource, signal, sys
from pathlib import Path
from tests.store.conftest import KEY
from facecli.errors.base import FacecliError
from facecli.store.opening import open_database
path = Path(sys.argv[1])
db = open_database(path, [KEY], 0)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = path.stat().st_size + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    db.execute("PRAGMA cache_size = 5")
    with db.transaction():
        db.execute("UPDATE meta SET value = 'new'")
        for number in range(400):
            db.insert("meta", name=f"more-{number}", value="y" * 20000)
except FacecliError as error:
    print(int(error.exit_code), error.reason, db.in_transaction)
db.close()
"""


@pytest.mark.parametrize("room", [0, 16384, 20000, 1_000_000])
def test_a_disk_that_fills_changes_nothing(store: Store, room: int) -> None:
    """RLIMIT_FSIZE is the kernel's own refusal to let a file grow; it holds for root too."""
    with store.open() as db, db.transaction():
        db.insert("meta", name="a", value="old")
    with child(FILL, store.path, room) as writer:
        out, err = writer.communicate()
    assert (out, err) == ("74 store-failed False\n", "")
    with store.open() as db:
        assert [tuple(row) for row in db.rows("SELECT * FROM meta")] == [("a", "old")]
        assert [tuple(row) for row in db.rows("PRAGMA integrity_check")] == [("ok",)]
        with db.transaction():
            db.execute("UPDATE meta SET value = 'new'")
    assert store.beside() == ["facecli.db"]


def test_a_disk_that_is_full_from_the_start(store: Store) -> None:
    code = FILL.replace("path.stat().st_size + int(sys.argv[2])", "0")
    with store.open() as db, db.transaction():
        db.insert("meta", name="a", value="old")
    before = store.path.read_bytes()
    with child(code, store.path, 0) as writer:
        out, err = writer.communicate()
    assert (out, err) == ("74 store-failed False\n", "")
    assert store.path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("database or disk is full", "free some space, then run"),
        ("disk I/O error", "check the disk and its quota, then run"),
        ("attempt to write a readonly database", "let this user write there, then run"),
        ("unable to open database file", "let this user write there, then run"),
    ],
)
def test_each_failure_to_write_has_its_own_remedy(store: Store, text: str, remedy: str) -> None:
    error = translate(sqlcipher.OperationalError(text), store.path, 0)
    assert isinstance(error, StoreFailed)
    assert (error.exit_code, text in error.message, remedy in error.hint) == (74, True, True)
    assert ("space" in str(error)) == ("full" in text)
