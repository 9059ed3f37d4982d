"""The plain log: one entry an act, in its transaction, without a gap and without a name."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.entries import Actor, acting, actor, last_moment
from facecli.audit.login import Login
from facecli.audit.merkle import Frontier
from facecli.audit.query import latest
from facecli.store.database import Database
from tests.consent.conftest import WHO, World
from tests.prepared import opened


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    tmp_path.chmod(0o700)
    made = World(tmp_path / "facecli.db")
    yield made
    made.db.close()


def rows(db: Database) -> list[Any]:
    return db.rows("SELECT seq, record, leaf_hash FROM audit_entry ORDER BY seq")


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962, section 2.1, written a second time."""
    return hashlib.sha256(b"\x00" + data).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1: the root over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def write(world: World, *actions: str) -> None:
    with world.act() as act:
        for action in actions:
            act.record(action, subject_id="s-1", purpose="gate", details={"n": 1, "é": "\u202e"})


# -- the entries ----------------------------------------------------------------------------


def test_seq_counts_without_a_gap(world: World) -> None:
    for number in range(5):
        write(world, *["a"] * (number + 1))
    assert [row["seq"] for row in rows(world.db)] == list(range(1, 16))
    assert [json.loads(row["record"])["seq"] for row in rows(world.db)] == list(range(1, 16))


def test_an_entry_has_the_fields_of_the_contract(world: World) -> None:
    write(world, "consent.record")
    (entry,) = latest(world.db, 1)
    assert set(entry) == {
        "seq", "at", "actor", "action", "outcome", "subject_id", "purpose", "details", "leaf_hash",
    }  # fmt: skip
    assert entry["at"] == world.now == last_moment(world.db)
    assert entry["actor"] == {
        "uid": 1, "user": "desk", "slot": "first", "host": "host"
    }  # fmt: skip
    assert (entry["action"], entry["outcome"]) == ("consent.record", "done")


def test_the_leaf_hash_is_that_of_rfc_6962_over_the_canonical_record(world: World) -> None:
    write(world, "a", "b", "c")
    for row in rows(world.db):
        record = json.loads(row["record"])
        assert row["record"].encode() == canonical(record)
        assert row["leaf_hash"] == leaf_hash(canonical(record))
    assert [entry["leaf_hash"] for entry in latest(world.db, 9)] == [
        row["leaf_hash"].hex() for row in rows(world.db)
    ]


def test_the_frontier_is_that_of_the_leaves(world: World) -> None:
    leaves: list[bytes] = []
    for _ in range(9):
        write(world, "a")
        leaves.append(rows(world.db)[-1]["leaf_hash"])
        stored = world.db.row("SELECT size, frontier FROM audit_frontier")
        assert stored is not None
        frontier = Frontier.from_bytes(stored["frontier"])
        assert frontier.size == stored["size"] == len(leaves)
        assert frontier.root() == root(leaves)


def test_the_latest_come_oldest_first(world: World) -> None:
    assert latest(world.db, 3) == []
    assert last_moment(world.db) is None
    write(world, *"abcde")
    assert [entry["action"] for entry in latest(world.db, 3)] == ["c", "d", "e"]
    assert len(latest(world.db, 100)) == 5


# -- one transaction ------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_act_that_fails_leaves_neither_itself_nor_an_entry(
    world: World, error: type[BaseException]
) -> None:
    def fail() -> None:
        with world.act() as act:
            act.db.insert("purpose", code="gate")
            act.record("purpose.apply")
            raise error

    write(world, "a")
    with pytest.raises(error):
        fail()
    assert [row["seq"] for row in rows(world.db)] == [1]
    assert world.db.value("SELECT count(*) FROM purpose") == 0
    write(world, "b")
    assert [row["seq"] for row in rows(world.db)] == [1, 2]


def test_an_entry_that_cannot_be_written_undoes_the_act(world: World) -> None:
    def fail() -> None:
        with world.act() as act:
            act.db.insert("purpose", code="gate")
            act.record("purpose.apply", details={"rate": 0.5})  # no canonical form

    with pytest.raises(TypeError):
        fail()
    assert world.db.value("SELECT count(*) FROM purpose") == 0
    assert rows(world.db) == []


def test_an_act_without_an_entry_is_a_fault_and_undone(world: World) -> None:
    def fail() -> None:
        with world.act() as act:
            act.db.insert("purpose", code="gate")

    with pytest.raises(AssertionError, match="without a log entry"):
        fail()
    assert world.db.value("SELECT count(*) FROM purpose") == 0


