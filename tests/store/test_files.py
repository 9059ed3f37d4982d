"""A database's file and folder seen from outside: whose it is, and who uses it."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from facecli.errors.store import (
    Locked,
    NoDatabase,
    NoLocks,
    NotPermitted,
    SharedFolder,
    UnsafePermissions,
)
from facecli.store.files import check_file, check_folder, in_use
from facecli.store.names import journal_of
from facecli.store.opening import create
from tests.shut import shut
from tests.store.conftest import KEY, Store


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o720])
def test_a_folder_that_others_can_write_is_refused(store: Store, mode: int) -> None:
    store.path.parent.chmod(mode)
    with pytest.raises(UnsafePermissions, match=rf"mode {mode:04o}.*chmod go-w") as refused:
        check_file(store.path)
    assert refused.value.exit_code == 1
    with pytest.raises(UnsafePermissions):
        create(store.path.with_name("new.db"), KEY, lambda db: None)
    assert store.beside() == ["facecli.db"]


@pytest.mark.parametrize("mode", [0o1777, 0o1770])
def test_nobody_is_told_to_close_a_folder_that_is_for_all(store: Store, mode: int) -> None:
    store.path.parent.chmod(mode)
    for act in (check_file, lambda path: create(path.with_name("new.db"), KEY, lambda db: None)):
        with pytest.raises(SharedFolder, match=rf"mode {mode:04o}.*a folder of your own") as shared:
            act(store.path)
        assert (shared.value.exit_code, "chmod" in str(shared.value)) == (1, False)
    assert store.beside() == ["facecli.db"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_reach_is_refused(store: Store, mode: int) -> None:
    store.path.chmod(mode)
    with pytest.raises(UnsafePermissions, match="chmod 600"):
        check_file(store.path)


@pytest.mark.parametrize("name", ["none", "file"])
def test_no_folder_there(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(NoDatabase):
        check_folder(tmp_path / name)


def test_the_file_begins_with_the_salt_of_its_key(store: Store) -> None:
    assert check_file(store.path) == KEY.salt


def test_the_journal_of_a_link_is_beside_the_file_itself(store: Store, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(store.path)
    assert journal_of(link) == store.path.with_name("facecli.db-journal")


# -- users of the file ----------------------------------------------------------------------


def test_users_share_the_file_and_keep_out_who_wants_it_alone(store: Store) -> None:
    with (
        in_use(store.path, 0),
        in_use(store.path, 0),
        pytest.raises(Locked),
        in_use(store.path, 0, exclusive=True),
    ):
        pass
    with in_use(store.path, 0, exclusive=True):
        pass


def test_who_holds_it_alone_keeps_users_out(store: Store) -> None:
    with in_use(store.path, 0, exclusive=True), pytest.raises(Locked), in_use(store.path, 0):
        pass


def test_a_lock_on_a_file_that_was_replaced_does_not_count(store: Store) -> None:
    """The new file is free, whoever still holds the old one."""
    with in_use(store.path, 0, exclusive=True):
        new = store.path.with_name("new.db")
        create(new, KEY, lambda db: None)
        os.rename(new, store.path)
        with in_use(store.path, 0):
            pass


def test_a_file_that_is_not_there_is_not_waited_for(store: Store) -> None:
    with pytest.raises(NoDatabase), in_use(store.path.with_name("none.db"), 60):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_named(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(NoLocks, match="cannot lock files"), in_use(store.path, 0):
        pass


def test_a_folder_that_this_user_may_not_enter_is_no_foreign_database(store: Store) -> None:
    with shut(store.path.parent):
        with pytest.raises(NotPermitted, match=r"may not open .*`sudo -u") as refused:
            check_file(store.path)
        with pytest.raises(NotPermitted), in_use(store.path, 0):
            pass
    assert refused.value.exit_code == 10
