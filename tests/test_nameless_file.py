"""Files without a name: nothing of them is left unless they get one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from facecli import nameless_file


def test_a_file_has_no_name_until_it_is_linked(tmp_path: Path) -> None:
    descriptor = nameless_file.open_nameless(tmp_path)
    assert descriptor is not None
    folder = os.open(tmp_path, os.O_RDONLY)
    os.write(descriptor, b"whole")
    assert os.listdir(tmp_path) == []
    assert nameless_file.link(descriptor, "name", folder)
    os.close(descriptor)
    os.close(folder)
    assert (tmp_path / "name").read_bytes() == b"whole"
    assert stat.S_IMODE((tmp_path / "name").stat().st_mode) == 0o600


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "name").write_text("before")
    descriptor = nameless_file.open_nameless(tmp_path)
    assert descriptor is not None
    folder = os.open(tmp_path, os.O_RDONLY)
    assert not nameless_file.link(descriptor, "name", folder)
    os.close(descriptor)
    os.close(folder)
    assert (tmp_path / "name").read_text() == "before"


def test_a_folder_that_cannot_hold_one_gives_none(tmp_path: Path) -> None:
    assert nameless_file.open_nameless(tmp_path / "missing") is None
    assert nameless_file.open_nameless(Path("/proc")) is None


def test_a_system_without_them_gives_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_TMPFILE")
    assert nameless_file.open_nameless(tmp_path) is None
