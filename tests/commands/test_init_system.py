"""`facecli init --system`: a machine's own database, its folders and their owner."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facecli.cli import config
from facecli.keys import newfile
from facecli.store import system
from tests.conftest import Facecli, Run

OWNER = "nobody"  # a user that every system has

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Where the database and the key file belong, in a folder that others may pass through."""
    root = Path(tempfile.mkdtemp(prefix="facecli-test-"))  # nobody else may pass through tmp_path
    root.chmod(0o711)
    for name in ("var/lib", "etc"):
        (root / name).mkdir(parents=True)
    monkeypatch.setattr(system, "DATABASE", root / "var/lib/facecli/facecli.db")
    monkeypatch.setattr(system, "KEY_FILE", root / "etc/facecli/facecli.key")
    monkeypatch.setattr(config, "SYSTEM", root / "etc/facecli/config.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root))  # the user has none
    yield root
    shutil.rmtree(root)


def _owned(path: Any) -> Any:
    """Owner, mode and kind of a path, as `ls -l` shows them."""
    status = path.lstat()
    return pwd.getpwuid(status.st_uid).pw_name, stat.filemode(status.st_mode)


def _init(facecli: Facecli, *options: Any) -> Run:
    return facecli.bare("--no-input", "init", "--system", "--user", OWNER, *options)


@needs_root
def test_folders_and_files_belong_to_the_user_alone(facecli: Facecli, machine: Any) -> None:
    done = _init(facecli)
    assert done.code == 0, done.err
    assert done.out.startswith("facecli.log/")
    assert f"sudo -u {OWNER} facecli" in done.err
    folder, file = (OWNER, "drwx------"), (OWNER, "-rw-------")
    assert {str(path.relative_to(machine)): _owned(path) for path in machine.rglob("facecli*")} == {
        "var/lib/facecli": folder,
        "var/lib/facecli/facecli.db": file,
        "var/lib/facecli/facecli.db.keys": file,
        "etc/facecli": (OWNER, "drwxr-xr-x"),  # the configuration is for every user
        "etc/facecli/facecli.key": file,
    }
    assert os.geteuid() == 0


@needs_root
def test_the_log_marks_a_caller_that_is_only_claimed(
    facecli: Facecli, machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "jo")
    assert _init(facecli).code == 0
    where = ["--no-input", "--db", system.DATABASE, "--key-file", system.KEY_FILE]
    entry = facecli.bare(*where, "log", "show", "--format", "json").json()[0]
    assert entry["actor"]["user"] == "root"
    assert entry["actor"]["login"]["user"] == "jo"
    assert entry["actor"]["login"]["source"] == "claimed"


@needs_root
def test_a_second_time_sets_modes_right_and_leaves_the_database_alone(
    facecli: Facecli, machine: Any
) -> None:
    assert _init(facecli).code == 0
    before = {path: path.read_bytes() for path in machine.rglob("*") if path.is_file()}
    system.DATABASE.parent.chmod(0o755)
    system.KEY_FILE.parent.chmod(0o700)  # as facecli left it until now
    os.chown(system.DATABASE, 0, 0)  # as a copy that root put there would be
    done = _init(facecli)
    assert (done.code, done.out) == (0, "")
    assert "only its owner was corrected" in done.err
    assert {path: path.read_bytes() for path in machine.rglob("*") if path.is_file()} == before
    assert _owned(system.DATABASE.parent) == (OWNER, "drwx------")
    assert _owned(system.KEY_FILE.parent) == (OWNER, "drwxr-xr-x")
    assert _owned(system.DATABASE) == (OWNER, "-rw-------")


@needs_root
def test_every_user_reads_the_configuration_and_no_other_the_key(
    facecli: Facecli, machine: Any
) -> None:
    before = os.umask(0o077)  # as a careful root's
    try:
        assert _init(facecli).code == 0
    finally:
        os.umask(before)
    os.chmod(machine / "etc", 0o755)  # as /etc
    read = {
        path.name: subprocess.run(
            ["cat", path], user="daemon", group="daemon", extra_groups=[], capture_output=True
        )
        for path in (config.SYSTEM, system.KEY_FILE)
    }
    assert read["config.toml"].stdout == config.SYSTEM.read_bytes()
    assert (read["facecli.key"].returncode, read["facecli.key"].stdout) == (1, b"")


@needs_root
@pytest.mark.parametrize("act", ["add", "rotate", "restore", "restore-anew"])
def test_what_root_replaces_keeps_its_owner(facecli: Facecli, machine: Any, act: str) -> None:
    assert _init(facecli).code == 0
    keys = Path(f"{system.DATABASE}.keys")
    backups = machine / "backups"
    backups.mkdir(mode=0o700)
    backup, log = backups / "one.db", backups / "log.jsonl"

    def run(*words: Any) -> None:
        where = ["--no-input", "--db", system.DATABASE, "--key-file", system.KEY_FILE]
        done = facecli.bare(*where, *words)
        assert done.code == 0, done.err

    run("backup", "create", backup)
    run("log", "export", "--output", log)
    before = {path: path.stat().st_ino for path in (system.DATABASE, keys)}
    if act == "add":
        run("key", "add", "--label", "spare", "--new-key-file", backups / "spare.key")
    elif act == "rotate":
        run("key", "rotate")
    else:
        if act == "restore-anew":
            for path in before:
                path.rename(backups / f"lost-{path.name}")
        run("backup", "restore", backup, "--erasures", log)
    assert keys.stat().st_ino != before[keys]
    assert (system.DATABASE.stat().st_ino == before[system.DATABASE]) == (act == "add")
    assert _owned(system.DATABASE) == _owned(keys) == (OWNER, "-rw-------")
    assert _owned(backup) == ("root", "-rw-------")  # others' places make nothing theirs


@needs_root
def test_a_file_with_a_second_name_is_not_given_away(machine: Any) -> None:
    mine, second = machine / "mine", machine / "second"
    os.chown(machine / "etc", pwd.getpwnam(OWNER).pw_uid, -1)
    mine.touch()
    os.link(mine, second)
    with mine.open() as stream:
        newfile.owned_as(stream.fileno(), machine / "etc")
        assert _owned(mine)[0] == "root"
        second.unlink()
        newfile.owned_as(stream.fileno(), machine / "etc")
    assert _owned(mine)[0] == OWNER


@needs_root
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_file_that_is_put_in_the_databases_place_is_not_given_away(
    facecli: Facecli, machine: Any, link: Any
) -> None:
    assert _init(facecli).code == 0
    secret = machine / "secret"
    secret.write_text("root's own")
    system.DATABASE.unlink()
    link(secret, system.DATABASE)
    done = _init(facecli)
    assert done.code == 1
    assert str(system.DATABASE) in done.err
    assert _owned(secret)[0] == "root"


@needs_root
def test_other_places_can_be_named(facecli: Facecli, machine: Any) -> None:
    database, key = machine / "srv/faces.db", machine / "keys/faces.key"
    done = facecli.bare(
        "--no-input", "--db", database, "init", "--system", "--user", OWNER, "--key-file", key
    )
    assert done.code == 0, done.err
    assert _owned(database) == _owned(key) == (OWNER, "-rw-------")
    assert _owned(key.parent) == (OWNER, "drwx------")
    assert _owned(config.SYSTEM.parent) == ("root", "drwxr-xr-x")
    assert not system.KEY_FILE.exists()
    shown = facecli.bare("config", "show", "--format", "json").json()
    assert {one["setting"]: one["value"] for one in shown}["db"] == str(database)


@needs_root
def test_commands_then_work_as_they_are_typed(facecli: Facecli, machine: Any) -> None:
    assert _init(facecli).code == 0
    assert _owned(config.SYSTEM) == ("root", "-rw-r--r--")
    for command in (["status"], ["log", "export"], ["purge"], ["key", "rotate"]):
        done = facecli.bare("--no-input", *command)
        assert done.code == 0, done.err
    assert _owned(system.DATABASE) == (OWNER, "-rw-------")
    shown = facecli.bare("config", "show", "--format", "json").json()
    assert [(one["setting"], one["value"], one["source"]) for one in shown[:4]] == [
        ("config", str(config.SYSTEM), "default"),
        ("db", str(system.DATABASE), "config file"),
        ("lock_wait", "30", "default"),
        ("key", str(system.KEY_FILE), "config file"),
    ]


@needs_root
def test_a_configuration_that_is_named_counts_instead(
    facecli: Facecli, machine: Any, tmp_path: Path
) -> None:
    database, key = machine / "srv/faces.db", machine / "keys/faces.key"
    named = tmp_path / "config.toml"
    named.write_text(f'db = "{database}"\nkey_file = "{key}"\n')
    done = facecli.bare("--config", named, "--no-input", "init", "--system", "--user", OWNER)
    assert done.code == 0, done.err
    assert _owned(database) == _owned(key) == (OWNER, "-rw-------")
    assert not config.SYSTEM.exists()


@needs_root
def test_a_configuration_that_is_there_is_used_and_not_changed(
    facecli: Facecli, machine: Any
) -> None:
    database, key = machine / "srv/faces.db", machine / "keys/faces.key"
    config.SYSTEM.parent.mkdir(exist_ok=True)
    text = f'db = "{database}"\nkey_file = "{key}"\n'
    config.SYSTEM.write_text(text)
    assert _init(facecli).code == 0
    assert _owned(database) == _owned(key) == (OWNER, "-rw-------")
    config.SYSTEM.write_text("lock_wait = 5\n")
    done = _init(facecli)
    assert (done.code, config.SYSTEM.read_text()) == (0, "lock_wait = 5\n")
    assert f'add db = "{system.DATABASE}"' in done.err


@needs_root
@pytest.mark.parametrize("what", ["a file of root's", "a link"])
def test_a_folder_that_belongs_to_others_is_not_taken(
    facecli: Facecli, machine: Any, what: str
) -> None:
    folder = system.DATABASE.parent
    if what == "a link":
        (machine / "elsewhere").mkdir()
        folder.symlink_to(machine / "elsewhere")
    else:
        folder.mkdir()
        (folder / "precious").touch()
    before = _owned(folder)
    done = _init(facecli)
    assert done.code == 1
    assert str(folder) in done.err
    assert _owned(folder) == before
    assert not system.KEY_FILE.exists()


@needs_root
def test_a_key_beside_the_database_is_refused(facecli: Facecli, machine: Any) -> None:
    done = _init(facecli, "--key-file", system.DATABASE.with_name("facecli.key"))
    assert done.code == 1
    assert "beside the database" in done.err
    assert not system.DATABASE.parent.exists()


@needs_root
def test_a_user_that_is_none_is_refused_with_what_makes_one(facecli: Facecli, machine: Any) -> None:
    done = facecli.bare("--no-input", "init", "--system", "--user", "no-such-user")
    assert done.code == 1
    assert "useradd --system" in done.err
    assert not system.DATABASE.parent.exists()


def test_it_is_refused_to_anybody_but_root(
    facecli: Facecli, machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    done = facecli.bare("--no-input", "init", "--system")
    assert done.code == 1
    assert "sudo" in done.err
    assert not system.DATABASE.parent.exists()
