"""A disk that is full in any phase (no file may grow over a limit): nothing is lost, said with 74.

The limits go from nothing, where not even the slots file can be written, to just below what the
command needs, so that each of its phases fails once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from facecli.keys import slots
from facecli.store.files import PAGE_SIZE
from tests.faults.commands import COMMANDS, EVERYBODY, LEAVES, arguments, prepare
from tests.faults.worlds import TIMES, World

LIMITS = 4 if TIMES < 10 else 40


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_changes_nothing_and_the_next_run_finishes(
    world: World, tmp_path: Path, name: Any
) -> None:
    prepare(name, world)
    prepared = world.move(tmp_path / "prepared")
    size = prepared.db.stat().st_size
    step = max(PAGE_SIZE, size // LIMITS)
    failed = 0
    for limit in [0, 700, *range(PAGE_SIZE, size + 2 * step, step)]:
        trial = prepared.copy(world.folder)
        before = slots.slots_path(trial.db).read_bytes()
        pid = trial.child(*arguments(name, trial), limit=limit)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert code in (0, 74), (limit, code)
        after = LEAVES.get(name, EVERYBODY)
        if code == 74:
            failed += 1
            assert trial.check() == EVERYBODY
            if name in ("backup", "revoke", "purge"):
                assert slots.slots_path(trial.db).read_bytes() == before
            assert trial.run(*arguments(name, trial)) == 0, limit
        assert trial.check() == after
        assert not any(path.name.endswith(".partial") for path in trial.folder.iterdir())
    assert failed >= 2
