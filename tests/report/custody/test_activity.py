"""Acts by month, from the log."""

from __future__ import annotations

from typing import Any

from facecli.report.custody import activity
from tests.conftest import SAMPLE_DATA


def test_acts_count_in_their_month(enrolled: Any, figures: Any) -> None:
    probe = SAMPLE_DATA / "enrol" / "A-1002.jpg"
    assert enrolled("verify", "A-1002", probe, "--purpose", "gate").code == 0
    assert enrolled("verify", "nobody", probe, "--purpose", "gate").code == 21
    assert enrolled("match", probe, "--purpose", "gate").code == 0
    assert enrolled("revoke", "A-1003", "--yes").code == 0
    found = figures(activity.section)["by_month"]
    assert len(found) == 24
    totals = {name: sum(one[name] for one in found[-2:]) for name in activity.NAMES}
    assert totals == {
        "enrolments": 3, "searches": 1, "verifications": 1, "refusals": 1, "erasures": 1,
    }  # fmt: skip
    assert not any(one[name] for one in found[:-2] for name in activity.NAMES)
