"""Numbers of everything held, and the purposes as they stand."""

from __future__ import annotations

from typing import Any

from facecli.report.custody import overview


def test_it_counts_what_status_counts(enrolled: Any, figures: Any) -> None:
    found = figures(overview.held)
    status = enrolled("status", "--format", "json").json()
    assert {name: found[name] for name in status["held"]} == status["held"]
    assert found["faces"] == status["filing"]["people"] == 3
    assert found["engine"] == status["engine"]


def test_every_purpose_has_a_row_with_its_retention(enrolled: Any, figures: Any) -> None:
    enrolled("purpose", "retire", "attendance", "--yes")
    made = figures(overview.as_they_stand)
    found, retention = (
        {one["purpose"]: one for one in made[name]} for name in ("list", "retention")
    )
    assert found["gate"]["templates"] == found["gate"]["subjects"] == 3
    assert retention["gate"]["retain_template"] == "1y"
    assert found["attendance"]["retired_at"] is not None
