"""Checks of the machine: free disk, cameras."""

from __future__ import annotations

import os
from pathlib import Path

from facecli.report.findings import Finding, error, ok, warning

LEAST = 64 * 2**20
"""Bytes below which an enrolment or an export may fail any day."""


def disk(path: Path) -> Finding:
    """Is there room for the database to grow, and for the copy that a rotation or backup makes?"""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    folder = next(one for one in path.absolute().parents if one.is_dir())
    space = os.statvfs(folder)
    free = space.f_bavail * space.f_frsize
    found = f"{_mib(free)} free in {folder}, the database has {_mib(size)}"
    if free < LEAST:
        return error("disk", f"{found}.", f"Free at least {_mib(LEAST)}.")
    if free < size + LEAST:
        return warning(
            "disk",
            f"{found}: not enough for a copy of it.",
            "Free some space: `key rotate`, `backup restore` and a backup need the size once more.",
        )
    return ok("disk", found)


def cameras(root: Path) -> Finding:
    """Which video devices there are, and may this user read them?"""
    found = sorted((root / "dev").glob("video[0-9]*"), key=lambda one: (len(one.name), one.name))
    names = ", ".join(f"/dev/{one.name}" for one in found)
    closed = [one for one in found if not os.access(one, os.R_OK | os.W_OK)]
    if closed:
        return warning(
            "cameras",
            f"{names}; this user may not open {', '.join(f'/dev/{one.name}' for one in closed)}.",
            "Run `usermod -aG video USER` for who enrols at a camera.",
        )
    return ok("cameras", names or "no video device; pictures come from files or from URLs")


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"
