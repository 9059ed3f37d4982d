"""The configuration file: found, owned, and free of settings that nobody knows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facecli.cli import config
from facecli.cli.config_settings import Config
from facecli.errors.base import FacecliError
from facecli.errors.command_line import BadInput
from facecli.workers.confinement import bounds, demands
from tests.conftest import Facecli


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration, which is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(config, "SYSTEM", tmp_path / "system.toml")
    (tmp_path / "facecli").mkdir()
    return tmp_path / "facecli" / "config.toml"


def _load(named: Path | None = None) -> Config:
    return config.load(named, ["purge"], lambda _: []) or Config()


def test_without_a_file_there_is_no_configuration(path: Path) -> None:
    assert config.load(None, [], list) is None


def test_the_users_file_counts_before_the_systems(path: Path) -> None:
    config.SYSTEM.write_text("require_sandbox = true")
    assert _load().require_sandbox
    path.write_text("# nothing is required here\n")
    assert not _load().require_sandbox
    path.write_text("require_sandbox = false", encoding="utf-8-sig")  # as Windows writes it
    assert not _load().require_sandbox
    assert _load(config.SYSTEM).require_sandbox


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("databse = '/x'", "no setting databse .possible settings: db"),
        ("require_sandbx = true", "no setting require_sandbx .possible settings: require_sandbox"),
        ("colour = 1", "no setting colour .possible settings: db, key_file, passphrase_file, "),
        ("require_sandbox = 1", "require_sandbox must be true or false"),
        ("require_sandbox = 'true'", "must be true or false"),
        ("require_sandbox", "it is not TOML"),
        ("x = " + "[" * 100_000, "nested too deeply"),
        (b"\xff", "not UTF-8 text"),
        ("#" * (config.LARGEST + 1), "larger than"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(path: Path, content: str | bytes, why: str) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BadInput, match=why) as refused:
        _load()
    assert str(path) in str(refused.value)


def test_a_file_that_others_can_write_is_refused(path: Path) -> None:
    path.write_text("require_sandbox = false")
    for mode in (0o620, 0o602, 0o666):
        path.chmod(mode)
        with pytest.raises(BadInput, match="chmod go-w"):
            _load()
    path.chmod(0o644)
    assert not _load().require_sandbox


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_another_user_is_refused(path: Path) -> None:
    path.write_text("require_sandbox = false")
    os.chown(path, 65534, 65534)
    with pytest.raises(BadInput, match="must be yours or root's"):
        _load()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user and return")
def test_a_folder_that_may_not_be_entered_is_not_taken_as_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file may require the sandbox. In another user's home there is none of one's own."""
    monkeypatch.chdir(tmp_path)  # relative places, since this user may not enter tmp_path's parents
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "roots")
    monkeypatch.setattr(config, "SYSTEM", Path("etc/config.toml"))
    tmp_path.chmod(0o711)
    for folder in ("etc", "roots", "own"):
        Path(folder).mkdir()
    assert config.load(None, [], list) is None
    os.chown("own", 65534, 65534)
    for folder in ("etc", "roots", "own"):
        Path(folder).chmod(0o600)
    os.seteuid(65534)
    try:
        with pytest.raises(BadInput, match=r"denied in etc; run `chmod a\+x etc`") as no:
            _load()
        assert "The configuration etc/config.toml " in str(no.value)
        monkeypatch.setattr(config, "SYSTEM", Path("none/config.toml"))
        assert config.load(None, [], list) is None
        monkeypatch.setenv("HOME", "own")
        with pytest.raises(BadInput, match="permission denied in own; run "):
            _load()
    finally:
        os.seteuid(0)


def test_a_link_to_nothing_is_not_taken_as_no_file(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "none")
    with pytest.raises(BadInput, match="no such file"):
        _load()


def test_what_is_named_must_be_a_file(path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for named in (tmp_path / "none", tmp_path, tmp_path / "pipe"):
        with pytest.raises(FacecliError):
            _load(named)


def test_the_requirement_reaches_the_workers(
    path: Path, facecli: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demands, "_required", False)
    path.write_text("require_sandbox = true")
    assert facecli.bare("--config", path, "camera", "list").code == 0
    assert bounds.IMAGES.for_setup(config.load).required


def test_a_wrong_configuration_ends_the_command(path: Path, facecli: Facecli) -> None:
    path.write_text("require_sandbox = 2")
    run = facecli.bare("--config", path, "camera", "list")
    assert run.code == 1
    assert "require_sandbox must be true or false" in run.err
