"""The latest time of any act in a database, against which the clock is checked.

Every act notes its time here. If the clock is set back, a consent that has ended by this time stays
ended. If the clock is ahead of this time by more than `LONGEST_SILENCE`, it is assumed to be wrong,
and this time stays: nothing has changed once the clock is right again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from facecli.store.database import Database

LONGEST_SILENCE = timedelta(days=45)  # without acts for longer, the clock is doubted
NOTHING = ""  # sorts before every time: no act was logged yet


def reached(db: Database) -> str:
    """Return the latest plausible time of any act; `NOTHING` before the first."""
    return str(db.value("SELECT value FROM meta WHERE name = 'time_reached'") or NOTHING)


def later(db: Database, now: str) -> str:
    """Return the time to compare ends with: `now`, or the time reached if that is later."""
    return max(now, reached(db))


def is_plausible(before: str, now: str) -> bool:
    """Return True unless `now` is more than `LONGEST_SILENCE` after `before`."""
    if before == NOTHING:
        return True
    return datetime.fromisoformat(now) - datetime.fromisoformat(before) <= LONGEST_SILENCE


def believed(db: Database, now: str) -> str:
    """Return `now`, or the time reached if `now` is too far ahead of it: that ends nothing."""
    before = reached(db)
    return now if is_plausible(before, now) else before


def onward(before: str, now: str) -> str:
    """Return the time reached at `now`, if `before` was reached before."""
    return now if now > before and is_plausible(before, now) else before


def advance(db: Database, now: str) -> None:
    """Set the time reached to `now`, if that is later and plausible."""
    before = reached(db)
    if onward(before, now) != before:
        put(db, now)


def put(db: Database, now: str) -> None:
    """Set the time reached to `now`, whatever it was."""
    db.execute(
        "INSERT INTO meta (name, value) VALUES ('time_reached', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (now,),
    )
