"""SIGKILL at random moments: the database opens, nobody is half erased, the next run finishes."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from facecli.store import copies
from tests.faults.commands import COMMANDS, EVERYBODY, arguments, finish, prepare
from tests.faults.worlds import NEWCOMERS, TIMES, World, enrol
from tests.kills import kills


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_killed_at_any_moment_is_finished_by_the_next(
    world: World, tmp_path: Path, chance: random.Random, name: Any
) -> None:
    prepare(name, world)
    prepared = world.move(tmp_path / "prepared")

    def start() -> Any:
        trial = prepared.copy(world.folder)
        return trial, trial.child(*arguments(name, trial))

    with kills(world.folder, start()[1], chance) as killing:
        for _ in killing.attempts(TIMES):
            trial, pid = start()
            killing.kill(pid)
            finish(name, trial)


def test_enrolling_that_is_killed_leaves_whole_people(
    world: World, tmp_path: Path, chance: random.Random
) -> None:
    """What an enrolment stores: subject, consent, template and its vector, in one act each."""

    def start() -> Any:
        trial = world.copy(tmp_path / "trial")
        pid = os.fork()
        if pid:
            return trial, pid
        try:
            enrol(trial)
            os._exit(0)
        finally:
            os._exit(99)

    with kills(tmp_path / "trial", start()[1], chance) as killing:
        for _ in killing.attempts(TIMES):
            trial, pid = start()
            killing.kill(pid)
            enrolled = trial.check(matched=False) - EVERYBODY
            assert enrolled == {f"N-{number:02}" for number in range(len(enrolled))}
            enrol(trial)
            assert len(trial.check(matched=False) - EVERYBODY) == NEWCOMERS


def test_a_leftover_copy_is_removed_by_whoever_comes_next(world: World) -> None:
    partial = copies.partial(world.db)
    partial.write_bytes(b"left by a crash")
    partial.chmod(0o600)
    assert world.run("key", "rotate") == 0
    assert world.check() == EVERYBODY
