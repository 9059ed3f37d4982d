"""A worker reads the program's own files, and nothing of the user's."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

import facecli
from facecli.workers.confinement import paths
from facecli.workers.confinement.landlock import CACHE, READ


def granted() -> list[Path]:
    return [Path(str(grant.where)) for grant in paths.grants(())]


def covers(path: Path) -> bool:
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in granted())


def test_the_program_its_packages_and_python_are_granted() -> None:
    for module in (facecli, numpy, pytest):
        assert covers(Path(str(module.__file__)))
    assert covers(Path(str(pytest.__file__)).parent)


def test_no_folder_of_the_user_is_granted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the current folder either, although it is on the import path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not covers(tmp_path)
    assert not covers(Path.home() / "x")
    for folder in ("/", "/etc", "/home", "/root", "/tmp", "/var", "/proc", "/usr"):
        assert Path(folder) not in granted()


def test_what_a_setup_asks_for_is_granted_for_reading_and_the_cache_for_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    rights = {grant.where: grant.rights for grant in paths.grants(["/models/own.onnx"])}
    assert rights["/models/own.onnx"] == READ
    assert rights[str(tmp_path / "facecli")] == CACHE


def test_a_relative_cache_home_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.cache_folder() == tmp_path / ".cache" / "facecli"


def test_a_cache_that_others_can_write_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "facecli").mkdir(mode=0o700)
    (tmp_path / "facecli").chmod(0o777)
    assert paths.cache_folder() is None
