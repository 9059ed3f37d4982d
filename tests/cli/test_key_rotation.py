"""A rotation of the database key within a session, and its entry in the log."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.cli.key_rotation import rotate_key
from facecli.cli.session import Settings, session
from facecli.errors.keys import OldKeyLeft
from facecli.errors.store import StoreFailed
from facecli.keys import slots
from facecli.store import copies
from tests.conftest import Facecli
from tests.forensics import database_key


def _rotate(facecli: Facecli) -> None:
    settings = Settings(facecli.db, {"key_file": str(facecli.key)}, no_input=True)
    with session(settings, "key.rotate", exclusive=True, guarded=True) as opened:
        rotate_key(opened)


def _last(facecli: Facecli) -> tuple[str, str, Any]:
    [entry] = facecli("log", "show", "-n", "1", "--format", "json").json()
    return entry["action"], entry["outcome"], entry["details"]


def _full(*_: Any) -> None:
    raise StoreFailed(path="x", why="no space left on device")


def test_the_key_changes_and_the_rotation_is_the_next_entry(ready: Facecli) -> None:
    old = database_key(ready.db, ready.key)
    _rotate(ready)
    assert database_key(ready.db, ready.key) != old
    assert _last(ready)[:2] == ("key.rotate", "done")


def test_a_failed_rotation_keeps_the_key_and_is_logged_by_its_reason(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = database_key(ready.db, ready.key)
    with monkeypatch.context() as patch:
        patch.setattr(copies, "make", _full)
        with pytest.raises(StoreFailed):
            _rotate(ready)
    assert database_key(ready.db, ready.key) == old
    assert _last(ready) == ("key.rotate", "failed", {"reason": "store-failed"})


def test_a_rotation_that_left_the_old_key_is_logged_as_done(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = slots.write, []

    def second_fails(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            _full()
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(slots, "write", second_fails)
        with pytest.raises(OldKeyLeft):
            _rotate(ready)
    assert _last(ready)[:2] == ("key.rotate", "done")


def test_a_slot_that_the_database_does_not_know_is_removed_and_named(
    ready: Facecli, capsys: pytest.CaptureFixture[str]
) -> None:
    path = slots.slots_path(ready.db)
    other = ready.folder / "second.key"
    assert ready("key", "add", "--label", "second", "--new-key-file", other).code == 0
    kept = path.read_bytes()
    assert ready("key", "remove", "second").code == 0
    path.write_bytes(kept)  # an old slots file was put back
    capsys.readouterr()
    _rotate(ready)
    assert "Removed the slot 'second', which the database did not know." in capsys.readouterr().err
    assert [slot.label for slot in slots.read(ready.db).slots] == ["first"]
