"""Repeat restrictions in a restored backup: withdrawals, holds, releases, purposes met or changed,
what the register owes people (requests, answers, confirmations of deletion elsewhere), and copies
that are gone.

If the database is gone, exports of its log record them. An entry has pseudonyms only, and neither
the reason of a hold, nor an answer, nor the terms of a purpose. So a hold returns without its
reason, an answer without its text, and a changed purpose is closed until its file is applied again.

Each is logged again: the log continues from the backup's end, and the next restore needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from facecli.audit.entries import Act
from facecli.consent import consents, dates, holds, lapses, purposes, subject_states, subjects
from facecli.consent.register import elsewhere, requests
from facecli.erasure.copies import known

Entry = Mapping[str, Any]
BELIEVED = "believed"
"""The member of an entry for its time, or the time reached if its clock was too far ahead."""


def restrict(act: Act, entries: Iterable[Entry]) -> None:
    """Repeat the restrictions that entries record. Skip subjects and purposes not in the backup.

    Args:
        entries: of the actions in `ACTIONS`, in order, each once, with `BELIEVED`.
    """
    for entry in entries:
        ACTIONS[entry["action"]](act, entry)


def _withdraw(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    code = entry["purpose"]
    purpose = None if code is None else purposes.find_any(act.db, code)
    if subject is None or (code is not None and purpose is None):
        return
    withdrawn = consents.withdraw(act, subject, purpose, entry[BELIEVED])
    if not withdrawn:
        return
    details = {**entry["details"], "consents": withdrawn}
    act.record("consent.withdraw", subject_id=subject.pseudonym, purpose=code, details=details)


def _hold(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    if subject is not None:
        holds.hold_again(act, subject, entry["details"]["until"], entry["at"])


def _release(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    if subject is not None and subject.state == "restricted":
        holds.release(act, subject.ref)


def _complete(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    purpose = purposes.find_any(act.db, entry["purpose"])
    if subject is not None and purpose is not None:
        lapses.complete_again(act, subject, purpose, entry["at"], entry[BELIEVED])


def _choose(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    if subject is not None:
        only = entry["details"]["alternative_only"]
        subject_states.set_alternative_only(act, subject, only=only)


def _revise(act: Act, entry: Entry) -> None:
    purposes.lose(act, entry["purpose"], entry["at"], entry["details"])


def _retire(act: Act, entry: Entry) -> None:
    purpose = purposes.find_any(act.db, entry["purpose"])
    if purpose is not None and purpose.retired_at is None:
        purposes.retire(act, purpose.code, entry[BELIEVED])


def _set_zone(act: Act, entry: Entry) -> None:
    if entry["details"]["to"] != dates.zone_of(act.db):
        dates.set_zone(act, entry["details"]["to"])


def _ask(act: Act, entry: Entry) -> None:
    subject = subjects.find_pseudonym(act.db, entry["subject_id"])
    if subject is not None:
        requests.record_again(act, subject, entry["details"])


def _answer(act: Act, entry: Entry) -> None:
    requests.answer_again(act, entry["details"], entry["at"])


def _confirm(act: Act, entry: Entry) -> None:
    elsewhere.confirm_again(act, entry["details"], entry["at"])


def _expire(act: Act, entry: Entry) -> None:
    elsewhere.expire_again(act, entry["details"])


def _forget_copy(act: Act, entry: Entry) -> None:
    copy = entry["details"]["copy"]
    if known.find(act.db, copy) is not None:
        known.forget(act.db, copy)
        act.record(entry["action"], details={"copy": copy})


ACTIONS: Mapping[str, Callable[[Act, Entry], None]] = {
    "consent.withdraw": _withdraw,
    "subject.hold": _hold,
    "subject.release": _release,
    "subject.complete": _complete,
    "subject.alternative": _choose,
    "purpose.apply": _revise,
    "purpose.retire": _retire,
    "controller.timezone": _set_zone,
    "request.record": _ask,
    "request.answer": _answer,
    "elsewhere.confirm": _confirm,
    "elsewhere.expire": _expire,
    "backup.gone": _forget_copy,
    "backup.prune": _forget_copy,
}
