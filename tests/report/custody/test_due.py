"""What becomes due, month by month."""

from __future__ import annotations

from typing import Any

from facecli.erasure.forecast import forecast
from facecli.report.custody import due, months
from tests.prepared import opened


def test_the_months_add_up_to_the_forecast(enrolled: Any, figures: Any) -> None:
    found = figures(due.section)["by_month"]
    assert len(found) == 14  # due already, the rest of this month, and twelve months
    assert found[0] == {
        "month": "due-already", "subjects": 0, "templates": 0, "photos": 0, "matches": 0,
        "consents": 0, "records": 0,
    }  # fmt: skip
    with opened(enrolled) as session:
        end = months.start(months.around(session.now, "UTC", 13, 1)[0], "UTC")
        (whole,) = forecast(session.db, [end])
    assert sum(one["templates"] for one in found) == whole.things["template"] == 3
    assert sum(one["subjects"] for one in found) == whole.people
