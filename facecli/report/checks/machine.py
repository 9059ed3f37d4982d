"""Checks of the machine: disk space, hooks, cameras, and the means to confine decoders."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from facecli.capture.ffmpeg_memory import is_bounded
from facecli.errors.base import FacecliError
from facecli.report.checks.files import WRITABLE
from facecli.report.checks.hook_scripts import script_of
from facecli.report.findings import Finding, error, failed, ok, warning
from facecli.workers.process import MEMORY_LIMIT
from facecli.workers.trial import confinement_here

LEAST = 64 * 2**20
"""Free bytes below which an enrolment or an export may fail."""


def disk(path: Path) -> Finding:
    """Check the room for the database to grow, and for the copy of a rotation or a backup."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    folder = next(one for one in path.absolute().parents if os.path.isdir(one))
    space = os.statvfs(folder)
    free = space.f_bavail * space.f_frsize
    found = f"{_mib(free)} free in {folder}, the database has {_mib(size)}"
    if free < LEAST:
        return error("disk", f"{found}.", f"Free at least {_mib(LEAST)}.")
    if free < size + LEAST:
        return warning(
            "disk",
            f"{found}. A copy of it does not fit.",
            "Free some space. `key rotate`, `backup restore` and a backup need that size again.",
        )
    return ok("disk", found)


def sandbox() -> Finding:
    """Check how this kernel confines the workers that decode images."""
    try:
        found = confinement_here()
    except FacecliError as why:
        return failed("sandbox", why)
    if found.lacks:
        return warning("sandbox", f"{found.lacks}.", "Use a kernel with Landlock and seccomp.")
    return ok("sandbox", f"decoders are confined by seccomp and Landlock {found.landlock}")


def videos() -> Finding:
    """Check that the memory of decoders of video can be bounded."""
    try:
        bounded = is_bounded()
    except FacecliError as why:
        return failed("videos", why)
    if not bounded:
        return warning(
            "videos",
            "FFmpeg is linked into this OpenCV, so its memory for a packet has no bound of its "
            f"own: the limit of a worker, {_mib(MEMORY_LIMIT)}, ends it.",
            "Install opencv-python from PyPI, whose FFmpeg is a library of its own.",
        )
    return ok("videos", "a packet of a video or stream takes a bounded part of the memory")


def hook(setting: str, words: Sequence[str]) -> Finding:
    """Check that the program of a hook can be run, and that others cannot change it or its script.

    Args:
        words: the program and its arguments.
    """
    program, script = Path(words[0]), script_of(words)
    if not (os.path.isfile(program) and os.access(program, os.X_OK)):
        return _unusable(setting, f"{program}, which this user cannot run")
    if script is not None and not os.path.isabs(script):
        return _unusable(setting, f"the script {script} without its whole path")
    if script is not None and not (os.path.isfile(script) and os.access(script, os.R_OK)):
        return _unusable(setting, f"the script {script}, which this user cannot read")
    for file in (program, *([Path(script)] if script is not None else [])):
        if changeable := _changeable(file):
            place, remedy = changeable
            return warning(
                "hook",
                f"{setting} names {file}, and other users can change {place}. It runs with your "
                "rights.",
                remedy,
            )
    return ok("hook", f"{setting}: {program}" + (f" {script}" if script is not None else ""))


def _unusable(setting: str, what: str) -> Finding:
    return warning(
        "hook",
        f"{setting} names {what}. Nobody would be told.",
        "Correct the configuration; `facecli config show` names it.",
    )


def _changeable(program: Path) -> tuple[Path, str] | None:
    """Return a file or folder by which others can replace the program, with the remedy, or None.

    Whoever can write a folder can replace what is in it, unless it is one like /tmp.
    """
    real = program.resolve()
    for place in dict.fromkeys((real, *real.parents, *program.absolute().parents)):
        status = place.stat()
        sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
        if status.st_mode & WRITABLE and not sticky:
            return place, f"Run `chmod go-w {place}`."
        if status.st_uid not in (0, os.geteuid()):
            return place, f"Run `chown root {place}` as root, or name a program of your own."
    return None


def cameras(root: Path) -> Finding:
    """List the video devices, and check that this user can open them."""
    found = sorted((root / "dev").glob("video[0-9]*"), key=lambda one: (len(one.name), one.name))
    names = ", ".join(f"/dev/{one.name}" for one in found)
    closed = [one for one in found if not os.access(one, os.R_OK | os.W_OK)]
    if closed:
        return warning(
            "cameras",
            f"{names}; this user may not open {', '.join(f'/dev/{one.name}' for one in closed)}.",
            "Run `usermod -aG video USER` for the user who enrols at a camera.",
        )
    return ok("cameras", names or "no video device; images come from files or URLs")


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"
