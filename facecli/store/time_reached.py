"""The time that a database has reached: what ended by then stays ended, whatever the clock says.

Every act notes its time here. A clock that was set back since is noticed, and does not bring an
ended consent back. A clock that runs ahead of the time reached by more than `LONGEST_SILENCE` is
taken for wrong, and moves nothing: once it is set right all is as before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from facecli.store.database import Database

LONGEST_SILENCE = timedelta(days=400)  # silent for longer than a year: is the clock right?
NOTHING = ""  # before every moment: no act was logged yet


def reached(db: Database) -> str:
    """The latest plausible time of any act; `NOTHING` before the first."""
    return str(db.value("SELECT value FROM meta WHERE name = 'time_reached'") or NOTHING)


def later(db: Database, now: str) -> str:
    """The time at which to ask whether something is over: `now`, or the time reached."""
    return max(now, reached(db))


def is_plausible(before: str, now: str) -> bool:
    """Can so much time have passed in silence?"""
    if before == NOTHING:
        return True
    return datetime.fromisoformat(now) - datetime.fromisoformat(before) <= LONGEST_SILENCE


def onward(before: str, now: str) -> str:
    """The time reached when it is `now`, and `before` was reached before."""
    return now if now > before and is_plausible(before, now) else before


def advance(db: Database, now: str) -> None:
    """Note that it is `now`, if that is later and plausible."""
    before = reached(db)
    if onward(before, now) != before:
        put(db, now)


def put(db: Database, now: str) -> None:
    """Let `now` be the time reached, whatever it was."""
    db.execute(
        "INSERT INTO meta (name, value) VALUES ('time_reached', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (now,),
    )
