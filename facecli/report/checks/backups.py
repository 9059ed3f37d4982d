"""Checks of backups: their age, and whether one was ever proved to be usable."""

from __future__ import annotations

from collections.abc import Iterator

from facecli.audit import history
from facecli.report.findings import Finding, ok, warning
from facecli.store.database import Database
from facecli.times import add

OLDEST = "8d"
"""Longest time since the last backup."""
REHEARSED = "180d"
"""Longest time since a backup was verified or restored."""
ACTS = {"made": "backup.create", "verified": "backup.verify", "restored": "backup.restore"}


def check(db: Database, now: str) -> Iterator[Finding]:
    """Check what the log states about backups."""
    last = history.last_done(db, ACTS)
    yield _age(last["made"], now)
    if last["made"] is not None:
        yield _rehearsed(max(last["verified"] or "", last["restored"] or ""), now)


def _age(made: str | None, now: str) -> Finding:
    if made is None or now > add(made, OLDEST):
        found = "There is no backup" if made is None else f"The last backup was made at {made}"
        return warning(
            "backup",
            f"{found}. What was recorded since would be lost with this disk.",
            "Run `facecli backup create FILE`, every night if you can. See facecli-operations(7).",
        )
    return ok("backup", f"the last backup was made at {made}")


def _rehearsed(at: str, now: str) -> Finding:
    if not at or now > add(at, REHEARSED):
        found = f"A backup was last verified at {at}" if at else "No backup was ever verified"
        return warning(
            "backup-rehearsal",
            f"{found}. A backup that nobody has opened may be none.",
            "Run `facecli backup verify FILE --record`, with the key as you would find it after a "
            "loss.",
        )
    return ok("backup-rehearsal", f"a backup was verified or restored at {at}")
