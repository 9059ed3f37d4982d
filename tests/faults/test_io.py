"""Each call to write, sync, cut, rename or remove fails once: nothing is lost or half done.

strace lets the K-th call of a kind fail with ENOSPC or EIO, in a process of its own. In `make
test` a few of them are tried, in `make test-io-faults` every one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from tests.faults.commands import COMMANDS, LEFTOVERS, arguments, finish, prepare

ALL = bool(os.environ.get("FACECLI_IO_FAULTS"))
A_FEW = 2
CALLS = (
    "write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,link,linkat"
)
WRITING = ("write", "pwrite64", "ftruncate", "link", "linkat")  # these may find the disk full


def _strace(*options, command, where=None):
    return subprocess.run(
        ["strace", "-f", "--seccomp-bpf", *map(str, options), "--", *map(str, command)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=where,
    )


def _may_trace():
    return shutil.which("strace") and _strace("-o", os.devnull, command=["true"]).returncode == 0


pytestmark = pytest.mark.skipif(
    not _may_trace(), reason="needs the Debian package strace, and the right to trace a process"
)


def _command(name, world):
    return [sys.executable, "-m", "facecli", *world.globals, *arguments(name, world)]


def _calls(name, world, file):
    """How many calls of each kind the command makes."""
    done = _strace("-o", file, "-e", f"trace={CALLS}", command=_command(name, world))
    assert done.returncode == 0, done.stderr
    return Counter(re.findall(r"^\d+ +(\w+)\(", file.read_text(), re.MULTILINE))


def _faults(calls):
    return [
        (call, number, error)
        for call, count in sorted(calls.items())
        for number in range(1, count + 1)
        for error in (("ENOSPC", "EIO") if call in WRITING else ("EIO",))
    ]


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "add"])
def test_a_call_that_fails_loses_nothing_and_the_next_run_finishes(world, tmp_path, chance, name):
    prepare(name, world)
    calls = _calls(name, world.copy(tmp_path / "trial"), tmp_path / "trace")
    faults = _faults(calls)
    failed = 0
    for call, number, error in faults if ALL else chance.sample(faults, A_FEW):
        trial = world.copy(tmp_path / "trial")
        inject = f"inject={call}:error={error}:when={number}"
        done = _strace(
            *("-o", tmp_path / "trace", "-e", f"trace={call}", "-e", inject),
            command=_command(name, trial),
        )
        failed += done.returncode != 0
        assert done.returncode in (0, 74), (name, inject, done.returncode, done.stderr)
        assert b"Traceback" not in done.stderr, (name, inject, done.stderr)
        try:
            # A copy of the slots whose removal fails stays; it holds what the slots hold.
            finish(name, trial, LEFTOVERS[:2] if call == "unlink" else LEFTOVERS)
        except BaseException as problem:
            raise AssertionError(f"{name} after {inject}: {done.stderr!r}") from problem
    if ALL:
        print(f"{name}: {len(faults)} faults, {failed} commands failed")
