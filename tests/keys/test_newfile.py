"""New key files: never over another file, and owned by whom they are meant for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from facecli.keys import newfile

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
SOMEBODY = 4321  # a user id that owns nothing else here


def test_a_new_file_holds_all_of_it_and_is_closed_to_others(tmp_path: Path) -> None:
    newfile.create(tmp_path / "key", b"secret")
    assert (tmp_path / "key").read_bytes() == b"secret"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["key"]


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    newfile.create(tmp_path / "key", b"first")
    with pytest.raises(FileExistsError):
        newfile.create(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"


def test_a_replacement_is_complete_and_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"before")
    (tmp_path / "keys").chmod(0o644)
    newfile.replace(tmp_path / "keys", b"after")
    assert (tmp_path / "keys").read_bytes() == b"after"
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


@ROOT_ONLY
def test_a_file_of_root_goes_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, SOMEBODY, SOMEBODY)
    newfile.create(tmp_path / "key", b"secret", like=tmp_path)
    assert (tmp_path / "key").stat().st_uid == SOMEBODY
    newfile.create(tmp_path / "mine", b"secret")
    assert (tmp_path / "mine").stat().st_uid == 0


@ROOT_ONLY
def test_a_replacement_keeps_the_owner(tmp_path: Path) -> None:
    newfile.create(tmp_path / "keys", b"before")
    os.chown(tmp_path / "keys", SOMEBODY, SOMEBODY)
    newfile.replace(tmp_path / "keys", b"after")
    assert (tmp_path / "keys").stat().st_uid == SOMEBODY


@ROOT_ONLY
def test_a_file_with_a_second_name_is_not_given_away(tmp_path: Path) -> None:
    os.chown(tmp_path, SOMEBODY, SOMEBODY)
    newfile.create(tmp_path / "key", b"secret")
    os.link(tmp_path / "key", tmp_path / "other")
    with (tmp_path / "key").open() as stream:
        newfile.owned_as(stream.fileno(), tmp_path)
    assert (tmp_path / "key").stat().st_uid == 0
