"""The memory that this process may still take."""

from __future__ import annotations

import resource
from pathlib import Path


def available(root: Path = Path("/")) -> int:
    """Return the bytes of memory that this process may still take.

    The least of what the machine has to give, of the limit of the process's control group, and of
    its own limit.

    Args:
        root: the root of the file system.
    """
    found = [_kilobytes(root / "proc/meminfo", "MemAvailable:")]
    group = root / "sys/fs/cgroup"
    limit, used = (_number(group / f"memory.{name}") for name in ("max", "current"))
    if limit is not None and used is not None:
        found.append(max(limit - used, 0))
    own = resource.getrlimit(resource.RLIMIT_AS)[0]
    if own != resource.RLIM_INFINITY:
        taken = _kilobytes(root / "proc/self/status", "VmSize:")
        found.append(max(own - (taken or 0), 0))
    return min((one for one in found if one is not None), default=2**63)


def _kilobytes(path: Path, name: str) -> int | None:
    """Return the number of bytes that a file of `NAME: NUMBER kB` lines states, or None."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return None


def _number(path: Path) -> int | None:
    """Return the number in a file; None if there is no file, or `max` in it."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
