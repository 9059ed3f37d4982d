"""`calibrate` beside other commands, and killed: what is stored is whole and fits its gallery."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from facecli.recognition.matching import calibrating, site_calibration
from facecli.recognition.matching.site_calibration import SiteCalibration
from facecli.store import calibrations
from tests.benchmarks.crowd import populate
from tests.conftest import Facecli
from tests.kills import kills, spawn
from tests.prepared import count, opened
from tests.recognition.matching.test_calibrating import alike, gate_of

PEOPLE = 120


@pytest.fixture
def crowded(ready: Facecli) -> Facecli:
    """So many people in the gallery of `gate`."""
    grow(ready, PEOPLE)
    return ready


def grow(facecli: Facecli, people: int) -> None:
    with opened(facecli) as session:
        there = session.db.value("SELECT count(*) FROM subject")
        populate(session, people, draw=lambda count, size, _: alike(count, size, there))


def leave(facecli: Facecli, people: int) -> None:
    refs = (f"N-{number}" for number in range(people))
    assert facecli("revoke", *refs, "--yes").code == 0


def found(facecli: Facecli) -> SiteCalibration | None:
    with opened(facecli) as session:
        purpose, spec = gate_of(session)
        return site_calibration.of_purpose(session.db, purpose, spec.engine_id)


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        (lambda facecli: leave(facecli, 11), False),
        (lambda facecli: leave(facecli, 12), True),
        (lambda facecli: grow(facecli, 29), False),
        (lambda facecli: grow(facecli, 30), True),
        (lambda facecli: facecli("purge"), False),
    ],
    ids=["few leave", "a tenth leaves", "few come", "a quarter comes", "purge"],
)
def test_thresholds_are_of_the_gallery_that_was_read(
    crowded: Facecli, change: Callable[[Facecli], object], stale: bool
) -> None:
    """Others change the gallery between reading and storing; it counts as changed since."""
    with opened(crowded) as session:
        purpose, spec = gate_of(session)
        measured = calibrating.measure(session.db, purpose, spec, session.now)
        change(crowded)
        with session.act() as act:
            calibrating.store(act, purpose, spec, measured)
        assert bool(calibrations.stale(session.db)) is stale
    assert found(crowded) == measured.calibration
    assert ("measured again" in crowded("purge").err) is stale


def test_of_two_that_measured_at_once_the_last_to_store_counts(crowded: Facecli) -> None:
    with opened(crowded) as one, opened(crowded) as other:
        purpose, spec = gate_of(one)
        first, second = (
            calibrating.measure(each.db, purpose, spec, each.now) for each in (one, other)
        )
        for session, measured in ((other, second), (one, first)):
            with session.act() as act:
                calibrating.store(act, purpose, spec, measured)
    assert count(crowded, "site_calibration") == [1]
    assert found(crowded) == first.calibration
    entries = crowded("log", "show", "-n", "2", "--format", "json").json()
    assert [entry["action"] for entry in entries] == ["calibrate", "calibrate"]


def test_processes_at_once_all_finish(crowded: Facecli) -> None:
    commands = (("calibrate", "--purpose", "gate"),) * 2 + (("purge",), ("revoke", "N-0", "--yes"))
    started = [spawn(*crowded.globals, *command) for command in commands]
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in started]
    assert codes == [0, 0, 0, 0]
    stored = found(crowded)
    assert stored is not None
    assert stored.subjects in (PEOPLE - 1, PEOPLE)
    assert count(crowded, "site_calibration") == [1]


def test_a_kill_leaves_the_earlier_thresholds_or_the_new_ones_with_their_entry(
    crowded: Facecli,
) -> None:
    def start() -> int:
        return spawn(*crowded.globals, "calibrate", "--purpose", "gate")

    with kills(crowded.folder, start(), random.Random(17)) as killing:
        for _ in killing.attempts(3):
            killing.kill(start())
            done = crowded("log", "show", "-n", "100", "--format", "json").json()
            [*_, newest] = [
                entry for entry in done
                if (entry["action"], entry["outcome"]) == ("calibrate", "done")
            ]  # fmt: skip
            stored = found(crowded)
            assert stored is not None
            assert len(stored.points) > 2
            assert stored.pairs == newest["details"]["pairs"]
            grow(crowded, 1)  # so that the next has other pairs
