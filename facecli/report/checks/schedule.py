"""Checks of the schedule: the timers and cron lines that run facecli.

They read the files of systemd and cron: unit folders, /etc/crontab, /etc/cron.d, the folders of
hourly to monthly scripts, and users' crontabs. They ask no program, so they work where neither
runs. They miss a script that calls facecli under another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from facecli.report.findings import Finding, ok, warning

JOBS = {
    "purge": re.compile(r"\bfacecli\b.*\spurge\b"),
    "export": re.compile(r"\bfacecli\b.*\slog\s+export\b"),
}
COMMANDS = {"purge": "`facecli purge`", "export": "`facecli log export`"}
EXAMPLES = {"purge": "facecli-purge", "export": "facecli-export"}
UNITS = (
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
)
CRON = (
    "etc/crontab",
    "etc/cron.d/*",
    "etc/cron.hourly/*",
    "etc/cron.daily/*",
    "etc/cron.weekly/*",
    "etc/cron.monthly/*",
    "var/spool/cron/*",
    "var/spool/cron/crontabs/*",
)


@dataclass
class Found:
    """The units and cron files that run a job, disabled timers, and unreadable files."""

    running: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)


def check(root: Path, home: Path) -> Iterator[Finding]:
    """Check each job that must run every night.

    Args:
        root: the root of the file system.
        home: the user's home folder, which may have units of its own.
    """
    folders = [root / name for name in UNITS] + [home / ".config/systemd/user"]
    for job, pattern in JOBS.items():
        found = Found()
        _units(folders, pattern, found)
        _cron(root, pattern, found)
        yield _finding(job, found)


def _units(folders: list[Path], pattern: re.Pattern[str], found: Found) -> None:
    enabled = {link.name for folder in folders for link in _glob(folder, "*.wants/*.timer", found)}
    for folder in folders:
        for service in _glob(folder, "*.service", found):
            if _mentions(service, pattern, found):
                timer = f"{service.stem}.timer"
                (found.running if timer in enabled else found.idle).append(timer)


def _cron(root: Path, pattern: re.Pattern[str], found: Found) -> None:
    for name in CRON:
        folder, _, last = name.rpartition("/")
        for path in _glob(root / folder, last, found):
            if path.is_file() and _mentions(path, pattern, found):
                found.running.append(f"/{path.relative_to(root)}")


def _glob(folder: Path, pattern: str, found: Found) -> list[Path]:
    try:
        if folder.is_dir():
            next(folder.iterdir(), None)  # a glob does not report a folder it cannot read
        return sorted(folder.glob(pattern))
    except OSError:
        found.unreadable.add(str(folder))
        return []


def _mentions(path: Path, pattern: re.Pattern[str], found: Found) -> bool:
    """Return True if a line that is not a comment runs the job. A `\\` continues a line."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        found.unreadable.add(str(path))
        return False
    lines = text.replace("\\\n", " ").splitlines()
    return any(pattern.search(line) for line in lines if not line.lstrip().startswith(("#", ";")))


def _finding(job: str, found: Found) -> Finding:
    check = f"schedule-{job}"
    if found.running:
        return ok(check, f"run by {', '.join(sorted(set(found.running)))}")
    unread = "".join(f" {one} could not be read." for one in sorted(found.unreadable))
    if found.idle:
        timer = found.idle[0]
        return warning(
            check,
            f"{timer.removesuffix('.timer')}.service exists, but {timer} is not enabled.{unread}",
            f"Run `systemctl enable --now {timer}`.",
        )
    return warning(
        check,
        f"No timer or cron line runs {COMMANDS[job]}.{unread}",
        f"Install the example {EXAMPLES[job]}.timer or {EXAMPLES[job]}.cron.",
    )
