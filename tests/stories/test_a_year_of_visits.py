"""A year of visits of thirty people: with the key, nobody can tell who was there when.

The same year is played twice, with the same visits at the same times by other people. Once their
retention is over, log and database of the two are the same, except for the documented remainder:
the day of each subject's last interaction.
"""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from facecli.cli.session import Session
from facecli.consent import consents, holds, purposes, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.register import disclosures, elsewhere, requests
from facecli.consent.subjects import NewSubject
from facecli.erasure import purge, revocation
from facecli.recognition import stored
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.matching.search import Query
from facecli.recognition.matching.thresholds import Asked
from facecli.recognition.matching.verification import Claim, record_refusal, verify_and_record
from facecli.times import add
from tests.conftest import Clock, Facecli
from tests.forensics import database_key, plaintext
from tests.prepared import opened, seen, unit

PEOPLE = 30
HELD = range(24, 30)  # under a legal hold, so that each attempt of theirs is refused
SIGNED = {"audit_frontier", "audit_node", "checkpoint"}  # hashes over random ids
REMAINDER = {
    "interaction": {"day", "day_number"},
    "subject": {"last_interaction", "last_day_number"},
}
RANDOM_BYTES = {"leaf_hash", "template_id", "record_id", "pseudonym_bytes"}
RANDOM = re.compile(r"[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f-]{27}")


class Visit(NamedTuple):
    """Somebody at the gate. how: the command, and its outcome."""

    after: timedelta
    person: int
    how: str


def a_year() -> list[Visit]:
    """Visits on 100 days of a year, always the same ones."""
    chance = random.Random(7)
    visits = []
    for day in sorted(chance.sample(range(1, 360), 100)):
        after = timedelta(days=day, seconds=chance.randrange(86_400))
        how = chance.choice(["match", "match", "same", "same", "other", "blurred", "refused"])
        person = chance.choice(HELD) if how == "refused" else chance.randrange(HELD.start)
        visits.append(Visit(after, person, how))
    return visits


def enrol_everybody(session: Session) -> None:
    for number in range(PEOPLE):
        with session.act() as act:
            purpose = purposes.find(act.db, "gate")
            subject = subjects.add(act, NewSubject(f"A-{number}"))
            consents.record(act, subject, purpose, Agreement("2y", notice=Shown("declared")))
            ids = (subject.subject_id, purpose.purpose_id)
            origin = stored.TemplateOrigin(*ids, None, "0" * 64, act.now)
            stored.store_template(act, origin, engine_of(act.db), unit(number), 90)
            if number in HELD:
                holds.hold(act, subject.ref, "a case", add(act.now, "2y"))


LEAVES = "B-1"  # never comes, and withdraws in the middle of the year


def fill_register(session: Session) -> None:
    """Everything that the register has of people, of all of them."""
    with session.act() as act:
        subjects.add(act, NewSubject(LEAVES, offered_alternative=True))
        for subject in subjects.list_all(act.db):
            item = elsewhere.add(act, subject, "photo", "The first vendor", None)
            elsewhere.confirm(act, item.item_id, "e" * 64)
            elsewhere.add(act, subject, "fingerprint", "The second vendor", None)
            disclosures.record(act, subject, "A court", "the record", "an order", None)
            asked = requests.record(act, subject, "access", None)
            requests.answer(act, asked.request_id, "a copy was handed over", None)
            requests.record(act, subject, "complain", None)
        disclosures.record(act, None, "A thief", "a backup", "a theft", None)


def answer_and_withdraw(session: Session) -> None:
    """In the middle of the year: an answer for everybody, and one person who leaves."""
    with session.act() as act:
        for one in requests.list_open(act.db):
            requests.answer(act, one.request_id, "no", "nothing was wrong")
        revocation.revoke(act, LEAVES, None, None)


def claim(session: Session, person: int) -> Claim:
    subject = subjects.find(session.db, f"A-{person}")
    purpose = purposes.find(session.db, "gate")
    return Claim(subject, purpose, engine_of(session.db), Asked(threshold=0.5), session.now)


def visit(facecli: Facecli, session: Session, person: int, how: str) -> None:
    if how == "refused":
        # the image is not opened: no file has this name
        done = facecli("verify", f"A-{person}", facecli.folder / "no.jpg", "--purpose", "gate")
        assert done.code == 20
    elif how == "match":
        purpose = purposes.find(session.db, "gate")
        query = Query(engine_of(session.db), Asked(threshold=0.5), 1)
        matcher = Matcher(session.db, purpose, query, session.act, lambda: session.now)
        [result] = matcher.search_and_record([("0.jpg", seen("0.jpg", unit(person)))])
        assert result.rows[0]["ref"] == f"A-{person}"
    else:
        with session.act() as act:
            if how == "blurred":
                record_refusal(act, claim(session, person), "blurred", {"source": "device"})
                return
            face = seen("0.jpg", unit(person if how == "same" else 999)).faces[0]
            assert verify_and_record(act, claim(session, person), face).same is (how == "same")


