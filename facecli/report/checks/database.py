"""Checks of an open database: pages, structure, journal mode, slots, and the clock by its log."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from facecli.audit import history
from facecli.erasure.purge import check_clock
from facecli.errors.base import FacecliError
from facecli.keys import slots
from facecli.report.findings import Finding, error, failed, ok, warning
from facecli.store import schema
from facecli.store.database import Database
from facecli.store.integrity import check_pages, check_structure
from facecli.times import add

SILENCE = "48h"
"""How long a nightly export may be ago."""


def pages(db: Database) -> Finding:
    """Does every page carry its authentication code, and do pages and indexes fit each other?

    Raises:
        PageDamaged: they do not.
    """
    check_pages(db)
    check_structure(db)
    return ok("integrity", "every page is as it was written, and pages fit each other")


def state(db: Database, now: str) -> Iterator[Finding]:
    """What needs no reading of every page."""
    yield _schema(db)
    yield _journal_mode(db)
    yield _same_slots(db)
    yield _attempted("clock", lambda: check_clock(db, now), f"{now}, not before the log's end")
    yield _exported(db, now)


def _schema(db: Database) -> Finding:
    found, known = schema.check_schema(db), schema.known()
    if found < known:
        return warning(
            "schema",
            f"The database has schema {found}, and this facecli has {known}.",
            "The next command that opens it brings it forward; make a backup before.",
        )
    return ok("schema", f"schema {found}")


def _journal_mode(db: Database) -> Finding:
    mode = str(db.value("PRAGMA journal_mode"))
    if mode == "wal":
        return error(
            "journal-mode",
            "The database is in WAL mode: what is written last lies in a second file.",
            "Let no other program open the database; the next facecli command sets it right.",
        )
    return ok("journal-mode", "a rollback journal, which is gone when nothing is written")


def _same_slots(db: Database) -> Finding:
    """The slots file and the database must name the same slots, or a rotation loses some."""
    inside = {str(label) for (label,) in db.tuples("SELECT label FROM key_slot")}
    beside = {slot.label for slot in slots.read(db.path).slots}
    if inside != beside:
        return warning(
            "slots-known",
            f"The slots file and the database differ in: {', '.join(sorted(inside ^ beside))}.",
            "A change of slots was cut short; the next `facecli key add` or `key remove` completes "
            "it.",
        )
    return ok("slots-known", "the database knows every slot")


def _attempted(check: str, attempt: Callable[[], object], well: str) -> Finding:
    try:
        attempt()
    except FacecliError as why:
        return failed(check, why)
    return ok(check, well)


def _exported(db: Database, now: str) -> Finding:
    last = history.last_done(db, {"export": "log.export"})["export"]
    if last is None or now > add(last, SILENCE):
        when = "not been exported" if last is None else f"last been exported at {last}"
        return warning(
            "export",
            f"The log has {when}: what is not exported is not protected.",
            "Export it every night to a place that the operators of this machine cannot write to; "
            "see facecli-log(1).",
        )
    return ok("export", f"the log was last exported at {last}")
