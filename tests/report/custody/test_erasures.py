"""Erasures with the numbers of their certificates, and copies."""

from __future__ import annotations

import json
from typing import Any

from facecli.report.custody import erasures


def test_the_number_of_an_erasure_makes_its_certificate(enrolled: Any, figures: Any) -> None:
    assert enrolled("revoke", "A-1003", "--yes").code == 0
    (found,) = figures(erasures.done)["list"]
    assert (found["templates"], found["consents"], found["records"]) == (1, 1, 1)
    assert found["reasons"] == "withdrawn"
    assert "matches" not in found  # the log does not say how many there were
    path = enrolled.folder / "certificate.json"
    assert enrolled("log", "certificate", found["entry"], "--output", path).code == 0
    document = json.loads(path.read_text())
    assert document["subject_id"] == found["subject_id"]
    assert document["erased_at"] == found["at"]


def test_a_copy_is_listed_with_what_it_misses(enrolled: Any, figures: Any, tmp_path: Any) -> None:
    assert enrolled("backup", "create", tmp_path / "copy.db").code == 0
    (before,) = figures(erasures.copies)["list"]
    assert (before["kind"], before["file"], before["erasures_missing"]) == ("backup", "copy.db", 0)
    assert enrolled("revoke", "A-1003", "--yes").code == 0
    (after,) = figures(erasures.copies)["list"]
    assert after["erasures_missing"] == 1
