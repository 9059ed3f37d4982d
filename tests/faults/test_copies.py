"""Copies where others are at work on them, or where nothing can be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from facecli.cli.session import Settings, session
from facecli.erasure.copies import known
from tests.faults.commands import EVERYBODY, SOME, WITH_THE_ERASED
from tests.faults.worlds import World

READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
ALONE = ["unshare", "--map-root-user", "--mount", "sh", "-c", READ_ONLY, "-"]


def command(world: World, *arguments: object) -> list[str]:
    return [sys.executable, "-m", "facecli", *world.globals, *map(str, arguments)]


def together(world: World, *commands: list[object]) -> list[int]:
    """The exit codes of commands that run at the same time."""
    running = [
        subprocess.Popen(command(world, *one), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for one in commands
    ]
    return [process.wait(60) for process in running]


def behind(world: World) -> set[str]:
    """The names of the copies that the database takes to hold erased people."""
    with session(Settings(world.db, {"key_file": str(world.key)}, no_input=True), "test") as found:
        return {copy.path.name for copy, _ in known.behind(found.db)}


def test_two_who_erase_in_a_copy_at_once_erase_once(world: World) -> None:
    assert together(world, *[["backup", "erase", world.backup]] * 2) == [0, 0]
    assert world.people_in(world.backup) == EVERYBODY
    assert behind(world) == set()
    settings = Settings(world.db, {"key_file": str(world.key)}, no_input=True)
    with session(settings, "test") as opened:
        erased = opened.db.tuples(
            "SELECT record ->> '$.details.subjects' FROM audit_entry"
            " WHERE record ->> '$.action' = 'backup.erase'"
        )
    assert sum(number for (number,) in erased) == 1


def test_a_backup_made_while_people_are_erased_has_all_or_none_of_them(world: World) -> None:
    new = world.folder / "new.db"
    revoking: list[object] = ["revoke", *SOME, "--yes"]
    assert together(world, revoking, ["backup", "create", new]) == [0, 0]
    people, after = world.people_in(new), EVERYBODY - set(SOME)
    assert people in (EVERYBODY, after)
    assert people == after or new.name in behind(world)
    assert world.run("backup", "erase", world.folder) == 0
    assert world.people_in(new) == world.people_in(world.backup) == after
    assert behind(world) == set()


@pytest.fixture
def read_only(world: World) -> Callable[..., Any]:
    """Runs a command to which the folder of the copies is a disk that is mounted read-only."""
    disk = world.folder / "disk"
    disk.mkdir(mode=0o700)
    for path in (world.backup, world.backup.with_name(f"{world.backup.name}.keys")):
        path.rename(disk / path.name)
    world.backup = disk / world.backup.name
    if (
        shutil.which("unshare") is None
        or subprocess.run([*ALONE, disk, "true"], stderr=subprocess.DEVNULL, check=False).returncode
    ):
        pytest.skip("needs the right to mount in a namespace of its own")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ALONE, disk, *command(world, *arguments)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.rule("copies-are-held-data")
def test_a_copy_on_a_read_only_disk_is_named_until_it_can_be_written(
    world: World, read_only: Callable[..., Any]
) -> None:
    disk = world.backup.parent
    before = world.backup.read_bytes()
    for arguments, code in (
        (["backup", "list", disk], 0),
        (["backup", "verify", world.backup], 0),
        (["backup", "erase", disk], 3),
        (["backup", "erase", world.backup], 74),
        (["purge", "--backups", disk], 3),
        (["backup", "create", disk], 74),
    ):
        done = read_only(*arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
        if code == 3:
            assert f"Not reached: {world.backup}" in done.stderr
            assert "mount it for writing" in done.stderr
    assert world.backup.read_bytes() == before
    assert world.people_in(world.backup) == WITH_THE_ERASED
    assert behind(world) == {world.backup.name}
    assert world.run("backup", "erase", disk) == 0
    assert world.people_in(world.backup) == EVERYBODY
