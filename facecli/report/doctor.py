"""Is everything in order? All checks, in the order in which they are shown. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from facecli.keys.sources import KeySource
from facecli.report.checks import database, files, machine, models, schedule
from facecli.report.findings import Finding
from facecli.store.database import Database


def outside(path: Path, source: KeySource | None, root: Path, home: Path) -> Iterator[Finding]:
    """What can be checked without opening the database at `path`.

    Args:
        source: where the key is taken from, None if nothing names it.
        root, home: where the file system and the user's own files begin.
    """
    yield from files.check(path, source)
    yield from models.shipped()
    yield from schedule.check(root, home)
    yield machine.disk(path)
    yield machine.cameras(root)


def inside(db: Database, now: str, *, quick: bool) -> Iterator[Finding]:
    """What can be checked in an open database.

    Args:
        quick: do not read every page.

    Raises:
        PageDamaged: a page is not as it was written.
    """
    yield from database.state(db, now)
    yield from models.of_database(db)
    if not quick:
        yield database.pages(db)
