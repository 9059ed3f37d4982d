"""Requests and complaints of subjects, with their deadlines and answers.

The deadline is that of the purposes to which the subject agreed, the shortest of them
(`answer_within`); without one, the shortest of all purposes. Whoever has an open request is not
erased for want of a consent; see `retention`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, NamedTuple, get_args

from facecli.audit.entries import Act
from facecli.consent import dates, subjects
from facecli.consent.purpose_revisions import ANSWER_WITHIN
from facecli.consent.register import counts
from facecli.consent.register.rows import Rows, new_id
from facecli.consent.subjects import Subject
from facecli.consent.text import check_note, is_empty_word
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.consent import NoSuchRequest
from facecli.store.database import Database, id_list
from facecli.times import add, is_longer

Kind = Literal["access", "erase", "correct", "complain"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LOST = "known only from the log, after a restore"


@dataclass(frozen=True)
class Request:
    """A request or complaint. received_on: a day. due_at: the moment at which its deadline is over.

    refused: the reason of a refusal.
    """

    request_id: str
    ref: str
    kind: Kind
    received_on: str
    due_at: str
    answered_at: str | None
    answer: str | None
    refused: str | None

    def state(self, now: str) -> str:
        """Return `open`, `overdue`, `answered` or `refused`."""
        if self.answered_at is not None:
            return "answered" if self.refused is None else "refused"
        return "overdue" if self.due_at <= now else "open"


def record(act: Act, subject: Subject, kind: Kind, on: str | None) -> Request:
    """Record a request of a subject.

    Args:
        on: the day on which it was received, as the operator states it; None is today.

    Raises:
        BadText, BadInput: the day cannot be read, or is in the future.
    """
    day = dates.past_day(act, on, "The day of the request")
    last = add(f"{day}T00:00:00Z", within(act.db, subject.subject_id))[:10]
    due_at = dates.end_of_day(last, dates.zone_of(act.db))
    details = {"request": new_id(), "kind": kind, "received_on": day, "due_at": due_at}
    return _insert(act, subject, details)


def record_again(act: Act, subject: Subject, details: Mapping[str, Any]) -> None:
    """Record a request after a restore, as the log has it. Skip one that is there."""
    if _REQUESTS.find(act.db, details["request"]) is None:
        _insert(act, subject, details)


def _insert(act: Act, subject: Subject, details: Mapping[str, Any]) -> Request:
    act.db.insert(
        "subject_request",
        request_id=details["request"],
        subject_id=subject.subject_id,
        kind=details["kind"],
        received_on=details["received_on"],
        due_at=details["due_at"],
    )
    act.record("request.record", subject_id=subject.pseudonym, details=details)
    return find(act.db, details["request"])


def within(db: Database, subject_id: int) -> str:
    """Return the time in which a subject's request is to be answered."""
    stated = "SELECT coalesce(answer_within, ?) FROM purpose_current p WHERE retired_at IS NULL"
    agreed = f"{stated} AND purpose_id IN (SELECT purpose_id FROM consent WHERE subject_id = ?)"
    lengths = db.tuples(agreed, (ANSWER_WITHIN, subject_id))
    lengths = lengths or db.tuples(stated, (ANSWER_WITHIN,))
    return shortest([length for (length,) in lengths])


def shortest(lengths: Sequence[str]) -> str:
    """Return the shortest length; without any, ANSWER_WITHIN."""
    return reduce(lambda a, b: b if is_longer(a, b) else a, lengths) if lengths else ANSWER_WITHIN


def answer(act: Act, request_id: str, text: str, refused: str | None) -> Request:
    """Record the answer to a request. For a subject without a consent, their time begins anew.

    Args:
        refused: the reason, if it is refused.

    Raises:
        NoSuchRequest: there is no such request.
        BadInput: it is answered already.
        BadText: a text has a refused character, or the reason states nothing.
    """
    found = find(act.db, request_id)
    if found.answered_at is not None:
        day = dates.day_of(found.answered_at, dates.zone_of(act.db))
        raise BadInput(what=f"The request {request_id}", why=f"it was answered on {day} already")
    answered = check_note(text, "The answer")
    reason = None if refused is None else _reason(refused)
    _answer(act, found, answered, reason, act.now)
    return find(act.db, request_id)


def _reason(text: str) -> str:
    what = "The reason of the refusal"
    if is_empty_word(text):
        raise BadText(what=what, why="it states nothing; the subject is to read it")
    return check_note(text, what)


