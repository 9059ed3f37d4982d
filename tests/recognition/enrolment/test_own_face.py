"""A capture is compared with the subject's own templates, as far as they may be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from facecli.cli.session import Session
from facecli.consent import consents, purposes, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.subjects import NewSubject
from facecli.recognition.engines import engine
from facecli.recognition.engines.calibration import Calibration, Origin, Point
from facecli.recognition.enrolment.own_face import equal_error, is_other
from facecli.recognition.matching.rate_scale import calibration_of
from facecli.store import templates
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from tests.conftest import Clock, Facecli
from tests.prepared import SPEC, opened, unit
from tests.recognition.matching.test_gallery import change, enrol

LIMIT = equal_error(calibration_of(SPEC))
OWN = unit(1)


@pytest.fixture
def session(ready: Facecli, clock: Clock) -> Iterator[Session]:
    enrol(ready, "A-1", OWN)
    with opened(ready) as found:
        yield found


def other(session: Session, template: bytes, ref: str = "A-1") -> bool:
    subject = subjects.find(session.db, ref)
    return is_other(session.db, subject, SPEC, template, session.now)


def at(distance: float) -> bytes:
    return unit(60, OWN, distance)


def test_the_limit_decides(session: Session) -> None:
    assert not other(session, OWN)
    assert not other(session, at(LIMIT - 0.02))
    assert other(session, at(LIMIT + 0.02))


def test_the_mean_over_all_own_templates_decides(session: Session, ready: Facecli) -> None:
    probe = at(LIMIT + 0.1)
    assert other(session, probe)
    enrol(ready, "A-1", unit(61, probe, LIMIT - 0.15))
    assert not other(session, probe)
    assert other(session, at(LIMIT + 0.3))


def test_templates_for_every_purpose_count(session: Session) -> None:
    attendance = purposes.find(session.db, "attendance")
    with session.act() as act:
        new = subjects.add(act, NewSubject("B-1"))
        consents.record(act, new, attendance, Agreement("1m", notice=Shown("declared")))
        slot = NewSlot(new.subject_id, attendance.purpose_id, SPEC.engine_id, SPEC.dimension, OWN,
                       act.now)  # fmt: skip
        templates.add(act.db, slot, Capture(""))
    assert not other(session, at(LIMIT - 0.02), "B-1")
    assert other(session, at(LIMIT + 0.02), "B-1")


UNUSABLE = {
    "withdrawn": "UPDATE consent SET withdrawn_at = given_at",
    "held": "UPDATE subject SET state = 'restricted'",
    "another version": "UPDATE purpose_version SET version = 2",
    "another engine": "UPDATE template_shard SET engine_id = 'another-0123456789ab'",
    "of a retired purpose": "UPDATE purpose SET retired_at = '2020-01-01T00:00:00Z'",
}


@pytest.mark.parametrize("how", UNUSABLE)
def test_templates_that_may_not_be_used_are_not_compared(
    session: Session, ready: Facecli, how: str
) -> None:
    change(ready, UNUSABLE[how])
    assert not other(session, unit(5))


def test_a_template_that_is_due_is_not_compared(session: Session, clock: Clock) -> None:
    clock.advance(days=360)
    assert not other(session, unit(5))


def calibration(*points: tuple[float, float, float]) -> Calibration:
    origin = Origin("points", 1, 0, 1, 1, 1, "by hand", "2026-01-01")
    return Calibration("e-0", origin, tuple(Point(fmr, at, fnmr) for fmr, at, fnmr in points))


@pytest.mark.parametrize(
    ("points", "limit"),
    [
        ([(0.01, 0.3, 0.05), (0.03, 0.4, 0.03), (0.1, 0.5, 0.01)], 0.4),
        ([(0.01, 0.3, 0.05), (0.04, 0.4, 0.03), (0.1, 0.5, 0.01)], 0.38),
        ([(0.06, 0.3, 0.05), (0.1, 0.4, 0.03)], 0.3),
        ([(0.01, 0.3, 0.05), (0.02, 0.4, 0.03)], 0.4),
    ],
)
def test_the_limit_is_where_both_errors_are_the_same(points: Any, limit: float) -> None:
    assert equal_error(calibration(*points)) == pytest.approx(limit)


@pytest.mark.parametrize("name", ["sface", "dlib", "dlib-hog", "reference"])
def test_every_engine_that_ships_has_a_limit_between_its_rates(name: str) -> None:
    table = calibration_of(engine.spec(name))
    limit = equal_error(table)
    assert table.threshold(1e-3) < limit < table.threshold(0.03)
