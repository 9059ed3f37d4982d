"""Running a command under strace, which counts its calls and lets the K-th of a kind go wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.worlds import World

CALLS = (
    "write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,link,linkat"
)


def _strace(*options: object, command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["strace", "-f", *map(str, options), "--", *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def _may_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return _strace("-o", os.devnull, command=["true"]).returncode == 0


needs_strace = pytest.mark.skipif(
    not _may_trace(), reason="needs the Debian package strace, and the right to trace a process"
)


def _command(world: World, arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "facecli", *world.globals, *arguments]


def calls(world: World, arguments: list[str], file: Path) -> Counter[str]:
    """How many calls of each kind in `CALLS` the command makes. `file` takes the trace."""
    traced = ("--seccomp-bpf", "-o", file, "-e", f"trace={CALLS}")
    done = _strace(*traced, command=_command(world, arguments))
    assert done.returncode == 0, done.stderr
    return Counter(re.findall(r"^\d+ +(\w+)\(", file.read_text(), re.MULTILINE))


def fail_calls(arguments: list[str], call: str, fault: str) -> subprocess.CompletedProcess[bytes]:
    """Run facecli, and let every call of a kind go wrong."""
    command = [sys.executable, "-m", "facecli", *arguments]
    return _strace(
        "--seccomp-bpf", "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:{fault}",
        command=command,
    )  # fmt: skip


def run(
    world: World, arguments: list[str], call: str, number: int, fault: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command, and let something happen at its `number`-th call of that kind.

    Args:
        fault: `error=EIO` lets the call fail, `signal=KILL` kills the process there.
    """
    inject = f"inject={call}:{fault}:when={number}"
    command = _command(world, arguments)
    # With this strace is quicker, and (6.1) delivers no signals.
    quick = [] if fault.startswith("signal") else ["--seccomp-bpf"]
    return _strace(*quick, "-o", os.devnull, "-e", f"trace={call}", "-e", inject, command=command)
