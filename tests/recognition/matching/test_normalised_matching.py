"""Normalised distances in a database: one decision for match and verify, and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from facecli.cli.session import Session
from facecli.consent import purposes, subjects
from facecli.errors.recognition import NoCalibration, NoNormalisation
from facecli.recognition.engines import calibration
from facecli.recognition.engines.calibration import Calibration, Scale
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.gallery import load
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.matching.search import Query
from facecli.recognition.matching.thresholds import (
    Asked,
    calibration_of,
    cohort_for,
    for_verification,
)
from facecli.recognition.matching.verification import Claim, verify_and_record
from tests.conftest import Facecli
from tests.prepared import opened, seen, unit
from tests.recognition.matching.test_gallery import change, enrol

SCALE = Scale(cohort=6, nearest=2, usual=1.7, low=1.0, high=2.5)
PEOPLE = 9


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    """Nine people, each at 1.4 or so from every other."""
    for number in range(PEOPLE):
        enrol(ready, f"A-{number}", unit(number))
    with opened(ready) as found:
        yield found


def spec(session: Session, normalised: bool = True) -> EngineSpec:
    """The database's engine, whose calibration knows both kinds of distances."""
    plain = engine_of(session.db)
    known = calibration_of(plain)
    points = (*known.points, calibration.Point(0.99, 10.0, 0.0))  # so that all may be listed
    table = Calibration(known.engine_id, known.origin, points, SCALE)
    text = calibration.dump(replace(known, points=points, normalised=table))
    return replace(plain, calibration_text=text, normalised=normalised)


def search(session: Session, asked: Asked, *templates: bytes) -> list[dict]:
    query = Query(spec(session), asked, PEOPLE)
    purpose = purposes.find(session.db, "gate")
    matcher = Matcher(session.db, purpose, query, session.act, lambda: session.now)
    return matcher.search_and_record([("0.jpg", seen("0.jpg", *templates))])[0].rows


def latest(ready: Facecli) -> dict:
    [entry] = ready("log", "show", "-n", "1", "--format", "json").json()
    return entry["details"]


PROBE = unit(70, near=unit(3), distance=0.4)


def test_match_and_verify_measure_the_same_distance(session: Session, ready: Facecli) -> None:
    change(ready, "UPDATE purpose_version SET threshold_fmr = 0.99")
    rows = search(session, Asked(threshold=9, normalise=True), PROBE)
    assert latest(ready)["normalised"] is True
    assert len(rows) == PEOPLE
    plain = {row["ref"]: row["distance"] for row in search(session, Asked(threshold=9), PROBE)}
    assert latest(ready)["normalised"] is False
    purpose = purposes.find(session.db, "gate")
    face = seen("0.jpg", PROBE).faces[0]
    for row in rows:
        with session.act() as act:
            subject = subjects.find(act.db, row["ref"])
            claim = Claim(subject, purpose, spec(session), Asked(fmr=1e-3))
            made = verify_and_record(act, claim, face)
        assert made.normalised
        assert made.distance == row["distance"] != plain[row["ref"]]
    assert latest(ready)["normalised"] is True


def test_a_gallery_that_is_too_small_is_searched_by_distances_as_they_are(
    session: Session, ready: Facecli
) -> None:
    [before] = search(session, Asked(), PROBE)
    assert latest(ready)["normalised"] is True
    gone = "UPDATE consent SET withdrawn_at = given_at WHERE subject_id IN ({})"
    change(ready, gone.format("SELECT id FROM subject WHERE ref > 'A-4'"))
    [after] = search(session, Asked(normalise=True), PROBE)
    assert latest(ready)["normalised"] is False
    assert after["ref"] == before["ref"] == "A-3"
    assert after["distance"] == pytest.approx(0.4, abs=1e-6)


def test_whoever_goes_is_in_no_cohort_from_then_on(session: Session, ready: Facecli) -> None:
    purpose, engine = purposes.find(session.db, "gate"), spec(session)

    def cohort() -> list[int]:
        gallery, _ = load(session.db, purpose, engine, session.now, SCALE.cohort)
        return [int(gallery._subjects[place]) for place in gallery._cohort]

    first = cohort()
    assert len(set(first)) == SCALE.cohort
    assert cohort() == first
    out, *stay = first
    change(ready, f"UPDATE subject SET state = 'restricted' WHERE id = {out}")
    assert cohort()[:-1] == stay
    assert out not in cohort()


def test_normalising_leaves_no_trace_in_the_database(session: Session, ready: Facecli) -> None:
    tables = [
        row[0] for row in session.db.rows("SELECT name FROM sqlite_schema WHERE type='table'")
    ]

    def content() -> dict[str, list[tuple]]:
        return {
            table: [
                tuple(row)
                for row in session.db.rows(f"SELECT * FROM {table}")
                if row[0] != "time_reached"
            ]
            for table in tables
        }

    before = content()
    search(session, Asked(), unit(80))  # a stranger: found by nobody
    after = content()
    changed = {table for table in tables if before[table] != after[table]}
    assert changed <= {"audit_entry", "audit_frontier", "audit_node", "checkpoint"}
    assert set(latest(ready)) == {
        "engine", "threshold", "fmr", "normalised", "references", "fpir", "images", "faces",
        "matches", "event_id", "started", "ended", "database",
    }  # fmt: skip


def test_the_engine_decides_unless_asked_and_a_stated_distance_counts_as_it_is(
    session: Session,
) -> None:
    on, off = spec(session), spec(session, normalised=False)
    assert [cohort_for(one, Asked()) for one in (on, off)] == [6, 0]
    assert [cohort_for(one, Asked(threshold=0.5)) for one in (on, off)] == [0, 0]
    assert [cohort_for(one, Asked(normalise=True)) for one in (on, off)] == [6, 6]
    assert [cohort_for(one, Asked(normalise=False)) for one in (on, off)] == [0, 0]
    asked = Asked(threshold=0.5, normalise=True)
    purpose = purposes.find(session.db, "gate")
    assert for_verification(off, purpose, asked, 6).scale == SCALE
    assert for_verification(off, purpose, asked, 5).scale is None


def test_what_was_not_measured_is_refused_only_if_it_was_asked_for(session: Session) -> None:
    known = calibration_of(engine_of(session.db))
    text = calibration.dump(replace(known, normalised=None))
    unmeasured = replace(engine_of(session.db), calibration_text=text, normalised=True)
    assert cohort_for(unmeasured, Asked()) == 0
    with pytest.raises(NoNormalisation):
        cohort_for(unmeasured, Asked(normalise=True))
    assert NoCalibration.exit_code == NoNormalisation.exit_code == 2
