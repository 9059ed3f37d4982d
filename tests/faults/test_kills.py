"""SIGKILL at random moments: the database opens, nobody is half erased, the next run finishes."""

from __future__ import annotations

import os

import pytest

from facecli.keys import slots
from facecli.store import copies
from tests.faults.worlds import NEWCOMERS, TIMES, duration, enrol, kill_after

EVERYBODY = {f"P-{number:02}" for number in range(1, 30)}
COMMANDS = {
    "rotate": ["key", "rotate"],
    "add": ["key", "add", "--label", "second", "--new-key-file", "{folder}/second.key"],
    "backup": ["backup", "create", "{folder}/new.db"],
    "restore": ["backup", "restore", "{folder}/kept.db"],
    "revoke": ["revoke", *(f"P-{number:02}" for number in range(1, 20)), "--yes"],
    "purge": ["purge", "--max-fraction", "1"],
}
LEAVES = {
    "revoke": EVERYBODY - {f"P-{number:02}" for number in range(1, 20)},
    "purge": set(),
}


def _arguments(name, world):
    return [argument.format(folder=world.folder) for argument in COMMANDS[name]]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_killed_at_any_moment_is_finished_by_the_next(
    world, tmp_path, chance, name
):
    if name == "purge":
        assert world.run("purpose", "retire", "gate") == 0
    trial = world.copy(tmp_path / "trial")
    length = duration(lambda: trial.child(*_arguments(name, trial)))
    for _ in range(TIMES):
        trial = world.copy(tmp_path / "trial")
        pid = trial.child(*_arguments(name, trial))
        kill_after(pid, chance.uniform(0, 1.2 * length))
        left = trial.check()
        after = LEAVES.get(name, EVERYBODY)
        assert left in (EVERYBODY, after), "some are erased, and the command is all or nothing"
        _finish(name, trial, left)
        assert trial.check() == after
        files = {path.name for path in trial.folder.iterdir()}
        assert not any(name.endswith((".partial", "-journal")) for name in files)


def _finish(name, trial, left):
    """The next run of the same command does what the first one did not."""
    done = {
        "rotate": lambda: False,
        "add": lambda: "second" in (slot.label for slot in slots.read(trial.db).slots),
        "backup": lambda: (trial.folder / "new.db").exists(),
        "restore": lambda: (
            (trial.folder / "facecli.db.before-restore").exists()
            and not (trial.folder / "facecli.db.before-restore").samefile(trial.db)
        ),
        "revoke": lambda: left != EVERYBODY,
        "purge": lambda: False,
    }[name]()
    if not done:
        assert trial.run(*_arguments(name, trial)) == 0
    if name == "backup":
        assert trial.run("backup", "verify", trial.folder / "new.db", "--format", "json") == 0


def test_enrolling_that_is_killed_leaves_whole_people(world, tmp_path, chance):
    """What an enrolment stores: subject, consent, template and its vector, in one act each."""

    def start(trial):
        pid = os.fork()
        if pid:
            return pid
        try:
            enrol(trial)
            os._exit(0)
        finally:
            os._exit(99)

    trial = world.copy(tmp_path / "trial")
    length = duration(lambda: start(trial))
    for _ in range(TIMES):
        trial = world.copy(tmp_path / "trial")
        kill_after(start(trial), chance.uniform(0, 1.2 * length))
        enrolled = trial.check(matched=False) - EVERYBODY
        assert enrolled == {f"N-{number:02}" for number in range(len(enrolled))}
        enrol(trial)
        assert len(trial.check(matched=False) - EVERYBODY) == NEWCOMERS


def test_a_leftover_copy_is_removed_by_whoever_comes_next(world):
    partial = copies.partial(world.db)
    partial.write_bytes(b"left by a crash")
    partial.chmod(0o600)
    assert world.run("key", "rotate") == 0
    assert world.check() == EVERYBODY
