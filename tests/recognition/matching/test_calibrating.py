"""A site is calibrated on its own subjects: whom it counts, whom it leaves out, what it stores."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

from facecli.cli.session import Session
from facecli.consent import purposes
from facecli.consent.purpose_terms import Purpose
from facecli.errors.recognition import GalleryOfCopies, TooFewSubjects
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import calibrating, site_calibration
from facecli.recognition.matching.calibrating import measure, store, withdraw
from facecli.recognition.matching.site_calibration import SiteCalibration
from facecli.store import calibrations
from tests.benchmarks.crowd import Draw, populate
from tests.conftest import Facecli
from tests.prepared import opened
from tests.recognition.matching.test_rate_scale import WITHOUT

WAYS = 40  # in which faces differ; with so few, strangers resemble each other much


def alike(count: int, dimension: int, seed: int) -> np.ndarray:
    """Vectors of unit length of people who resemble each other more than others do."""
    found = np.zeros((count, dimension))
    found[:, :WAYS] = np.random.default_rng(seed + 1).standard_normal((count, WAYS))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def with_copies(of: int, times: int) -> Draw:
    """As `alike`, but the first people are so many times there, a little different each time."""

    def draw(count: int, dimension: int, seed: int) -> np.ndarray:
        found = alike(count, dimension, seed)
        noise = np.random.default_rng(9).standard_normal((of * times, dimension)) * 0.02
        found[: of * times] = np.repeat(found[:of], times, axis=0) + noise
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))

    return draw


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


def gate_of(session: Session) -> tuple[Purpose, EngineSpec]:
    return purposes.find(session.db, "gate"), engine_of(session.db)


def measured(session: Session) -> SiteCalibration:
    return measure(session.db, *gate_of(session), session.now).calibration


@pytest.mark.parametrize("people", [0, 1, 49])
def test_fewer_than_50_subjects_are_refused_with_the_remedy(session: Session, people: int) -> None:
    populate(session, people)
    with pytest.raises(TooFewSubjects, match=f"{people} subject") as refused:
        measured(session)
    assert "50 subjects or more" in refused.value.hint


def test_the_pairs_of_all_subjects_give_thresholds(session: Session) -> None:
    populate(session, 200, draw=alike)
    found = measured(session)
    assert (found.subjects, found.measured, found.references) == (200, 200, 199)
    assert (found.pairs, found.left_out) == (200 * 199 // 2, 0)
    assert found.points[-1].fmr >= 0.08
    assert any(one.extrapolated for one in found.points)
    assert [one.fmr for one in found.points] == sorted(one.fmr for one in found.points)
    assert measured(session).points == found.points  # the same draws


def test_only_who_may_be_compared_counts(session: Session) -> None:
    populate(session, 120, withdrawn=0.5, draw=alike)
    assert measured(session).subjects == 60


def test_ten_refs_of_one_person_are_refused_unless_their_names_agree(session: Session) -> None:
    populate(session, 250, draw=with_copies(1, 10))
    with pytest.raises(GalleryOfCopies, match="45 pairs"):
        measured(session)
    with session.db.transaction():
        session.db.execute("UPDATE subject SET name = ' Li  NA ' WHERE id <= 10 AND id % 2")
        session.db.execute("UPDATE subject SET name = 'li na' WHERE id <= 10 AND id % 2 = 0")
    found = measured(session)
    assert (found.left_out, found.measured) == (9, 241)
    assert found.pairs == 241 * 240 // 2


def test_a_gallery_of_copies_is_refused(session: Session) -> None:
    populate(session, 200, draw=with_copies(100, 2))
    with pytest.raises(GalleryOfCopies):
        measured(session)


def test_the_same_photo_under_two_refs_is_left_out(session: Session) -> None:
    populate(session, 200, draw=with_copies(30, 2))
    with session.db.transaction():
        for pair in range(1, 31):
            session.db.execute(
                "UPDATE template SET capture_sha256 = ? WHERE subject_id IN (?, ?)",
                (pair.to_bytes(32), 2 * pair - 1, 2 * pair),
            )
    assert measured(session).left_out == 30


def test_look_alikes_with_other_names_make_a_threshold_stricter(
    session: Session, ready: Facecli
) -> None:
    """Three pairs of twins are no reason to refuse, and are not dropped to loosen a threshold."""
    populate(session, 250, draw=with_copies(3, 2))
    with_twins = {one.fmr: one.distance for one in measured(session).points}
    with session.db.transaction():
        session.db.execute("UPDATE subject SET name = 'Name ' || ((id + 1) / 2) WHERE id <= 6")
    without = measured(session)
    assert without.left_out == 3
    for one in without.points:
        if one.fmr in with_twins and one.fmr <= 1e-3:
            assert with_twins[one.fmr] <= one.distance


@pytest.mark.parametrize("name", ["Visitor", None])
def test_a_name_that_many_share_is_no_sign(session: Session, name: str | None) -> None:
    """A gallery of people without names of their own loses none of its nearest pairs."""
    populate(session, 200, draw=with_copies(3, 2))
    before = measured(session)
    with session.db.transaction():
        session.db.execute("UPDATE subject SET name = ?", (name,))
    after = measured(session)
    assert after.left_out == 0
    assert after.points == before.points


def test_people_of_one_name_who_are_not_alike_count(session: Session) -> None:
    populate(session, 200, draw=alike)
    before = measured(session)
    with session.db.transaction():
        session.db.execute("UPDATE subject SET name = 'Wang ' || (id % 50)")
    after = measured(session)
    assert (after.left_out, after.points) == (0, before.points)


def test_an_engine_without_a_calibration_is_measured_and_nobody_left_out(session: Session) -> None:
    populate(session, 200, draw=with_copies(3, 2))
    with session.db.transaction():
        session.db.execute("UPDATE subject SET name = 'Name ' || ((id + 1) / 2) WHERE id <= 6")
    purpose, _ = gate_of(session)
    found = measure(session.db, purpose, WITHOUT, session.now).calibration
    assert (found.left_out, found.measured) == (0, 200)


def test_what_is_stored_and_logged_is_counts_and_thresholds(
    ready: Facecli, session: Session
) -> None:
    populate(session, 200, draw=alike)
    purpose, spec = gate_of(session)
    found = measure(session.db, purpose, spec, session.now)
    with session.act() as act:
        store(act, purpose, spec, found)
    assert site_calibration.of_purpose(session.db, purpose, spec.engine_id) == found.calibration
    [entry] = ready("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["outcome"], entry["purpose"]) == ("calibrate", "done", "gate")
    assert entry["subject_id"] is None
    details = entry["details"]
    assert (details["pairs"], details["left_out"], details["subjects"]) == (19900, 0, 200)
    assert all("0.0" in line or "e-" in line for line in details["thresholds"])
    [stored] = session.db.tuples("SELECT record FROM site_calibration")
    text = json.dumps(entry) + stored[0]
    assert "N-1" not in text
    assert "Name" not in text


def test_thresholds_that_were_withdrawn_are_gone_and_the_log_says_so(
    ready: Facecli, session: Session
) -> None:
    populate(session, 100, draw=alike)
    purpose, spec = gate_of(session)
    with session.act() as act:
        store(act, purpose, spec, measure(session.db, purpose, spec, session.now))
    with session.act() as act:
        withdraw(act, purpose, spec.engine_id, "too-few-subjects")
    assert calibrations.find(session.db, purpose.purpose_id, spec.engine_id) is None
    [entry] = ready("log", "show", "-n", "1", "--format", "json").json()
    assert entry["details"]["reason"] == "too-few-subjects"


def test_rates_are_preferred_numbers_and_the_log_has_three_a_decade() -> None:
    assert list(calibrating.RATES) == sorted(calibrating.RATES)
    logged = [rate for rate in calibrating.RATES if calibrating._is_logged(rate)]
    assert len(logged) == 3 * 8 + 1
