"""Re-enrolment at the level of its room; the command's tests hold it over real photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from facecli.cli.session import Session
from facecli.consent import holds, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.recognition import stored
from facecli.recognition.engines.engine import spec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.reenrolment import Reenroller, ReenrolmentOutcome, unfinished
from facecli.recognition.enrolment.requests import EnrolmentRequest
from facecli.workers.answers import Failure
from tests.conftest import Clock, Facecli
from tests.prepared import Prepared, opened, seen, unit

NEW = spec("dlib")


@pytest.fixture
def session(facecli: Facecli, purposes_file: Callable[..., Path]) -> Iterator[Session]:
    """Three subjects enrolled by sface, in another order than their REFs; A-2 without a photo."""
    assert facecli("init").code == 0
    assert facecli("purpose", "apply", purposes_file(retain_photo='"30d"')).code == 0
    with opened(facecli) as found:
        enroller = Enroller(found.db, engine_of(found.db), found.act, lambda: found.now)
        for number in (3, 1, 2):
            request = EnrolmentRequest(
                f"A-{number}", "gate", f"{number}.jpg", keep_photo=number != 2,
                agreement=Agreement("1y", notice=Shown("declared")),
            )  # fmt: skip
            photo = None if number == 2 else b"jpeg"
            image = replace(seen(request.path, unit(number)), photo=photo)
            assert enroller.enrol(request, image).outcome == "enrolled"
        yield found


def reenroller(session: Session) -> Reenroller:
    return Reenroller(session.db, NEW, session.act, lambda: session.now)


def short(outcomes: list[ReenrolmentOutcome]) -> list[tuple[str, str, str | None, int]]:
    return [(one.subject.ref, one.outcome, one.reason, one.templates) for one in outcomes]


def photos(session: Session) -> list[str]:
    """The names of the kept photos as requests call them, by id."""
    return [f"kept photo {row[0]}" for row in session.db.rows("SELECT id FROM sample ORDER BY id")]


def test_the_plan_is_by_ref_and_opens_no_photo(session: Session) -> None:
    found = reenroller(session)
    assert found.photos() == 2
    assert short(found.plan()) == [
        ("A-1", "would-reenroll", None, 1),
        ("A-2", "call-in", "no-photo", 0),
        ("A-3", "would-reenroll", None, 1),
    ]
    assert unfinished(found.plan()) == 1


def test_templates_are_made_beside_the_old_ones_until_the_switch(session: Session) -> None:
    third, first = photos(session)
    pool = Prepared({first: seen(first, unit(1)), third: Failure("worker-crashed", "it died")})
    found = reenroller(session)
    assert list(found.make(pool)) == [None, "worker-crashed"]
    assert engine_of(session.db).name == "sface"
    assert session.db.value("SELECT count(*) FROM template") == 4
    assert short(found.switch()) == [
        ("A-1", "reenrolled", None, 1),
        ("A-2", "call-in", "no-photo", 0),
        ("A-3", "call-in", "worker-crashed", 0),
    ]
    assert engine_of(session.db) == NEW
    assert session.db.value("SELECT count(*) FROM template") == 1
    assert stored.in_other_engines(session.db, NEW.engine_id) == []


def test_an_interrupted_run_does_not_repeat_its_templates(session: Session) -> None:
    third, first = photos(session)
    both = {name: seen(name, unit(at)) for at, name in enumerate((first, third))}
    made = reenroller(session).make(Prepared(both, ahead=0))
    assert next(made) is None
    made.close()  # type: ignore[attr-defined]
    again = Prepared(both)
    assert list(reenroller(session).make(again)) == [None]
    assert again.asked == [third]


def test_photos_past_their_retention_are_not_opened(session: Session, clock: Clock) -> None:
    clock.advance(days=31)
    found = reenroller(session)
    assert found.photos() == 0
    assert {one.reason for one in found.plan()} == {"photo-over", "no-photo"}


def test_a_held_subject_keeps_the_old_templates(session: Session) -> None:
    with session.act() as act:
        holds.hold(act, "A-1", "a court order", "2099-01-01")
    third, _ = photos(session)
    found = reenroller(session)
    assert list(found.make(Prepared({third: seen(third, unit(3))}))) == [None]
    assert [(one.subject.ref, one.outcome) for one in found.switch()] == [
        ("A-1", "held"), ("A-2", "call-in"), ("A-3", "reenrolled"),
    ]  # fmt: skip
    [(subject_id, _)] = stored.in_other_engines(session.db, NEW.engine_id)
    assert subjects.find_by_id(session.db, subject_id).ref == "A-1"