def play(
    facecli: Facecli, clock: Clock, visitor: Callable[[int], int]
) -> Iterator[dict[str, list[Any]]]:
    """Play the year and yield the traces of it: at its end, and once all retention is over."""
    start = clock.moment
    with opened(facecli) as session:
        session.db.execute("PRAGMA synchronous = OFF")
        enrol_everybody(session)
        fill_register(session)
        for number, one in enumerate(a_year()):
            clock.moment = start + one.after
            if number == 50:
                answer_and_withdraw(session)
            visit(facecli, session, visitor(one.person), one.how)
            if number % 10 == 0:
                list(purge.run(purge.survey(session.db, session.now), session.act))
        clock.moment = start + timedelta(days=360)
        yield traces(session)
        clock.advance(days=31)
        list(purge.run(purge.survey(session.db, session.now), session.act))
        yield traces(session)


def traces(session: Session) -> dict[str, list[Any]]:
    """Every row of every table, without random numbers and the documented remainder."""
    names = {subject.pseudonym: subject.ref for subject in subjects.list_all(session.db)}
    found = {}
    for (table,) in session.db.tuples("SELECT name FROM sqlite_master WHERE type = 'table'"):
        if table in SIGNED:
            continue
        left_out = REMAINDER.get(table, set()) | RANDOM_BYTES
        found[table] = [
            tuple(
                plain(value, names) for column, value in dict(row).items() if column not in left_out
            )
            for row in session.db.rows(f"SELECT * FROM {table}")
        ]
        if table in REMAINDER:
            found[table].sort()  # SQLite may return them in the order of the days
    return found


def plain(value: Any, names: dict[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    for pseudonym, ref in names.items():
        value = value.replace(pseudonym, ref)
    return RANDOM.sub("random", value)


@pytest.fixture
def gate_for_years(ready: Facecli, purposes_file: Callable[..., Path]) -> Facecli:
    """A gate at which nobody becomes inactive, since the last day of a visit stays known."""
    assert ready("purpose", "apply", purposes_file(inactive_after='"9y"')).code == 0
    return ready


@pytest.mark.rule("log-forgets-visits")
def test_with_the_key_nobody_can_tell_who_was_there_when(
    gate_for_years: Facecli, clock: Clock, tmp_path: Path
) -> None:
    other = gate_for_years.copy(tmp_path / "other")
    mirrored = {**{one: HELD.start - 1 - one for one in range(HELD.start)},
                **{one: HELD.start + HELD.stop - 1 - one for one in HELD}}  # fmt: skip
    start = clock.moment
    during, after = play(gate_for_years, clock, lambda person: person)
    clock.moment = start
    other_during, other_after = play(other, clock, mirrored.__getitem__)
    differs = {table for table in during if during[table] != other_during[table]}
    assert differs == {"match_event"}  # the one place that knows, as long as it may
    assert after["match_event"] == []
    assert after == other_after
    assert {len(after[table]) for table in ("disclosure", "held_elsewhere", "subject_request")} == {
        PEOPLE + 1,  # a breach of everybody
        2 * PEOPLE + 1,  # the item of who left, under a case
        2 * PEOPLE,
    }
    no_second_copy(gate_for_years)


def no_second_copy(facecli: Facecli) -> None:
    """The link of a match event is in no page either: each event id stands in the log alone."""
    pages = plaintext(facecli.db, database_key(facecli.db, facecli.key))
    entries = facecli("log", "export").out.splitlines()
    events = [json.loads(line).get("details", {}).get("event_id") for line in entries]
    found = [event.encode() for event in events if event]
    assert len(found) > 50
    for event in found:
        assert pages.count(event) == pages.count(b'"event_id":"' + event) == 1


def test_until_then_the_person_gets_a_copy_of_their_visits(
    gate_for_years: Facecli, clock: Clock
) -> None:
    start = clock.moment
    with opened(gate_for_years) as session:
        enrol_everybody(session)
        for days, how in ((1, "match"), (2, "same"), (3, "other"), (4, "match")):
            clock.moment = start + timedelta(days=days)
            visit(gate_for_years, session, 1 if days < 4 else 2, how)
    assert visits_in_the_copy(gate_for_years) == ["match", "verify"]
    clock.moment = start + timedelta(days=31, hours=1)
    assert gate_for_years("purge").code == 0
    assert visits_in_the_copy(gate_for_years) == ["verify"]


def visits_in_the_copy(facecli: Facecli) -> list[str]:
    path = facecli.folder / "copy.zip"
    path.unlink(missing_ok=True)
    assert facecli("subject", "export", "A-1", "--output", path).code == 0
    with zipfile.ZipFile(path) as archive:
        document = json.loads(archive.read("subject.json"))
    entries = [one["action"] for one in document["log"] if one["action"] in ("match", "verify")]
    assert len(document["matches"]) == len(entries)
    return entries
