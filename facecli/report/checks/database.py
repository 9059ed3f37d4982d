"""Checks of an open database: pages, structure, journal mode, slots, clock, export, evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from facecli.audit import history
from facecli.capture.drawn_letters import has_joining, scripts_not_drawn
from facecli.consent import consents, purposes, subjects
from facecli.consent.dates import day_of, last_day, zone_of
from facecli.consent.register import elsewhere, requests
from facecli.erasure.copies import known
from facecli.erasure.purge import check_clock
from facecli.errors.base import FacecliError
from facecli.keys import slots
from facecli.printable import counted
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import gallery
from facecli.report.findings import Finding, error, failed, ok, warning
from facecli.store import keyring, part_check, schema
from facecli.store import templates as stored_templates
from facecli.store.database import Database
from facecli.store.integrity import check_pages, check_structure
from facecli.times import add

SILENCE = "48h"
"""Longest time since the last nightly export."""


def pages(db: Database) -> Finding:
    """Check the authentication code of every page, and that tables and indexes agree.

    Raises:
        PageDamaged: one of them does not.
    """
    check_pages(db)
    check_structure(db)
    return ok("integrity", "every page is unchanged, and tables and indexes agree")


def some_pages(db: Database, now: str, seconds: float) -> Finding:
    """Check the authentication codes of some pages, from where the last run ended.

    Raises:
        PageDamaged: one does not fit.
    """
    part = part_check.check(db, now, seconds)
    checked = f"pages {part.first:,} to {part.last:,} of {part.pages:,} are unchanged"
    if part.place.next_page == 1:
        return ok("integrity", f"{checked}; with them every page was checked")
    return ok("integrity", f"{checked}; the next run continues there")


def templates(db: Database) -> Finding:
    """Check the shards against the rows and the engine, and count what is not compared."""
    spec = _engine_in_use(db)
    try:
        stored_templates.check_subjects(db)
        stored_templates.check_ages(db)
        if spec is not None:
            gallery.check_forms(db, spec)
    except FacecliError as why:
        return failed("templates", why)
    engine_id = None if spec is None else spec.engine_id
    others = stored_templates.count_of_other_engines(db, engine_id)
    if others:
        return warning(
            "templates",
            f"{counted(others, 'template')} of another engine, which facecli does not compare.",
            "Run `facecli reenroll`. It makes new templates from kept photos.",
        )
    return ok("templates", "each template lies with its own subject")


def _engine_in_use(db: Database) -> EngineSpec | None:
    """Return the engine that this facecli compares with, or None if it has none."""
    try:
        return engine_of(db)
    except FacecliError:
        return None  # `models.of_database` reports why


def state(db: Database, now: str) -> Iterator[Finding]:
    """Run the checks that do not read every page."""
    yield _schema(db)
    yield _journal_mode(db)
    yield _same_slots(db)
    yield _attempted("clock", lambda: check_clock(db, now), f"{now}, not before the end of the log")
    yield _reviewed(db, now)
    yield _exported(db, now)
    yield _evidence(db, now)
    yield _letters(db)
    yield _requests(db, now)
    yield _elsewhere(db, now)
    yield _copies(db)


def _schema(db: Database) -> Finding:
    found, known = schema.check_schema(db), schema.known()
    if found < known:
        return warning(
            "schema",
            f"The database has schema {found}, and this facecli has {known}.",
            "Make a backup. The next command that opens the database migrates it. That cannot be "
            "undone: an earlier facecli cannot open it any more.",
        )
    return ok("schema", f"schema {found}")


def _journal_mode(db: Database) -> Finding:
    mode = str(db.value("PRAGMA journal_mode"))
    if mode == "wal":
        return error(
            "journal-mode",
            "The database is in WAL mode: the latest writes are in a second file.",
            "Let no other program open the database. The next facecli command ends WAL mode.",
        )
    return ok("journal-mode", "a rollback journal")


def _same_slots(db: Database) -> Finding:
    """Check that the slots file and the database name the same slots; a rotation needs both."""
    inside = keyring.labels(db)
    beside = {slot.label for slot in slots.read(db.path).slots}
    if inside != beside:
        return warning(
            "slots-known",
            f"The slots file and the database differ in: {', '.join(sorted(inside ^ beside))}.",
            "A change of slots was interrupted. The next `facecli key add` or `facecli key "
            "remove` completes it.",
        )
    return ok("slots-known", "the database knows every slot")


def _attempted(check: str, attempt: Callable[[], object], well: str) -> Finding:
    try:
        attempt()
    except FacecliError as why:
        return failed(check, why)
    return ok(check, well)


def _reviewed(db: Database, now: str) -> Finding:
    """Check that no purpose in force is past its day of review."""
    today = day_of(now, zone_of(db))
    late = [
        f"{one.code} ({one.terms.review_by})"
        for one in purposes.list_all(db)
        if one.retired_at is None and one.terms.review_by and one.terms.review_by < today
    ]
    if late:
        return warning(
            "review",
            f"The day of review is over for: {', '.join(late)}.",
            "Review the purpose and its impact assessment. Then apply its file with a new "
            "`review_by`.",
        )
    return ok("review", "no purpose is past its day of review")


def _exported(db: Database, now: str) -> Finding:
    last = history.last_done(db, {"export": "log.export"})["export"]
    if last is None or now > add(last, SILENCE):
        when = "not been exported" if last is None else f"last been exported at {last}"
        return warning(
            "export",
            f"The log has {when}. Entries that are not exported are not protected.",
            "Export it every night to a place where the operators of this machine cannot write. "
            "See facecli-log(1).",
        )
    return ok("export", f"the log was last exported at {last}")


def _evidence(db: Database, now: str) -> Finding:
    """Count the consents that only a declaration shows; they are valid, and harder to prove."""
    bare = consents.count_without_evidence(db, now)
    return ok("evidence", f"{counted(bare, 'consent')} in force without a signed form")


def _letters(db: Database) -> Finding:
    """Name the scripts that annotated pictures show as codes, and say whether Arabic is joined."""
    names = list(subjects.recorded_names(db))
    lacking = [unshown for name in names if (unshown := scripts_not_drawn(name))]
    said = []
    if lacking:
        scripts = ", ".join(sorted(set().union(*lacking)))
        said.append(
            f"annotated pictures show letters of {counted(len(lacking), 'name')} as codes "
            f"({scripts}): OpenCV's font lacks them"
        )
    if any(map(has_joining, names)):
        said.append(f"they show Arabic letters {_joined()}")
    if not lacking:
        said.insert(0, "annotated pictures can show the letters of every name")
    return ok("letters", "; ".join(said))


def _joined() -> str:
    """Return how pictures show Arabic letters, and with what."""
    from facecli.capture.joined_letters import font_file  # Pillow, for such names only

    font = font_file()
    if font is None:
        return "unjoined: install the font DejaVu Sans and the library FriBidi to join them"
    return f"joined (font: {font})"


def _requests(db: Database, now: str) -> Finding:
    """Check that no request or complaint is past its deadline."""
    zone, waiting = zone_of(db), requests.list_open(db)
    late = [
        f"{one.request_id} ({one.kind}, until {last_day(one.due_at, zone)})"
        for one in waiting
        if one.due_at <= now
    ]
    if late:
        return warning(
            "requests",
            f"{counted(len(late), 'request')} past the deadline: {', '.join(late)}.",
            "Answer, and record it with `facecli subject answer`.",
        )
    until = f", the next until {last_day(waiting[0].due_at, zone)}" if waiting else ""
    return ok("requests", f"{counted(len(waiting), 'open request')}{until}")


def _elsewhere(db: Database, now: str) -> Finding:
    """Check that what was held elsewhere at an erasure is confirmed as deleted in time."""
    found = elsewhere.open_at(db, now)
    if found.late:
        return warning(
            "elsewhere",
            f"{counted(found.late, 'item')} of erased subjects held elsewhere, and not confirmed "
            f"as deleted for more than {elsewhere.FOLLOW_UP_WITHIN}; the oldest since "
            f"{found.oldest_asked}.",
            "Ask the holders again; `facecli subject elsewhere list` names them.",
        )
    since = f", the oldest since {found.oldest}" if found.oldest else ""
    return ok("elsewhere", f"{counted(found.items, 'item')} held elsewhere{since}")


def _copies(db: Database) -> Finding:
    behind = known.behind(db)
    if behind:
        names = ", ".join(str(copy.path) for copy, _ in behind)
        return warning(
            "copies",
            f"{counted(len(behind), 'copy', 'copies')} may still hold erased data: {names}.",
            "Run `facecli backup erase` on each, or on its folder. If one was destroyed, add "
            "--gone.",
        )
    return ok("copies", "every erasure has reached every known copy")
