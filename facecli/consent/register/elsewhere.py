"""Held elsewhere: data on a subject outside facecli, on record until its deletion is confirmed.

An item that is open when its subject is erased outlives the erasure. It then has the random id of a
case, which the certificate states, and nothing that names the person. It is erased when it is
confirmed, or FOLLOWED_FOR after the erasure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from facecli.audit.entries import Act
from facecli.consent import dates, subjects
from facecli.consent.naming import names_person
from facecli.consent.register import counts
from facecli.consent.register.rows import Rows, new_id
from facecli.consent.subjects import Subject
from facecli.consent.text import check_name
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.consent import NoSuchItem
from facecli.store.database import Database, id_list, id_lists
from facecli.times import add as later
from facecli.times import subtract

KINDS = (
    "photo", "fingerprint", "iris", "palm", "voice", "face-data", "card", "paper", "other",
)  # fmt: skip
FOLLOWED_FOR = "1y"
FOLLOW_UP_WITHIN = "30d"  # an item that is open for longer after an erasure is a warning
NOT_KEPT = "not kept: it named the person"
CONFIRMED, UNCONFIRMED = "elsewhere/confirmed", "elsewhere/unconfirmed"


@dataclass(frozen=True)
class Item:
    """Something held elsewhere. ref: of its subject; None once that is erased.

    case_id, asked_at: the case, and the erasure since which its deletion is asked for; None before.
    since, recorded_on: days.
    """

    item_id: str
    ref: str | None
    case_id: str | None
    what: str
    place: str
    since: str | None
    recorded_on: str
    asked_at: str | None
    confirmed_at: str | None
    evidence_sha256: str | None

    @property
    def state(self) -> str:
        """`open` or `confirmed`."""
        return "open" if self.confirmed_at is None else "confirmed"


class Case(NamedTuple):
    """The case of an erased subject whose data elsewhere is still open, and when it began."""

    case_id: str
    asked_at: str


def check_kind(text: str) -> str:
    """Return the kind that a text names: `Fingerprints` is `fingerprint`.

    Raises:
        BadText: it is no kind.
    """
    named = text.strip().casefold().replace(" ", "-")
    for kind in (named, named.removesuffix("s")):
        if kind in KINDS:
            return kind
    raise BadText(what="The kind of data", why=f"it must be one of {', '.join(KINDS)}")


def add(act: Act, subject: Subject, what: str, place: str, since: str | None) -> Item:
    """Record that somebody else holds data on a subject.

    Args:
        what: one of KINDS.
        place: who holds it. It may outlive the subject, and must not name them.
        since: the day since which they hold it, if that is known.

    Raises:
        BadText, BadInput: a text has a refused character or names the subject, or the day is in
            the future.
    """
    kind, place = check_kind(what), check_name(place, "The holder")
    if _names(act.db, place, subject):
        raise BadText(
            what="The holder",
            why="it names the subject, and may outlive them; name who holds the data in other "
            "words, such as an abbreviation",
        )
    day = None if since is None else dates.past_day(act, since, "The day since which it is held")
    item_id = new_id()
    act.db.insert(
        "held_elsewhere",
        item_id=item_id,
        subject_id=subject.subject_id,
        what=kind,
        place=place,
        since=day,
        recorded_on=dates.today(act.db, act.now),
    )
    act.record("elsewhere.add", subject_id=subject.pseudonym, details={"what": kind})
    return find(act.db, item_id)


def _names(db: Database, place: str, subject: Subject) -> bool:
    """Return True if a holder names the subject, their guardian, or one who consented for them."""
    sql = "SELECT guardian FROM consent WHERE subject_id = ? AND guardian IS NOT NULL"
    consented = (guardian for (guardian,) in db.tuples(sql, (subject.subject_id,)))
    return names_person(place, subject.ref, (subject.name, subject.guardian, *consented))


def confirm(act: Act, item_id: str, evidence_sha256: str, of: Subject | None = None) -> Item:
    """Record the proof that an item is deleted, and return the item as it was.

    Without a subject, the item is erased.

    Args:
        of: the subject whose item it must be, if that is stated.

    Raises:
        NoSuchItem: there is no such item, or it is another subject's.
        BadInput: it is confirmed already.
    """
    item = find(act.db, item_id)
    if of is not None and item.ref != of.ref:
        raise NoSuchItem(item=item_id)
    if item.confirmed_at is not None:
        day = dates.day_of(item.confirmed_at, dates.zone_of(act.db))
        raise BadInput(what=f"The item {item_id}", why=f"it was confirmed on {day} already")
    _confirm(act, item, evidence_sha256, act.now)
    return item


def confirm_again(act: Act, details: Mapping[str, Any], at: str) -> None:
    """Confirm an item after a restore, as the log records it. Skip what is not open."""
    item = _ITEMS.find(act.db, details["item"])
    if item is not None and item.confirmed_at is None:
        _confirm(act, item, details["evidence_sha256"], at)


def _confirm(act: Act, item: Item, evidence_sha256: str, at: str) -> None:
    details = {"item": item.item_id, "what": item.what, "evidence_sha256": evidence_sha256}
    if item.case_id is not None:
        _erase(act.db, [item], CONFIRMED)
        act.record("elsewhere.confirm", details={**details, "case": item.case_id})
        return
    act.db.execute(
        "UPDATE held_elsewhere SET confirmed_at = ?, evidence_sha256 = ? WHERE item_id = ?",
        (at, evidence_sha256, item.item_id),
    )
    pseudonym = act.db.value("SELECT pseudonym FROM subject WHERE ref = ?", (item.ref,))
    act.record("elsewhere.confirm", subject_id=pseudonym, details=details)


def _erase(db: Database, items: Sequence[Item], counted_as: str) -> None:
    db.many("DELETE FROM held_elsewhere WHERE item_id = ?", [(one.item_id,) for one in items])
    counts.add(db, [(counted_as, "")] * len(items))


# -- finding ------------------------------------------------------------------------------

_ITEMS = Rows(
    Item,
    "item_id",
    "SELECT r.item_id, s.ref, r.case_id, r.what, r.place, r.since, r.recorded_on, r.asked_at,"
    " r.confirmed_at, r.evidence_sha256"
    " FROM held_elsewhere r LEFT JOIN subject s ON s.id = r.subject_id",
)


def find(db: Database, item_id: str) -> Item:
    """Find an item by its id.

    Raises:
        NoSuchItem: there is none.
    """
    item = _ITEMS.find(db, item_id)
    if item is None:
        raise NoSuchItem(item=item_id)
    return item


def of_subject(db: Database, subject_id: int) -> list[Item]:
    """Return everything that is held of a subject elsewhere, confirmed or not, oldest first."""
    return _ITEMS.of_subject(db, subject_id)


def open_items(db: Database, subject: Subject) -> list[Item]:
    """Return what is held of a subject elsewhere and not confirmed as deleted, oldest first."""
    items = of_subject(db, subject.subject_id)
    return [item for item in items if item.confirmed_at is None]


def list_all(db: Database) -> list[Item]:
    """Return every item: those of erased subjects first, then by REF."""
    return _ITEMS.where(db, "true", order="s.ref, r.id")


def open_of(db: Database, subject_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Count the open items of these subjects by their kind; subjects without any are left out."""
    sql = (
        "SELECT subject_id, what, count(*) FROM held_elsewhere WHERE confirmed_at IS NULL"
        " AND subject_id IN (SELECT value FROM json_each(?)) GROUP BY 1, 2 ORDER BY 1, 2"
    )
    found: dict[int, dict[str, int]] = {}
    for listed in id_lists(subject_ids):
        for subject_id, what, count in db.tuples(sql, (listed,)):
            found.setdefault(subject_id, {})[what] = count
    return found


