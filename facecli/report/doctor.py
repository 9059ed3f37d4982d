"""All checks of `facecli doctor`, in the order of its report. They change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from facecli.keys.sources import KeySource
from facecli.report.checks import (
    backups,
    database,
    files,
    machine,
    models,
    schedule,
    thresholds,
)
from facecli.report.findings import Finding
from facecli.store.database import Database


def outside(path: Path, source: KeySource | None, root: Path, home: Path) -> Iterator[Finding]:
    """Run the checks that need no open database.

    Args:
        path: the database.
        source: the source of the key, or None if nothing names one.
        root: the root of the file system.
        home: the user's home folder.
    """
    yield from files.check(path, source)
    yield from models.shipped()
    yield from schedule.check(root, home)
    yield machine.disk(path)
    yield machine.sandbox()
    yield machine.videos()
    yield machine.cameras(root)


def inside(
    db: Database, now: str, *, quick: bool, budget: float | None = None
) -> Iterator[Finding]:
    """Run the checks of an open database.

    Args:
        quick: skip the check that reads every page.
        budget: seconds to check pages for, from the remembered place on; None: check all.

    Raises:
        PageDamaged: a page was changed after it was written.
    """
    yield from database.state(db, now)
    yield from backups.check(db, now)
    yield from models.of_database(db)
    yield from thresholds.of_database(db)
    if quick:
        return
    yield database.pages(db) if budget is None else database.some_pages(db, now, budget)
    yield database.templates(db)
