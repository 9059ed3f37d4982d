"""`facecli key`: slots that open before they are kept, and a database key that can be exchanged."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from facecli.cli.session import Settings, session
from facecli.errors.store import StoreFailed
from facecli.keys import slots, sources
from facecli.store import connection, copies, keyring
from tests.commands.test_enroll_camera import Terminal
from tests.conftest import Clock, Facecli, Run
from tests.forensics import database_key, plaintext
from tests.forked import in_a_copy
from tests.prepared import let_pass

MARK = "Marked-Name-Kf5"


def _labels(facecli: Facecli) -> list[Any]:
    return [slot["label"] for slot in facecli("key", "list", "--format", "json").json()]


def _with_key(facecli: Facecli, key: Any, *arguments: Any) -> Run:
    return facecli.bare("--no-input", "--db", facecli.db, "--key-file", key, *arguments)


def _actions(facecli: Facecli) -> list[Any]:
    log = facecli("log", "show", "-n", "500", "--format", "json").json()
    return [(entry["action"], entry["outcome"], entry["details"]) for entry in log]


def _at_rest(facecli: Facecli) -> Any:
    """The files beside the database that are not part of it."""
    ours = {"facecli.db", "facecli.db.keys", "facecli.key"}
    return {path.name for path in facecli.folder.iterdir()} - ours


@pytest.fixture
def second(ready: Facecli) -> Any:
    """A key file of a second slot."""
    path = ready.folder / "second.key"
    assert ready("key", "add", "--label", "second", "--new-key-file", path).code == 0
    return path


def test_a_new_key_file_is_made_and_opens(ready: Facecli, second: Any) -> None:
    assert stat.S_IMODE(second.stat().st_mode) == 0o600
    listed = _with_key(ready, second, "key", "list", "--format", "json")
    assert [(one["label"], one["kind"], one["opened"]) for one in listed.json()] == [
        ("first", "key-file", False),
        ("second", "key-file", True),
    ]
    assert _actions(ready)[-1] == ("key.add", "done", {"slot": "second", "kind": "key-file"})


def test_a_passphrase_slot_opens(ready: Facecli, tmp_path: Path) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("correct horse\n")
    phrase.chmod(0o600)
    added = ready("key", "add", "--label", "desk", "--new-passphrase-command", f"cat {phrase}")
    assert added.code == 0
    listed = ready.bare(
        *("--no-input", "--db", ready.db, "--passphrase-file", phrase),
        *("key", "list", "--format", "json"),
    )
    assert listed.json()[1]["kind"] == "passphrase"
    assert listed.json()[1]["opened"]


def test_no_secret_is_shown_or_logged(ready: Facecli, second: Any) -> None:
    secret = second.read_text().strip()
    log = ready("log", "show", "-n", "500", "--format", "json").out
    listed = ready("key", "list", "--format", "json").out
    assert secret not in log + listed + ready.db.with_name("facecli.db.keys").read_text()


def test_a_taken_label_is_refused_and_its_key_file_is_not_made(ready: Facecli) -> None:
    new = ready.folder / "new.key"
    refused = ready("key", "add", "--label", "first", "--new-key-file", new)
    assert (refused.code, new.exists(), _labels(ready)) == (1, False, ["first"])
    assert "first" in refused.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 2),
        (["--new-key-file", "a", "--new-passphrase-file", "b"], 2),
        (["--new-passphrase-command", "false"], 12),
        (["--new-key-file", "{short}"], 12),
    ],
)
def test_what_opens_nothing_is_not_added(ready: Facecli, options: Any, code: int) -> None:
    short = ready.folder / "short.key"
    short.write_text("abc")
    short.chmod(0o600)
    options = [option.format(short=short) for option in options]
    assert ready("key", "add", "--label", "x", *options).code == code
    assert _labels(ready) == ["first"]


def test_one_secret_is_one_way_in(ready: Facecli) -> None:
    refused = ready("key", "add", "--label", "again", "--new-key-file", ready.key)
    assert (refused.code, "already opens the key slot first" in refused.err) == (1, True)
    assert _labels(ready) == ["first"]
    assert ready.key.exists()


def test_a_removed_slot_does_not_open(ready: Facecli, second: Any) -> None:
    assert _with_key(ready, second, "purpose", "list").code == 0
    assert ready("key", "remove", "second").code == 0
    assert _with_key(ready, second, "purpose", "list").code == 12
    assert ready("purpose", "list").code == 0
    assert _actions(ready)[-1] == ("key.remove", "done", {"slot": "second"})


def test_removing_a_slot_warns_of_its_copies_and_can_rotate_at_once(
    ready: Facecli, second: Any
) -> None:
    plain = ready("key", "add", "--label", "third", "--new-key-file", ready.folder / "third.key")
    assert plain.code == 0
    warned = ready("key", "remove", "third")
    assert "A copy of the old slots file still opens the database" in warned.err
    slots_file = ready.db.with_name(ready.db.name + ".keys")
    old_slots = slots_file.read_bytes()
    done = ready("key", "remove", "second", "--rotate")
    assert done.code == 0, done.err
    assert [action for action, *_ in _actions(ready)[-2:]] == ["key.remove", "key.rotate"]
    slots_file.write_bytes(old_slots)
    assert _with_key(ready, second, "purpose", "list").code == 12


@pytest.mark.parametrize(("answer", "last"), [(b"y", "key.rotate"), (b"", "key.remove")])
def test_on_a_terminal_a_rotation_is_offered(
    ready: Facecli, second: Any, answer: bytes, last: str
) -> None:
    running = Terminal(ready, "key", "remove", "second")
    running.answer(b"[y/N]: ", answer)
    assert running.end()[0] == 0
    assert _actions(ready)[-1][0] == last


def test_the_slot_that_one_came_in_by_can_be_removed_with_a_rotation(
    ready: Facecli, second: Any
) -> None:
    assert ready("key", "remove", "first", "--rotate").code == 0
    assert ready("purpose", "list").code == 12
    assert _with_key(ready, second, "purpose", "list").code == 0


def test_the_last_slot_stays(ready: Facecli) -> None:
    refused = ready("key", "remove", "first")
    assert (refused.code, _labels(ready)) == (1, ["first"])
    assert "key add" in refused.err


def test_an_unknown_slot_is_said_to_be_unknown(ready: Facecli, second: Any) -> None:
    refused = ready("key", "remove", "nobody")
    assert refused.code == 21
    assert "key slot nobody" in refused.err


def test_one_may_remove_the_slot_that_one_came_in_by(ready: Facecli, second: Any) -> None:
    assert ready("key", "remove", "first").code == 0
    assert ready("purpose", "list").code == 12
    assert _with_key(ready, second, "purpose", "list").code == 0


def test_after_a_rotation_every_slot_opens_and_nothing_is_lost(
    enrolled: Facecli, sample_data: Path
) -> None:
    second = enrolled.folder / "second.key"
    assert enrolled("key", "add", "--label", "second", "--new-key-file", second).code == 0
    before = enrolled("log", "show", "-n", "500", "--format", "json").json()
    people = enrolled("subject", "list", "--format", "json").out
    assert enrolled("key", "rotate").code == 0
    assert enrolled("subject", "list", "--format", "json").out == people
    assert _with_key(enrolled, second, "subject", "list", "--format", "json").out == people
    after = enrolled("log", "show", "-n", "500", "--format", "json").json()
    assert (after[:-1], after[-1]["action"]) == (before, "key.rotate")
    probe = sample_data / "enrol" / "A-1002.jpg"
    assert enrolled("verify", "A-1002", probe, "--purpose", "gate").code == 0
    assert stat.S_IMODE(enrolled.db.stat().st_mode) == 0o600
    assert _at_rest(enrolled) == {"second.key"}


def test_old_copies_and_the_new_key_have_nothing_in_common(ready: Facecli, tmp_path: Path) -> None:
    ready("subject", "add", "A-1", "--name", MARK)
    old = tmp_path / "old"
    old.mkdir(mode=0o700)
    shutil.copy(ready.db, old / "facecli.db")
    old_key = database_key(ready.db, ready.key)
    assert MARK.encode() in plaintext(ready.db, old_key)
    assert ready("key", "rotate").code == 0
    new_key = database_key(ready.db, ready.key)
    assert new_key.raw[:32] != old_key.raw[:32]
    assert new_key.salt != old_key.salt
    assert MARK.encode() in plaintext(ready.db, new_key)
    for file, key in ((old / "facecli.db", new_key), (ready.db, old_key)):
        with pytest.raises(AssertionError, match="does not decrypt"):
            plaintext(file, key)
    # Nor with the slots of today: they hold no other key any more.
    shutil.copy(ready.db.with_name("facecli.db.keys"), old / "facecli.db.keys")
    refused = ready.bare("--db", old / "facecli.db", "--key-file", ready.key, "subject", "list")
    assert refused.code == 12
    shutil.copy(ready.db, old / "facecli.db")
    assert _with_key(ready, ready.key, "subject", "list").code == 0


def test_a_database_behind_a_link_is_rotated_where_it_lies(ready: Facecli, tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir(mode=0o700)
    link = folder / "facecli.db"
    link.symlink_to(ready.db)
    shutil.copy(ready.db.with_name("facecli.db.keys"), folder / "facecli.db.keys")
    rotated = ready.bare("--db", link, "--key-file", ready.key, "key", "rotate")
    assert (rotated.code, link.is_symlink()) == (0, True)
    assert ready.bare("--db", link, "--key-file", ready.key, "purpose", "list").code == 0


@pytest.mark.parametrize("command", [["rotate"], ["add", "--label", "x", "--new-key-file", "y"]])
def test_slots_do_not_change_under_somebody_who_has_the_database_open(
    ready: Facecli, command: list[str]
) -> None:
    settings = Settings(ready.db, {"key_file": str(ready.key)}, no_input=True)
    with session(settings, "test"):
        busy = ready.process("key", *command, env={"FACECLI_LOCK_WAIT": "0.05"})
    assert busy.code == 11
    assert _labels(ready) == ["first"]


def test_two_rotations_at_once_both_end(ready: Facecli) -> None:
    ready("subject", "add", "A-1")
    command = [sys.executable, "-m", "facecli", *ready.globals, "key", "rotate"]
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert [action for action, *_ in _actions(ready)].count("key.rotate") == 2


GUARDED = [
    ["key", "list"],
    ["key", "add", "--label", "second", "--new-key-file", "{folder}/second.key"],
    ["key", "remove", "second"],
    ["key", "rotate"],
    ["purge", "--rotate-key"],
    ["backup", "create", "{folder}/backup.db"],
    ["backup", "erase", "{folder}/backup.db"],
    ["backup", "restore", "{folder}/backup.db"],
]
UNGUARDED = [["purpose", "list"], ["purge"], ["status"]]


def test_commands_about_keys_guard_their_memory(ready: Facecli) -> None:
    def guard(command: list[str]) -> tuple[int, str]:
        pytest.MonkeyPatch().setattr("facecli.store.database.keyed", connection.keyed)
        done = ready(*(word.format(folder=ready.folder) for word in command))
        with closing(sqlcipher.connect(":memory:")) as another:
            return done.code, str(another.execute("PRAGMA cipher_memory_security").fetchone()[0])

    commands = GUARDED + UNGUARDED
    found = [(command, in_a_copy(partial(guard, command))) for command in commands]
    assert found == [(command, (0, "1" if command in GUARDED else "0")) for command in commands]


def test_an_open_session_shows_no_key(ready: Facecli) -> None:
    settings = Settings(ready.db, {"key_file": str(ready.key)}, no_input=True)
    with session(settings, "key.list") as opened:
        assert opened.unlocked.slot_key.hex() not in repr(opened)
        assert opened.secret.value.decode() not in repr(opened)


def _cut_at(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: Any, before: Any = True, call: Any = 1
) -> None:
    real, calls = getattr(module, name), []

    def cut(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == call:
            if not before:
                real(*arguments, **named)
            os._exit(9)
        return real(*arguments, **named)

    monkeypatch.setattr(module, name, cut)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("module", "name", "call"),
    [
        (slots, "write", 1),
        (copies, "make", 1),
        (copies, "put_in_place", 1),
        (slots, "write", 2),
    ],
)
def test_a_rotation_cut_short_anywhere_leaves_a_database_that_opens(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, call: int, before: bool
) -> None:
    ready("subject", "add", "A-1", "--name", MARK)
    child = os.fork()
    if child == 0:
        try:
            _cut_at(monkeypatch, module, name, before, call)
            ready("key", "rotate")
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert MARK in ready("subject", "list").out
    assert len(json.loads(slots.slots_path(ready.db).read_text())["slots"][0]["database_keys"]) == 1
    assert _at_rest(ready) == set()
    assert ready("key", "rotate").code == 0
    assert MARK in ready("subject", "list").out


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("command", ["add", "remove"])
def test_a_slot_change_cut_short_is_completed_by_the_next(
    ready: Facecli, second: Any, monkeypatch: pytest.MonkeyPatch, before: bool, command: str
) -> None:
    third = ready.folder / "third.key"
    add = ("key", "add", "--label", "third", "--new-key-file", third)
    child = os.fork()
    if child == 0:
        try:
            _cut_at(monkeypatch, slots, "write", before)
            ready(*(add if command == "add" else ("key", "remove", "second")))
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert ready("purpose", "list").code == 0
    fourth = ready.folder / "fourth.key"
    assert ready("key", "add", "--label", "fourth", "--new-key-file", fourth).code == 0
    settings = Settings(ready.db, {"key_file": str(ready.key)}, no_input=True)
    with session(settings, "test") as opened:
        known = set(keyring.slot_keys(opened.db, None))
    assert known == set(_labels(ready))
    assert ready("key", "rotate").code == 0
    for label, key in (("second", second), ("third", third), ("fourth", fourth)):
        opens = key.exists() and _with_key(ready, key, "purpose", "list").code == 0
        assert opens == (label in _labels(ready))


def test_a_slots_file_that_cannot_be_written_adds_nothing(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = ready.folder / "new.key"

    def full(*_: Any) -> None:
        raise StoreFailed(path="x", why="no space left on device")

    monkeypatch.setattr(slots, "write", full)
    refused = ready("key", "add", "--label", "new", "--new-key-file", new)
    monkeypatch.undo()
    assert (refused.code, new.exists(), _labels(ready)) == (74, False, ["first"])
    assert _actions(ready)[-1] == ("key.add", "failed", {"slot": "new", "kind": "key-file"})


def test_a_slot_that_the_database_never_knew_does_not_survive_a_rotation(
    ready: Facecli, second: Any
) -> None:
    """As when an old slots file is put back to open a removed slot again."""
    path = slots.slots_path(ready.db)
    kept = path.read_bytes()
    assert ready("key", "remove", "second").code == 0
    path.write_bytes(kept)
    assert _with_key(ready, second, "purpose", "list").code == 0
    rotated = ready("key", "rotate")
    assert rotated.code == 0
    assert "second" in rotated.err
    assert _with_key(ready, second, "purpose", "list").code == 12


def test_purge_can_end_with_a_rotation(enrolled: Facecli, clock: Clock) -> None:
    old = database_key(enrolled.db, enrolled.key)
    dry = enrolled("purge", "--rotate-key", "--dry-run")
    assert (dry.code, "A dry run does not rotate the key" in dry.err) == (0, True)
    assert database_key(enrolled.db, enrolled.key) == old
    let_pass(enrolled, clock, days=366)
    done = enrolled("purge", "--rotate-key", "--format", "json")
    assert done.code == 0
    assert done.json()[-1]["erased"] == 9
    assert database_key(enrolled.db, enrolled.key) != old
    assert [action for action, *_ in _actions(enrolled)][-2:] == ["purge", "key.rotate"]


def _full(*_: Any) -> None:
    raise StoreFailed(path="x", why="no space left on device")


@pytest.mark.parametrize("step", ["make", "put_in_place"])
def test_a_rotation_that_fails_is_an_entry_too(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    old = database_key(ready.db, ready.key)
    monkeypatch.setattr(copies, step, _full)
    assert ready("key", "rotate").code == 74
    assert database_key(ready.db, ready.key) == old
    assert _actions(ready)[-1] == ("key.rotate", "failed", {"reason": "store-failed"})
    assert _at_rest(ready) == set()
    assert ready("log", "verify").code in (0, 32)


def test_purge_reports_what_it_erased_even_if_the_rotation_fails(
    enrolled: Facecli, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "make", _full)
    let_pass(enrolled, clock, days=366)
    done = enrolled("purge", "--rotate-key", "--format", "json")
    assert (done.code, done.json()[-1]["erased"]) == (74, 9)
    ended = [(action, outcome) for action, outcome, _ in _actions(enrolled)][-2:]
    assert ended == [("purge", "done"), ("key.rotate", "failed")]
    assert enrolled("subject", "list", "--format", "json").json() == []


def test_reading_the_new_key_file_is_what_proves_it(ready: Facecli, second: Any) -> None:
    secret = sources.read_key_file(second)
    assert slots.read(ready.db).unlock(secret, ready.db).label == "second"


def test_a_short_passphrase_is_told_of(ready: Facecli, tmp_path: Path) -> None:
    for label, passphrase, told in (("a", "elevenchars", True), ("b", "twelve chars", False)):
        file = tmp_path / label
        file.write_text(passphrase)
        file.chmod(0o600)
        done = ready("key", "add", "--label", label, "--new-passphrase-file", file)
        assert (done.code, "fewer than 12 characters" in done.err) == (0, told)
        assert passphrase not in done.err


@pytest.mark.parametrize(("name", "value"), [("created_at", "2020-01-01T00:00:00Z"),
                                             ("label", "innocent")])  # fmt: skip
def test_a_slot_that_was_altered_in_the_file_is_named(
    ready: Facecli, name: str, value: str
) -> None:
    second = ready.folder / "second.key"
    assert ready("key", "add", "--label", "second", "--new-key-file", second).code == 0
    assert ready("key", "list").code == 0
    path = slots.slots_path(ready.db)
    document = json.loads(path.read_text())
    document["slots"][1][name] = value
    path.write_text(json.dumps(document))
    done = ready("key", "list")
    assert done.code == 3
    assert document["slots"][1]["label"] in done.err
    assert ready.bare("--db", ready.db, "--key-file", second, "subject", "list").code == 12
