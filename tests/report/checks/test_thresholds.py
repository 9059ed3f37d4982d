"""The thresholds of each purpose, as doctor reports them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from facecli.cli.session import Session
from facecli.recognition.matching.calibrating import doubt, measure, store
from facecli.report.checks import thresholds
from facecli.report.findings import Finding
from facecli.store import calibrations
from tests.benchmarks.crowd import populate
from tests.conftest import Facecli
from tests.prepared import opened
from tests.recognition.matching.test_calibrating import alike, gate_of


def test_each_open_purpose_has_its_costs(ready: Facecli) -> None:
    ready("purpose", "retire", "attendance", "--yes")
    with opened(ready) as session:
        [found] = thresholds.of_database(session.db)
    assert (found.check, found.severity) == ("threshold", "ok")
    assert found.finding.startswith("gate: at a false-match rate of 0.001, this share of genuine")
    assert "shipped worst group 3.0% (in use)" in found.finding


def test_a_rate_that_nothing_supports_is_an_error(
    ready: Facecli, purposes_file: Callable[..., Path]
) -> None:
    ready("purpose", "apply", str(purposes_file(threshold_fmr="1e-12")))
    with opened(ready) as session:
        found = {one.severity: one.finding for one in thresholds.of_database(session.db)}
    assert found["error"].startswith("Purpose gate: A false-match rate of 1e-12 was not measured")
    assert found["ok"].startswith("attendance: ")


def test_a_doubtful_calibration_is_a_warning_that_names_the_command(ready: Facecli) -> None:
    with opened(ready) as session:
        populate(session, 120, draw=alike)
        purpose, spec = gate_of(session)
        with session.act() as act:
            store(act, purpose, spec, measure(session.db, purpose, spec, session.now))
        stored = calibrations.find(session.db, purpose.purpose_id, spec.engine_id)
        assert stored is not None
        assert not warnings(session)
        with session.act() as act:
            doubt(act, purpose, stored, "gallery-of-copies")
        [found] = warnings(session)
    assert found.check == "calibration"
    assert "more close pairs than different people explain" in found.finding
    assert "`facecli calibrate --purpose gate`" in found.remedy


def test_a_gallery_that_could_be_measured_is_told_apart_from_a_small_one(ready: Facecli) -> None:
    with opened(ready) as session:
        populate(session, 49)
        assert not measurable(session)
        populate(session, 1)
        assert measurable(session) == [
            "gate: 50 templates, not measured yet; `facecli calibrate --purpose gate` measures "
            "thresholds of the gallery's own"
        ]


def measurable(session: Session) -> list[str]:
    found = thresholds.of_database(session.db)
    return [one.finding for one in found if one.check == "calibration"]


def warnings(session: Session) -> list[Finding]:
    return [one for one in thresholds.of_database(session.db) if one.severity == "warning"]
