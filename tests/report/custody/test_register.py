"""The register in the report: rows of those who are there, numbers of those who were."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.report.custody import register


@pytest.fixture
def recorded(enrolled: Any) -> Any:
    """Three subjects, two of them with something in each part of the register."""
    for command in (
        ("elsewhere", "add", "A-1001", "--what", "fingerprint", "--where", "Gate Ltd"),
        ("disclosed", "A-1001", "--to", "Police", "--what", "one photo", "--basis", "Order 7"),
        ("disclosed", "--all", "--to", "unknown", "--what", "a stolen disk", "--basis", "breach"),
        ("request", "A-1002", "--kind", "access"),
        ("add", "B-1", "--offered-alternative", "--alternative-only"),
    ):
        run = enrolled("subject", *command)
        assert run.code == 0, run.err
    return enrolled


def test_every_part_has_its_rows(recorded: Any, figures: Any) -> None:
    (item,) = figures(register.held_elsewhere, with_refs=True)["list"]
    assert (item["ref"], item["what"], item["place"], item["state"]) == (
        "A-1001", "fingerprint", "Gate Ltd", "open",
    )  # fmt: skip
    rows = figures(register.disclosed, with_refs=True)["list"]
    assert {(one["ref"], one["recipient"]) for one in rows} == {
        ("A-1001", "Police"), (None, "unknown"),
    }  # fmt: skip
    (request,) = figures(register.requested, with_refs=True)["list"]
    assert (request["ref"], request["kind"], request["state"]) == ("A-1002", "access", "open")
    assert figures(register.offered)["by_purpose"] == [
        {"purpose": None, "offered": 1, "taken": 1, "changed": 0}
    ]


def test_subjects_are_pseudonyms_unless_refs_are_asked_for(recorded: Any, figures: Any) -> None:
    for section in (register.held_elsewhere, register.disclosed, register.requested):
        found = figures(section)["list"]
        assert all("ref" not in one for one in found)
        assert any(one["subject_id"] for one in found)


def test_numbers_outlive_the_subjects(recorded: Any, figures: Any) -> None:
    assert recorded("revoke", "A-1001", "A-1002", "--yes").code == 0
    found = figures(register.held_elsewhere)
    assert (found["open"], found["asked"], found["late"]) == (1, 1, 0)
    assert found["list"][0]["subject_id"] is None
    assert figures(register.disclosed)["recorded"] == 1
    assert len(figures(register.disclosed)["list"]) == 1
    assert figures(register.requested)["erased"] == 1
