"""Numbers of consents by purpose, version and state."""

from __future__ import annotations

from typing import Any

from facecli.consent import tallies
from facecli.times import add
from tests.prepared import opened


def test_each_consent_counts_in_one_state(enrolled: Any) -> None:
    assert enrolled("consent", "record", "A-1001", "--purpose", "attendance",
                    "--expires", "1y", "--notice-shown").code == 0  # fmt: skip
    assert enrolled("purpose", "retire", "attendance", "--yes").code == 0
    with opened(enrolled) as session:
        db, now = session.db, session.now
        db.execute("UPDATE consent SET withdrawn_at = ? WHERE id = 1", (now,))
        found = tallies.by_state(db, now)
        later = tallies.by_state(db, add(now, "5y"))
    assert [(one.purpose, one.state, one.consents, one.bare) for one in found] == [
        ("attendance", "purpose-retired", 1, 1),
        ("gate", "in-force", 2, 0),
        ("gate", "withdrawn", 1, 0),
    ]
    assert [one.state for one in later] == ["ended", "ended", "withdrawn"]
