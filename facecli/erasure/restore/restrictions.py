"""Restricting again, in a backup that is restored, what was restricted since it was made.

Where the database is gone, exports of its log tell of it: consents that were withdrawn, holds and
their release, purposes that were retired, revised or got a new version. An entry names people by
pseudonym, and says neither why somebody is held nor what a purpose says now. So a hold comes back
without its reason, and a purpose that changed is closed until its file is applied again.

Each is logged anew: the log goes on from the backup's end, and the next restore has to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from facecli.audit.entries import Act
from facecli.consent import consents, purposes, subjects

Entry = Mapping[str, Any]


def restrict(act: Act, entries: Iterable[Entry]) -> None:
    """Do again what entries tell of; whom and what the backup does not hold is passed over.

    Args:
        entries: of the actions in `ACTIONS`, each of them once, in their order.
    """
    for entry in entries:
        ACTIONS[entry["action"]](act, entry)


def _withdraw(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    code = entry["purpose"]
    purpose = None if code is None else purposes.find_any(act.db, code)
    if subject is None or (code is not None and purpose is None):
        return
    withdrawn = consents.withdraw(act, subject, purpose, entry["at"])
    if not withdrawn:
        return
    details = {**entry["details"], "consents": withdrawn}
    act.record("consent.withdraw", subject_id=subject.pseudonym, purpose=code, details=details)


def _hold(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    if subject is not None:
        subjects.hold_again(act, subject, entry["details"]["until"], entry["at"])


def _release(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    if subject is not None and subject.state == "restricted":
        subjects.release(act, subject.ref)


def _revise(act: Act, entry: Entry) -> None:
    purposes.lose(act, entry["purpose"], entry["at"], entry["details"])


def _retire(act: Act, entry: Entry) -> None:
    purpose = purposes.find_any(act.db, entry["purpose"])
    if purpose is not None and purpose.retired_at is None:
        purposes.retire(act, purpose.code, entry["at"])


ACTIONS: Mapping[str, Callable[[Act, Entry], None]] = {
    "consent.withdraw": _withdraw,
    "subject.hold": _hold,
    "subject.release": _release,
    "purpose.apply": _revise,
    "purpose.retire": _retire,
}
