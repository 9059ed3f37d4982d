"""Memory for a gallery: what a search needs, and what fits into what is free."""

from __future__ import annotations

from facecli.errors.recognition import TooLittleMemory

A_TEMPLATE = 64
"""Bytes for a template that is read and forgotten: its place, its subject, and lists of them."""
BESIDE = 2**25
"""Bytes for one shard, its products with the probes, and what libraries take."""


def check(templates: int, free: int) -> None:
    """Check that a gallery of that size can be searched, before a template is read.

    Args:
        free: bytes (see `free_memory.available`).

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
