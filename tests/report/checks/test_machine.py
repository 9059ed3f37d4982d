"""The checks of the machine: free disk space and cameras."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facecli.report.checks import machine


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "facecli.db"
    path.touch()
    return path


def test_cameras_are_listed_by_number(tmp_path: Path) -> None:
    assert machine.cameras(tmp_path).severity == "ok"
    (tmp_path / "dev").mkdir()
    for number in (10, 2):
        (tmp_path / f"dev/video{number}").touch()
    assert machine.cameras(tmp_path).finding == "/dev/video2, /dev/video10"


def test_little_space_is_warned_of_and_none_is_an_error(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.disk(database).severity == "ok"
    space = os.statvfs(database.parent)
    os.truncate(database, space.f_bavail * space.f_frsize)  # a hole, as large as what is free
    assert machine.disk(database).severity == "warning"
    monkeypatch.setattr(machine, "LEAST", 2**62)
    assert machine.disk(database).severity == "error"


def test_the_space_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    found = machine.disk(tmp_path / "not" / "yet" / "facecli.db")
    assert (found.severity, f"free in {tmp_path}," in found.finding) == ("ok", True)
