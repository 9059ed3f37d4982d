"""Memory for a gallery: what a search needs, and what this process may still take."""

from __future__ import annotations

import resource
from pathlib import Path

from facecli.errors.recognition import TooLittleMemory

A_TEMPLATE = 64
"""Bytes for a template that is read and forgotten: its place, its subject, and lists of them."""
BESIDE = 2**25
"""Bytes for one shard, its products with the probes, and what libraries take."""


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


def check(templates: int, free: int) -> None:
    """Check that a gallery of that size can be searched, before a template is read.

    Args:
        free: bytes (see `available`).

    Raises:
        TooLittleMemory: it cannot.
    """
    needed = templates * A_TEMPLATE + BESIDE
    if needed > free:
        raise TooLittleMemory(templates=templates, needed=_mb(needed), free=_mb(free))


def holds(templates: int, slot_bytes: int, free: int) -> bool:
    """Return True if this number of templates can be kept in memory beside all else.

    A block keeps its subjects, offsets and lengths too, 8 bytes each.
    """
    return templates * (slot_bytes + 3 * 8 + A_TEMPLATE) + BESIDE <= free


def _mb(size: int) -> int:
    return -(-size // 2**20)


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
