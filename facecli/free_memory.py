"""The memory that this process may still take."""

from __future__ import annotations

import resource
from pathlib import Path


def available(root: Path = Path("/")) -> int:
    """Return the bytes of memory that this process may still take.

    The least of what the machine has to give, of the limit of the process's control group, and of
    its own limit. Files that the kernel keeps in memory for a group count as free: it gives their
    memory back when the group needs it.

    Args:
        root: the root of the file system.
    """
    found = [_kilobytes(root / "proc/meminfo", "MemAvailable:")]
    group = root / "sys/fs/cgroup"
    limit, used = (_number(group / f"memory.{name}") for name in ("max", "current"))
    if limit is not None and used is not None:
        kept = _field(group / "memory.stat", "inactive_file") or 0
        found.append(max(limit - used + kept, 0))
    own = address_limit()
    if own is not None:
        taken = _kilobytes(root / "proc/self/status", "VmSize:")
        found.append(max(own - (taken or 0), 0))
    return min((one for one in found if one is not None), default=2**63)


def address_limit() -> int | None:
    """Return the bytes of address space that a process may have (`ulimit -v`), None for no limit.

    Worker processes inherit it.
    """
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _kilobytes(path: Path, name: str) -> int | None:
    """Return the number of bytes that a file of `NAME: NUMBER kB` lines states, or None."""
    number = _field(path, name)
    return None if number is None else number * 1024


def _field(path: Path, name: str) -> int | None:
    """Return the number after a name that begins a line of a file, or None."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for words in map(str.split, lines):
        if words[0] == name:
            return int(words[1])
    return None


def _number(path: Path) -> int | None:
    """Return the number in a file; None if there is no file, or `max` in it."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
