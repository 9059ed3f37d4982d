from __future__ import annotations

from facecli.recognition.matching import site_calibration
from facecli.recognition.matching.site_calibration import SiteCalibration, SitePoint

POINTS = (
    SitePoint(1e-4, 1.01, 1e-6, 9e-5, True, middle=1.03),
    SitePoint(1e-3, 1.1, 5e-4, 9e-4, False, middle=1.1),
)
SITE = SiteCalibration("2026-11-29T01:02:03Z", 300, 290, 295, 41905, 10, POINTS, POINTS[1:])


def test_a_calibration_reads_back_as_written() -> None:
    assert site_calibration.parse(SITE.dump()) == SITE


def test_rows_and_the_log_name_the_pairs_and_the_day() -> None:
    assert SITE.words == "site (41905 pairs, 2026-11-29)"