class Open(NamedTuple):
    """The open items. asked: those whose subject is erased, of which `oldest_asked` is the first.

    late: those that were asked for longer ago than FOLLOW_UP_WITHIN. oldest: the day on which the
    oldest of all was recorded.
    """

    items: int
    oldest: str | None
    asked: int
    oldest_asked: str | None
    late: int


def open_at(db: Database, now: str) -> Open:
    """Count what is open, with its age."""
    row = db.tuples(
        "SELECT count(*), min(recorded_on), count(asked_at), min(asked_at),"
        " count(*) FILTER (WHERE asked_at <= ?) FROM held_elsewhere WHERE confirmed_at IS NULL",
        (subtract(now, FOLLOW_UP_WITHIN),),
    )[0]
    return Open(*row)


# -- for erasure --------------------------------------------------------------------------


def leave(db: Database, gone: Sequence[int], cases: Mapping[int, Case]) -> None:
    """Part the open items from subjects that are erased, and delete all others of theirs.

    Call it before their consents are erased, whose guardians no item may name.

    Args:
        gone: the subjects.
        cases: the case of each of them whose open items outlive them. Without a case they go too.
    """
    for subject_id, case in cases.items():
        subject = subjects.find_by_id(db, subject_id)
        for item in open_items(db, subject):
            place = NOT_KEPT if _names(db, item.place, subject) else item.place
            db.execute(
                "UPDATE held_elsewhere SET subject_id = NULL, case_id = ?, asked_at = ?,"
                " place = ? WHERE item_id = ?",
                (*case, place, item.item_id),
            )
    theirs = "subject_id IN (SELECT value FROM json_each(?))"
    confirmed = db.value(
        f"SELECT count(*) FROM held_elsewhere WHERE confirmed_at IS NOT NULL AND {theirs}",
        (id_list(gone),),
    )
    counts.add(db, [(CONFIRMED, "")] * confirmed)
    db.execute(f"DELETE FROM held_elsewhere WHERE {theirs}", (id_list(gone),))


def over(db: Database, now: str) -> list[Item]:
    """Return the items of erased subjects that were followed for long enough."""
    parted = _ITEMS.where(db, "r.subject_id IS NULL")
    return [one for one in parted if one.asked_at and later(one.asked_at, FOLLOWED_FOR) <= now]


def expire(act: Act) -> None:
    """Erase the items that were followed for long enough, and log each."""
    for item in over(act.db, act.now):
        _expire(act, item)


def expire_again(act: Act, details: Mapping[str, Any]) -> None:
    """Erase an item after a restore, as the log records it. Skip what is not there."""
    item = _ITEMS.find(act.db, details["item"])
    if item is not None and item.case_id is not None:
        _expire(act, item)


def _expire(act: Act, item: Item) -> None:
    _erase(act.db, [item], UNCONFIRMED)
    details = {"item": item.item_id, "what": item.what, "case": item.case_id}
    act.record("elsewhere.expire", details=details)
