"""Processes that a test has started, as the kernel lists them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Return True unless the process has ended, also if nobody has waited for it yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def children() -> set[int]:
    """The processes that this one has started and not yet seen ended."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    return {int(pid) for pid in listed.split()}


def children_from_now_on() -> Callable[[], set[int]]:
    """A function that returns the children started after this call and not yet seen ended."""
    before = children()
    return lambda: children() - before


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, and theirs."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found |= {child} | descendants(child)
    return found


def holds(pid: int, mark: bytes) -> bool:
    """Return True if the memory that a process can write has these bytes in it."""
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights = line.split()[:2]
            first, end = (int(at, 16) for at in place.split("-"))
            with suppress(OSError):  # nothing is mapped there any more
                if rights.startswith("rw"):
                    memory.seek(first)
                    if mark in memory.read(end - first):
                        return True
    return False


def processor_seconds(pid: int) -> float:
    """Return the processor seconds that a process has used so far, in its own name."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def peak_memory(pid: int) -> int:
    """Return the most bytes of memory that a process has held so far; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