def answer_again(act: Act, details: Mapping[str, Any], at: str) -> None:
    """Answer a request after a restore, as the log records it. Its text is not in the log."""
    found = _REQUESTS.find(act.db, details["request"])
    if found is not None and found.answered_at is None:
        _answer(act, found, LOST, LOST if details["refused"] else None, at)


def _answer(act: Act, found: Request, text: str, refused: str | None, at: str) -> None:
    act.db.execute(
        "UPDATE subject_request SET answered_at = ?, answer = ?, refused = ? WHERE request_id = ?",
        (at, text, refused, found.request_id),
    )
    subject = subjects.find(act.db, found.ref)
    subjects.wait_anew(act.db, subject, at)
    details = {"request": found.request_id, "kind": found.kind, "refused": refused is not None,
               "in_time": at < found.due_at}  # fmt: skip
    act.record("request.answer", subject_id=subject.pseudonym, details=details)


# -- finding ------------------------------------------------------------------------------

_REQUESTS = Rows(
    Request,
    "request_id",
    "SELECT r.request_id, s.ref, r.kind, r.received_on, r.due_at, r.answered_at, r.answer,"
    " r.refused FROM subject_request r JOIN subject s ON s.id = r.subject_id",
)
_BY_DEADLINE = "r.due_at, r.id"


def find(db: Database, request_id: str) -> Request:
    """Find a request by its id.

    Raises:
        NoSuchRequest: there is none.
    """
    found = _REQUESTS.find(db, request_id)
    if found is None:
        raise NoSuchRequest(request=request_id)
    return found


def of_subject(db: Database, subject_id: int) -> list[Request]:
    """Return the requests of a subject, oldest first."""
    return _REQUESTS.of_subject(db, subject_id)


def open_of(db: Database, subject: Subject) -> list[Request]:
    """Return the requests of a subject that have no answer, oldest first."""
    return [one for one in of_subject(db, subject.subject_id) if one.answered_at is None]


def list_all(db: Database) -> list[Request]:
    """Return every request, the next deadline first."""
    return _REQUESTS.where(db, "true", order=_BY_DEADLINE)


def list_open(db: Database) -> list[Request]:
    """Return every request without an answer, the next deadline first."""
    return _REQUESTS.where(db, "r.answered_at IS NULL", order=_BY_DEADLINE)


class RequestCounts(NamedTuple):
    """Numbers of requests, those of erased subjects too. next_due: of the open ones.

    erased: requests that were open when their subject was erased.
    """

    open: int
    overdue: int
    next_due: str | None
    answered: int
    refused: int
    erased: int


def count(db: Database, now: str) -> RequestCounts:
    """Count the requests by their state."""
    row = db.tuples(
        "SELECT count(*) FILTER (WHERE answered_at IS NULL),"
        " count(*) FILTER (WHERE answered_at IS NULL AND due_at <= ?),"
        " min(due_at) FILTER (WHERE answered_at IS NULL),"
        " count(*) FILTER (WHERE answered_at IS NOT NULL AND refused IS NULL),"
        " count(refused) FROM subject_request",
        (now,),
    )[0]
    past = dict.fromkeys(("answered", "refused", "erased"), 0)
    for (what, _), number in counts.of_erased(db).items():
        topic, _, outcome = what.rpartition("/")
        if topic.startswith("request/"):
            past[outcome] += number
    waiting, overdue, next_due, answered, refused = row
    return RequestCounts(
        waiting,
        overdue,
        next_due,
        answered + past["answered"],
        refused + past["refused"],
        past["erased"],
    )


def leave(db: Database, gone: Sequence[int]) -> None:
    """Delete the requests of subjects that are erased, and count them by kind and outcome."""
    rows = db.tuples(
        "SELECT kind, CASE WHEN answered_at IS NULL THEN 'erased' WHEN refused IS NULL"
        " THEN 'answered' ELSE 'refused' END FROM subject_request"
        " WHERE subject_id IN (SELECT value FROM json_each(?))",
        (id_list(gone),),
    )
    counts.add(db, [(f"request/{kind}/{outcome}", "") for kind, outcome in rows])
    db.execute(
        "DELETE FROM subject_request WHERE subject_id IN (SELECT value FROM json_each(?))",
        (id_list(gone),),
    )
