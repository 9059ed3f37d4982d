"""A check of every page in parts: some each night, from where the last one ended.

The place is kept in the database, by the file that it belongs to: its first bytes and its inode. A
rotation or a restore puts another file in its place, and the check begins anew.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from facecli.errors.base import FacecliError
from facecli.errors.store import PageDamaged
from facecli.steps import counting
from facecli.store import meta
from facecli.store.database import Database

NAME = "pages_checked"  # in `meta`
AT_ONCE = 256  # pages, 4 MiB: a writer waits for them, and for no more


@dataclass(frozen=True)
class Place:
    """The place of a check.

    file: of the checked file. next_page: the page to begin with. began_at: when the present round
    began. complete_at: when the last whole round ended, or None.
    """

    file: str
    next_page: int
    began_at: str
    complete_at: str | None


@dataclass(frozen=True)
class Part:
    """The pages that a run has checked, `first` to `last` of `pages`, and the place after it."""

    first: int
    last: int
    pages: int
    place: Place


def check(db: Database, now: str, seconds: float) -> Part:
    """Check pages until the time is over, but at least a few, and remember the place.

    An interruption keeps what was checked until then.

    Raises:
        PageDamaged: a page was changed after it was written. The place stays before it.
    """
    place = _place(db, now)
    first = page = place.next_page
    end = time.monotonic() + seconds
    pages = db.pages()
    try:
        with counting("page", pages - first + 1) as step:
            while page <= pages:
                done = _check_some(db, page)
                step(done)
                page += done
                if time.monotonic() >= end:
                    break
    except BaseException:
        with suppress(FacecliError):  # a damaged database may not be writable
            _keep(db, replace(place, next_page=page))
        raise
    after = Place(place.file, 1, now, now) if page > pages else replace(place, next_page=page)
    _keep(db, after)
    return Part(first, page - 1, pages, after)


def _keep(db: Database, place: Place) -> None:
    with db.transaction():
        meta.put(db, NAME, json.dumps(asdict(place)))


def _place(db: Database, now: str) -> Place:
    """Return where to begin: after the last part, or at page 1 of a file that is another."""
    kept = meta.find(db, NAME)
    found = Place(**json.loads(kept)) if kept is not None else None
    file = db.file_identity()
    if found is None or found.file != file or found.next_page > db.pages():
        return Place(file, 1, now, None)
    return found if found.next_page > 1 else Place(file, 1, now, found.complete_at)


def _check_some(db: Database, first: int) -> int:
    """Check the next pages of one state of the file; return their number."""
    with db.snapshot():
        last = min(first + AT_ONCE - 1, db.pages())
        pages = db.page_check()
        for number in range(first, last + 1):
            if not pages.is_authentic(number):
                raise PageDamaged(path=db.path)
    return max(last - first + 1, 1)
