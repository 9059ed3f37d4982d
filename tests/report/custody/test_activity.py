"""Acts by month, from the log."""

from __future__ import annotations

from typing import Any

from facecli.report.custody import activity
from tests.conftest import SAMPLE_DATA
from tests.prepared import let_pass


def test_acts_count_in_their_month(enrolled: Any, figures: Any) -> None:
    probe = SAMPLE_DATA / "enrol" / "A-1002.jpg"
    assert enrolled("verify", "A-1002", probe, "--purpose", "gate").code == 0
    assert enrolled("verify", "nobody", probe, "--purpose", "gate").code == 21
    assert enrolled("match", probe, "--purpose", "gate").code == 0
    assert enrolled("revoke", "A-1003", "--yes").code == 0
    found = figures(activity.section)["by_month"]
    assert len(found) in (1, 2)
    totals = {name: sum(one[name] for one in found[-2:]) for name in activity.NAMES}
    assert totals == {
        "enrolments": 3, "searches": 1, "verifications": 1, "refusals": 1, "erasures": 1,
    }  # fmt: skip


def test_it_has_24_months_and_none_before_the_database(
    enrolled: Any, clock: Any, figures: Any
) -> None:
    made = figures(activity.section)["by_month"][0]["month"]
    let_pass(enrolled, clock, days=100)
    found = figures(activity.section)["by_month"]
    assert found[0]["month"] == made
    assert len(found) in (4, 5)
    let_pass(enrolled, clock, days=1000)
    assert len(figures(activity.section)["by_month"]) == 24
