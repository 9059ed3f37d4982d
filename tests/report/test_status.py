"""Counts and dates, from outside and from inside a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facecli.report import status
from tests.prepared import opened


def test_a_database_from_outside_has_a_size_and_slots(ready: Any, tmp_path: Path) -> None:
    found = status.outside(ready.db)
    assert found["key_slots"] == ["first"]
    assert found["bytes"] == ready.db.stat().st_size
    assert status.outside(tmp_path / "none.db") == {
        "path": str(tmp_path / "none.db"), "bytes": None, "key_slots": None,
    }  # fmt: skip


def test_an_empty_database_has_zeros_for_every_purpose(ready: Any) -> None:
    with opened(ready) as session:
        found = status.inside(session.db, session.now)
    assert list(found) == [
        "timezone",
        "engine",
        "held",
        "holds",
        "consents",
        "requests",
        "elsewhere",
        "disclosures",
        "purposes",
        "calibration",
        "alternatives",
        "due",
        "weeks",
        "last",
        "copies",
        "filing",
    ]
    assert set(found["purposes"]) == {"gate", "attendance"}
    assert {count for one in found["due"].values() for count in one.values()} == {0}
    assert found["holds"] == {"people": 0, "next_end": None}
    assert found["consents"] == {"without_evidence": 0}
    assert set(found["last"].values()) == {None}


def test_consents_without_a_form_are_counted(enrolled: Any) -> None:
    assert enrolled("consent", "record", "A-1001", "--purpose", "attendance",
                    "--expires", "1y", "--notice-shown").code == 0  # fmt: skip
    with opened(enrolled) as session:
        assert status.inside(session.db, session.now)["consents"] == {"without_evidence": 1}


@pytest.mark.parametrize(
    ("people", "words"),
    [(0, None), (89_999, None), (90_000, "90,000, nears"), (99_999, "nears"),
     (100_000, "100,000, has reached"), (2_000_000, "2,000,000, has reached")],
)  # fmt: skip
def test_the_filing_duty_is_warned_of_before_it_begins(people: int, words: str | None) -> None:
    found = status.filing(people)
    assert (found is None) is (words is None)
    assert found is None or words is None or words in found


@pytest.mark.rule("free-choice")
def test_offers_of_the_alternative_are_counted_by_purpose_for_good(ready: Any, clock: Any) -> None:
    offered = "--offered-alternative"
    ready("subject", "add", "A-1", offered)
    ready("subject", "add", "A-2", offered, "--alternative-only")
    ready("subject", "add", "A-3")
    agree = ("--expires", "1y", "--purpose")
    assert ready("consent", "record", "A-1", *agree, "gate").code == 0
    assert ready("consent", "record", "A-3", *agree, "attendance", offered).code == 0
    assert ready("subject", "correct", "A-1", "--alternative-only").code == 0
    expected = {
        "gate": {"offered": 2, "taken": 1, "changed": 1},
        "attendance": {"offered": 3, "taken": 1, "changed": 1},
    }
    assert ready("status", "--format", "json").json()["alternatives"] == expected
    assert ready("revoke", "A-1", "A-2", "A-3", "--yes").code == 0
    assert ready("status", "--format", "json").json()["alternatives"] == expected
