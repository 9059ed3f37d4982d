"""Each call to write, sync, cut, rename or remove fails once, or is the last before a SIGKILL.

Nothing is lost or half done, and the next run finishes. In `make test` a few of the faults are
tried, in `make test-io-faults` every one.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.faults import tracing
from tests.faults.commands import COMMANDS, arguments, finish, prepare
from tests.faults.worlds import World

ALL = bool(os.environ.get("FACECLI_IO_FAULTS"))
A_FEW = 2
WRITING = ("write", "pwrite64", "ftruncate", "link", "linkat")  # these may find the disk full
KILLED = -9


def _faults(calls: Any) -> list[Any]:
    return [
        (call, number, fault)
        for call, count in sorted(calls.items())
        for number in range(1, count + 1)
        for fault in ("error=ENOSPC", "error=EIO", "signal=KILL")
        if fault != "error=ENOSPC" or call in WRITING
    ]


@tracing.needs_strace
@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "add"])
def test_a_call_that_fails_loses_nothing_and_the_next_run_finishes(
    world: World, tmp_path: Path, chance: random.Random, name: Any
) -> None:
    prepare(name, world)
    prepared = world.move(tmp_path / "prepared")
    trial = prepared.copy(world.folder)
    faults = _faults(tracing.calls(trial, arguments(name, trial), tmp_path / "trace"))
    failed = killed = 0
    for call, number, fault in faults if ALL else chance.sample(faults, A_FEW):
        trial = prepared.copy(world.folder)
        done = tracing.run(trial, arguments(name, trial), call, number, fault)
        what = (name, call, number, fault, done.returncode, done.stderr)
        codes = (0, 3, 74, 75) if "backups" in name or name == "prune" else (0, 74, 75)
        assert done.returncode in ((0, KILLED) if fault == "signal=KILL" else codes), what
        assert b"Traceback" not in done.stderr, what
        failed += done.returncode in (3, 74, 75)
        killed += done.returncode == KILLED
        try:
            finish(name, trial)
        except BaseException as problem:
            raise AssertionError(what) from problem
    if ALL:
        print(f"\n{name}: {len(faults)} faults, {failed} failed, {killed} killed, nothing lost")
