"""The first start of a batch: kept while it is unfinished, and no longer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecli.cli.session import Session
from facecli.consent.agreements import Shown
from facecli.recognition.enrolment.batch_start import BatchStart, begin, finish, forget_names
from tests.conftest import Clock, Facecli
from tests.prepared import SPEC, opened, unit
from tests.recognition.matching.test_gallery import enrol

MANIFEST = Path("staff.csv")


@pytest.fixture
def session(ready: Facecli, clock: Clock) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


def started(session: Session, manifest: Path = MANIFEST, *, resume: bool = True) -> BatchStart:
    with session.act() as act:
        notice = Shown("declared", language="en")
        return begin(act, manifest, SPEC, resume=resume, rows=3, notice=notice)


def test_a_start_knows_the_versions_of_every_purpose(session: Session) -> None:
    start = started(session)
    assert start.versions == {"gate": 1, "attendance": 1}
    assert start.galleries == {"gate": 2, "attendance": 2}  # when the last of three rows comes
    assert start.notice_of("gate") == Shown("declared", 1, start.at, start.day, "en")
    assert start.notice_of("gate", "zh").language == "zh"
    assert start.notice_of("spa").version == 0


def test_resuming_keeps_the_first_start_until_the_batch_is_finished(
    session: Session, clock: Clock, ready: Facecli
) -> None:
    first = started(session)
    with session.db.transaction():
        session.db.execute("UPDATE purpose_version SET version = 2")
    clock.advance(days=3)
    enrol(ready, "A-1", unit(1))
    assert started(session) == first
    assert started(session, Path("./other/../staff.csv")) == first
    other = started(session, Path("others.csv"))
    assert (other.versions["gate"], other.at > first.at) == (2, True)
    finish(session.db, MANIFEST, first)
    again = started(session)
    assert (again.versions["gate"], again.at) == (2, other.at)


def test_a_batch_begun_anew_starts_now(session: Session, clock: Clock) -> None:
    first = started(session)
    clock.advance(days=3)
    second = started(session, resume=False)
    assert second.at > first.at
    clock.advance(days=3)
    assert started(session) == second


def test_a_start_is_logged_and_names_no_file(session: Session, clock: Clock) -> None:
    first = started(session)
    clock.advance(days=3)
    started(session)
    rows = session.db.tuples("SELECT record FROM audit_entry ORDER BY seq DESC LIMIT 2")
    entries = [json.loads(record) for (record,) in rows]
    assert [one["action"] for one in entries] == ["enroll.batch"] * 2
    expected = {"rows": 3, "started": first.at, "notice": "declared"}
    assert [one["details"] for one in entries] == [expected] * 2
    assert "staff" not in str(session.db.tuples("SELECT * FROM unfinished_batch"))


def forget(session: Session) -> None:
    with session.db.transaction():
        forget_names(session.db)


def test_a_resumed_batch_without_a_known_start_is_bound_by_nameless_ones(
    session: Session, clock: Clock
) -> None:
    first = started(session)
    forget(session)
    with session.db.transaction():
        session.db.execute("UPDATE purpose_version SET version = 2")
    clock.advance(days=3)
    resumed = started(session)
    assert resumed.versions == first.versions
    assert resumed.day > first.day, "a date of the first day no longer counts"
    assert started(session, resume=False).versions == {"gate": 2, "attendance": 2}


def test_a_purpose_younger_than_a_nameless_start_has_no_version(session: Session) -> None:
    started(session)
    with session.db.transaction():
        session.db.execute("UPDATE unfinished_batch SET versions = '{\"gate\": 1}'")
    forget(session)
    assert started(session).versions == {"gate": 1, "attendance": 0}


def test_a_batch_that_lost_its_name_leaves_nothing_once_it_is_finished(
    session: Session, clock: Clock
) -> None:
    started(session, Path("others.csv"))
    clock.advance(days=1)
    first = started(session)
    forget(session)
    forget(session)
    finish(session.db, MANIFEST, first)
    ((name,),) = session.db.tuples("SELECT manifest FROM unfinished_batch")
    assert name.startswith("nameless:")
