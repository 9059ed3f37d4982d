"""The calibrations of galleries in the report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from facecli.consent import purposes
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.rate_scale import decided_by
from facecli.recognition.matching.site_calibration import SiteCalibration, SitePoint
from facecli.report.custody import accuracy
from facecli.store import calibrations
from tests.prepared import opened

POINTS = (
    SitePoint(1e-4, 0.9, 1e-6, 9e-5, True, middle=0.91),
    SitePoint(1e-2, 1.0, 5e-3, 9e-3, middle=1.0),
)
SITE = SiteCalibration("2026-11-28T16:30:00Z", 3, 3, 2, 3, 1, POINTS, POINTS[1:])


def measured(facecli: Any, site: SiteCalibration = SITE) -> str | None:
    """Store a calibration of the gate's gallery; return which one decides the gate's rate."""
    with opened(facecli) as session:
        gate = purposes.find(session.db, "gate")
        with session.db.transaction():
            gallery = (session.db, gate.purpose_id, engine_of(session.db).engine_id)
            calibrations.put(*gallery, site.at, calibrations.counts(*gallery), site.dump())
        return decided_by(session.db, gate)


def test_each_measured_gallery_has_its_numbers_and_its_rates(enrolled: Any, figures: Any) -> None:
    assert figures(accuracy.section)["galleries"] == []
    by = measured(enrolled)
    found = figures(accuracy.section)
    assert found["galleries"] == [
        {"purpose": "gate", "measured_at": SITE.at, "subjects": 3, "compared": 3, "references": 2,
         "pairs": 3, "left_out": 1, "changed": "no"}
    ]  # fmt: skip
    assert [(one["use"], one["rate"], one["high"]) for one in found["gallery_rates"]] == [
        ("verification", 1e-4, 9e-5), ("verification", 1e-2, 9e-3), ("identification", 1e-2, 9e-3),
    ]  # fmt: skip
    assert {one["purpose"]: one["decided_by"] for one in found["thresholds"]}["gate"] == by


def test_a_gallery_that_changed_much_is_named(enrolled: Any, figures: Any) -> None:
    measured(enrolled)
    assert enrolled("revoke", "A-1001", "--yes").code == 0
    (found,) = figures(accuracy.section)["galleries"]
    assert found["changed"] == "yes"


def test_a_doubtful_calibration_is_called_so_as_doctor_calls_it(
    enrolled: Any, figures: Any
) -> None:
    measured(enrolled, replace(SITE, doubtful=True))
    assert enrolled("revoke", "A-1001", "--yes").code == 0
    (found,) = figures(accuracy.section)["galleries"]
    assert found["changed"] == "doubtful"
