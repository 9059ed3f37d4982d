"""A stored calibration is stale when its gallery is another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from facecli.cli.session import Session
from facecli.recognition.engines.of_database import engine_id_of
from facecli.store import calibrations
from facecli.store.calibrations import StoredCalibration, is_stale
from tests.benchmarks.crowd import populate
from tests.conftest import Facecli
from tests.prepared import opened


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    with opened(ready) as found:
        populate(found, 40)
        yield found


@pytest.mark.parametrize(
    ("then", "made", "erased", "stale"),
    [
        (100, 0, 0, False), (100, 24, 0, False), (100, 25, 0, True), (100, 0, 9, False),
        (100, 0, 10, True), (100, 30, 6, False), (100, 40, 10, True), (0, 0, 0, True),
        (1, 0, 0, False),
    ],
)  # fmt: skip
def test_a_quarter_more_or_a_tenth_less_makes_it_stale(
    then: int, made: int, erased: int, stale: bool
) -> None:
    assert is_stale(then, made, erased) is stale


def keep(session: Session, record: str = "{}") -> StoredCalibration | None:
    engine_id = engine_id_of(session.db)
    with session.db.transaction():
        gallery = calibrations.counts(session.db, 1, engine_id)
        calibrations.put(session.db, 1, engine_id, "2026-11-29T00:00:00Z", gallery, record)
    return calibrations.find(session.db, 1, engine_id)


def erase(session: Session, count: int) -> None:
    with session.db.transaction():
        session.db.execute(
            "DELETE FROM template WHERE id IN (SELECT id FROM template ORDER BY id LIMIT ?)",
            (count,),
        )


def test_one_is_stored_for_each_gallery_and_replaced(session: Session) -> None:
    first, again = keep(session), keep(session, "[]")
    assert first is not None
    assert again is not None
    assert (first.made, first.templates) == (40, 40)
    assert again == replace(first, record="[]")
    assert calibrations.find(session.db, 2, again.engine_id) is None
    assert calibrations.find(session.db, 1, "other-engine") is None
    assert session.db.tuples("SELECT count(*) FROM site_calibration") == [(1,)]
    with session.db.transaction():
        calibrations.drop(session.db, 1, again.engine_id)
    assert calibrations.find(session.db, 1, again.engine_id) is None


def test_templates_made_and_erased_since_count(session: Session) -> None:
    assert calibrations.stale(session.db) == []
    erase(session, 3)  # before it
    keep(session)
    erase(session, 3)
    assert calibrations.stale(session.db) == []
    erase(session, 1)
    [stale] = calibrations.stale(session.db)
    assert (stale.purpose_id, stale.made, stale.templates) == (1, 40, 37)
    keep(session)
    populate(session, 8)
    assert calibrations.stale(session.db) == []
    populate(session, 1)
    assert len(calibrations.stale(session.db)) == 1
