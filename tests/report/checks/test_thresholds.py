"""The thresholds of each purpose, as doctor reports them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from facecli.report.checks import thresholds
from tests.conftest import Facecli
from tests.prepared import opened


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
