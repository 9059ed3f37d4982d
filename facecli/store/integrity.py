"""Check that the pages of a database are authentic and fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from facecli.errors.base import FacecliError
from facecli.errors.store import PageDamaged
from facecli.store.background import InBackground
from facecli.store.database import Database

PAGES = "PRAGMA cipher_integrity_check"
STRUCTURE = "PRAGMA integrity_check(1)"


class _Fits(NamedTuple):
    """True for pages that fit their authentication codes, and for pages that fit each other."""

    pages: bool
    structure: bool


def check_pages(db: Database) -> None:
    """Check every page's authentication code.

    Raises:
        PageDamaged: one does not fit.
    """
    if db.rows(PAGES):
        raise PageDamaged(path=db.path)


def check_structure(db: Database) -> None:
    """Check that pages fit each other, and indexes their tables.

    Raises:
        PageDamaged: they do not, as after an old page was put back.
    """
    db.enlarge_cache()
    if [row[0] for row in db.rows(STRUCTURE)] != ["ok"]:
        raise PageDamaged(path=db.path)


@contextmanager
def checked_meanwhile(db: Database) -> Iterator[None]:
    """Do both checks in another thread while the block reads something else.

    Raises:
        PageDamaged: a check failed. If the block fails too, its own error is raised, unless a
            page's authentication code does not fit.
    """
    cache_kib = db.large_cache_kib()  # asked in the connection's own thread
    check = InBackground(lambda: _check(db, cache_kib))
    try:
        yield
    except FacecliError:
        if not check.result().pages:
            raise PageDamaged(path=db.path) from None
        raise
    finally:
        check.join()
    if not all(check.result()):
        raise PageDamaged(path=db.path)


def _check(db: Database, cache_kib: int) -> _Fits:
    """Do both checks on a connection of their own, which another thread needs."""
    with db.another_reader(cache_kib) as read:
        return _Fits(not read(PAGES), read(STRUCTURE) == [("ok",)])