def test_two_connections_continue_one_count(world: World) -> None:
    from facecli.store.opening import open_database
    from tests.consent.conftest import KEY

    other = open_database(world.db.path, [KEY], 5)
    for db in (world.db, other, world.db, other):
        with acting(db, WHO, world.moment) as act:
            act.record("a")
    other.close()
    assert [row["seq"] for row in rows(world.db)] == [1, 2, 3, 4]


# -- who acts -------------------------------------------------------------------------------


def test_the_actor_is_the_user_of_the_process() -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    found = actor("cron", {})
    assert (found.uid, found.user, found.slot) == (os.getuid(), me, "cron")
    assert found.host


def test_a_claim_of_sudo_changes_no_user_and_stays_a_claim() -> None:
    found = actor("cron", {"SUDO_USER": "jo"})
    assert found.user == pwd.getpwuid(os.getuid()).pw_name
    assert found.login is not None
    assert found.login.user != "jo" or found.login.source == "claimed"


def test_an_actor_holds_these_five_and_nothing_else() -> None:
    assert set(Actor._fields) == {"uid", "user", "slot", "host", "login"}


@pytest.mark.parametrize(
    ("login", "words"),
    [
        (None, "facecli"),
        (Login(), "facecli"),
        (Login("loginuid", 1000, "li"), "li as facecli"),
        (Login("caller", 1000, "facecli"), "facecli"),
        (Login("claimed", None, "li"), "li (claimed) as facecli"),
    ],
)
def test_an_actor_in_words_and_as_an_entry_states_it(login: Login | None, words: str) -> None:
    who = Actor(989, "facecli", "cron", "host", login)
    assert who.in_words == words
    assert Actor.of(json.loads(json.dumps(who.members))) == who
    assert ("login" in who.members) == (login is not None)


# -- through the commands -------------------------------------------------------------------


def logged(facecli: Any) -> list[dict[str, Any]]:
    with opened(facecli) as session:
        return latest(session.db, 10_000)


@pytest.mark.parametrize(
    ("command", "code", "reason"),
    [
        (["consent", "record", "C-9", "--purpose", "gate", "--expires", "1y"], 21, "unknown"),
        (["consent", "record", "ALT", "--purpose", "none", "--expires", "1y"], 21, "unknown"),
        (
            ["consent", "record", "ALT", "--purpose", "gate", "--expires", "1y"],
            20,
            "alternative-only",
        ),
        (["subject", "show", "C-9"], 21, "unknown"),
        (["consent", "show", "C-9"], 21, "unknown"),
        (["consent", "receipt", "C-9"], 21, "unknown"),
        (["purpose", "show", "none"], 21, "unknown"),
        (["purpose", "retire", "none"], 21, "unknown"),
        (["verify", "ALT", "none.jpg", "--purpose", "gate"], 20, "not-permitted"),
        (["verify", "C-9", "none.jpg", "--purpose", "gate"], 21, "not-permitted"),
        (["match", ".", "--purpose", "none"], 21, "unknown"),
    ],
)  # fmt: skip
def test_a_refusal_is_logged(
    facecli: Any, made_once: Path, command: list[str], code: int, reason: str
) -> None:
    copy(made_once, facecli)
    before = len(logged(facecli))
    assert facecli(*command).code == code
    after = logged(facecli)
    assert len(after) == before + 1
    assert after[-1]["outcome"] == "refused"
    assert after[-1]["details"] == {"reason": reason}
    assert after[-1]["action"] in (".".join(command[:2]), command[0])
    assert (after[-1]["subject_id"] is not None) == (code == 20 and command[0] != "verify")


def test_a_refusal_that_names_nobody_is_nobodys(facecli: Any, made_once: Path) -> None:
    copy(made_once, facecli)
    assert facecli("subject", "add", "None").code == 0
    assert facecli("purpose", "show", "none").code == 21
    assert logged(facecli)[-1]["subject_id"] is None


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample purposes and somebody who chose the alternative."""
    from facecli.cli.main import main
    from tests.conftest import SAMPLE_DATA

    folder = tmp_path_factory.mktemp("made")
    options = [
        "--no-input",
        "-q",
        "--db",
        f"{folder}/facecli.db",
        "--key-file",
        f"{folder}/facecli.key",
    ]
    for command in (
        ["init"],
        ["purpose", "apply", f"{SAMPLE_DATA}/purposes.toml", "--output", f"{folder}/applied"],
        ["subject", "add", "ALT", "--alternative-only"],
    ):
        assert main([*options, *command]) == 0
    return folder


def copy(folder: Path, facecli: Any) -> None:
    for file in folder.iterdir():
        target = facecli.folder / file.name
        target.write_bytes(file.read_bytes())
        target.chmod(0o600)
