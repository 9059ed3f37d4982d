"""A purge keeps calibrations up where the gallery has changed much, and only there."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from facecli.recognition.engines import engine
from facecli.recognition.matching import site_calibration
from facecli.recognition.matching.rate_scale import RateScale, calibration_of
from facecli.recognition.matching.site_calibration import SiteCalibration
from tests.benchmarks.crowd import populate
from tests.conftest import Clock, Facecli
from tests.prepared import count, opened
from tests.recognition.matching.test_calibrating import alike, gate_of, with_copies


def crowded(facecli: Facecli, people: int = 120) -> None:
    """Enrol so many further people."""
    with opened(facecli) as session:
        there = session.db.value("SELECT count(*) FROM subject")
        populate(session, people, draw=lambda count, size, _: alike(count, size, there))


def limit(facecli: Facecli) -> float:
    """The distance that holds a rate of 1e-3 for the gate."""
    with opened(facecli) as session:
        purpose, spec = gate_of(session)
        site = site_calibration.of_purpose(session.db, purpose, spec.engine_id)
        return RateScale.of(spec, purpose, site).held(1e-3).distance


def found(facecli: Facecli) -> SiteCalibration | None:
    with opened(facecli) as session:
        purpose, spec = gate_of(session)
        return site_calibration.of_purpose(session.db, purpose, spec.engine_id)


def test_a_gallery_that_grew_by_a_quarter_is_measured_anew(ready: Facecli, clock: Clock) -> None:
    crowded(ready)
    ready("calibrate", "--purpose", "gate")
    before = found(ready)
    crowded(ready, 29)
    ready("purge")
    assert found(ready) == before
    crowded(ready, 1)
    assert "have changed" not in ready("purge", "--dry-run").err
    assert found(ready) == before
    done = ready("purge")
    assert "gate: thresholds measured again on 11,175 pairs." in done.err
    now = found(ready)
    assert now is not None
    assert (now.subjects, now.pairs) == (150, 11175)
    assert "again" not in ready("purge").err


def test_when_a_tenth_has_gone_their_pairs_go_too(ready: Facecli, clock: Clock) -> None:
    crowded(ready)
    ready("calibrate", "--purpose", "gate")
    ready("revoke", *(f"N-{number}" for number in range(11)), "--yes")
    ready("purge")
    before = found(ready)
    assert before is not None
    assert before.subjects == 120
    ready("revoke", "N-11", "--yes")
    warned = ready("doctor", "--quick", "--format", "json").out
    assert "gate: the gallery has changed much" in warned
    ready("purge")
    now = found(ready)
    assert now is not None
    assert now.subjects == 108
    assert "changed much" not in ready("doctor", "--quick", "--format", "json").out


def test_thresholds_of_people_who_are_gone_count_no_longer(ready: Facecli, clock: Clock) -> None:
    crowded(ready, 60)
    ready("calibrate", "--purpose", "gate")
    ready("revoke", *(f"N-{number}" for number in range(12)), "--yes")
    done = ready("purge")
    assert "The gallery of gate has 48 subjects" in done.err
    assert "Its own thresholds no longer count." in done.err
    assert found(ready) is None


def test_a_gallery_that_cannot_be_measured_fails_no_purge(ready: Facecli, clock: Clock) -> None:
    crowded(ready, 60)
    ready("calibrate", "--purpose", "gate")
    before = found(ready)
    with opened(ready) as session:
        populate(session, 60, draw=with_copies(30, 2))
    done = ready("purge")
    assert done.code == 0
    assert "gate was not calibrated again: The gallery of gate has" in done.err
    assert "`facecli calibrate --purpose gate` names the REFs." in done.err
    assert "N-1" not in done.err
    assert before is not None
    assert found(ready) == replace(before, doubtful=True)


def test_copies_cannot_keep_a_threshold_that_is_looser_than_the_shipped_one(
    ready: Facecli, clock: Clock
) -> None:
    """One person under many REFs stops the measurement of a gallery that grows."""
    with opened(ready) as session:
        populate(session, 200)  # who hardly resemble each other
    ready("calibrate", "--purpose", "gate")
    loose = limit(ready)
    with opened(ready) as session:
        populate(session, 60, draw=with_copies(1, 10))
    entries = count(ready, "audit_entry")[0]
    ready("purge")
    shipped = calibration_of(engine.spec("sface")).in_worst_group(1e-3).distance
    assert limit(ready) == shipped < loose
    for _ in range(2):  # nights
        again = ready("purge")
        assert (again.code, "was not calibrated again" in again.err) == (0, True)
    actions = [one["action"] for one in ready("log", "show", "--format", "json").json()[entries:]]
    assert actions.count("calibrate") == 1
    warned = ready("doctor", "--quick", "--format", "json").out
    assert "more close pairs than different people explain" in warned
    ready("revoke", *(f"N-{number}" for number in range(200, 210)), "--yes")
    ready("purge")
    now = found(ready)
    assert now is not None
    assert not now.doubtful


def test_a_purge_with_nothing_to_measure_loads_nothing_heavy(ready: Facecli, clock: Clock) -> None:
    crowded(ready, 60)
    ready("calibrate", "--purpose", "gate")
    script = (
        "import sys; from facecli.cli.main import main; code = main(sys.argv[1:]);"
        "loaded = {'numpy', 'facecli.recognition'} & set(sys.modules);"
        "print(sorted(loaded)); sys.exit(code)"
    )
    options = ["--no-input", "-q", "--db", str(ready.db), "--key-file", str(ready.key)]
    done = subprocess.run(
        [sys.executable, "-c", script, *options, "purge"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
    assert count(ready, "site_calibration") == [1]
