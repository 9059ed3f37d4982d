"""The purposes and REFs that a shell offers at Tab, where the user asked for that.

Tab must not disturb the line that is being typed. So nothing is asked: only a key file opens the
database, for reading. Every failure is silent, and an answer that is late is none.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal

from facecli.cli.session import Settings, looking
from facecli.consent import purposes, subjects
from facecli.errors.base import FacecliError

Kind = Literal["purpose", "ref"]
LIMIT = 2.0
"""Seconds after which the process ends without an answer."""
MOST = 200
"""The longest list that is offered."""
_KEY_FILES = ("--key-file", "FACECLI_KEY_FILE", "CREDENTIALS_DIRECTORY")


def beginning(settings: Settings, kind: Kind, prefix: str) -> list[str]:
    """Return the codes of purposes, or the REFs, that begin with `prefix`; at most `MOST`.

    Without a key file, and where the database does not open at once, there are none.
    """
    try:
        source = settings.key_source
        if source is None or source.option not in _KEY_FILES:
            return []
        with _in_time(), looking(replace(settings, lock_wait=0, no_input=True)) as (db, _):
            if kind == "ref":
                return subjects.refs_beginning(db, prefix, MOST)
            codes = [one.code for one in purposes.list_all(db)]
            return [code for code in codes if code.startswith(prefix)][:MOST]
    except FacecliError:
        return []


@contextmanager
def _in_time() -> Iterator[None]:
    """Let the alarm end the process when the time is over, even inside the database's library."""
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
