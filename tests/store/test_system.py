"""Folders and files of a system user: created once, and nothing of others given away."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from facecli.errors.command_line import BadInput
from facecli.errors.store import NoAccount, NotRoot
from facecli.store import system
from facecli.store.system import Account

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")

OWNER = Account("somebody", 4321, 4321)


def owner_and_mode(path: Path) -> tuple[int, int, int]:
    status = path.lstat()
    return status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)


def test_an_account_of_this_machine() -> None:
    assert system.account("root") == Account("root", 0, 0)


def test_an_account_that_is_not_there() -> None:
    with pytest.raises(NoAccount, match="useradd"):
        system.account("no-such-user-here")


def test_only_root_acts_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotRoot):
        system.account("root")


def test_a_folder_is_created_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "facecli"
    for _ in range(2):
        system.prepare(folder, OWNER)
        assert owner_and_mode(folder) == (4321, 4321, 0o700)


def test_an_empty_folder_of_others_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir(mode=0o755)
    system.prepare(tmp_path / "empty", OWNER)
    assert owner_and_mode(tmp_path / "empty") == (4321, 4321, 0o700)


def test_a_folder_with_files_of_others_is_not(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir(mode=0o755)
    (tmp_path / "full" / "theirs").touch()
    with pytest.raises(BadInput, match="does not belong to the user somebody"):
        system.prepare(tmp_path / "full", OWNER)
    assert owner_and_mode(tmp_path / "full") == (0, 0, 0o755)


@pytest.mark.parametrize("name", ["file", "link"])
def test_a_file_or_a_link_is_no_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    with pytest.raises(BadInput):
        system.prepare(tmp_path / name, OWNER)
    assert owner_and_mode(tmp_path / "folder")[0] == 0


def test_a_file_of_root_is_given_to_the_owner(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for _ in range(2):
        system.give(tmp_path / "file", OWNER)
        assert owner_and_mode(tmp_path / "file")[:2] == (4321, 4321)


def test_nothing_else_is_given_away(tmp_path: Path) -> None:
    """The owner of the folder may have put anything in the place of the file."""
    precious = tmp_path / "precious"
    precious.touch()
    (tmp_path / "link").symlink_to(precious)
    os.link(precious, tmp_path / "second-name")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "third").touch()
    os.chown(tmp_path / "third", 99, 99)
    for name in ("link", "second-name", "pipe", "third", "none"):
        with pytest.raises(BadInput):
            system.give(tmp_path / name, OWNER)
    assert owner_and_mode(precious)[0] == 0
    assert owner_and_mode(tmp_path / "third")[0] == 99
