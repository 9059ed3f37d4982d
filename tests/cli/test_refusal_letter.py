"""The letter of a refused enrolment is written only where nothing was enrolled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facecli.cli.refusal_letter import hand_over
from facecli.papers.languages import choose
from facecli.recognition.enrolment.requests import EnrolmentOutcome
from tests.conftest import Facecli
from tests.prepared import opened

ENGLISH = choose("en").language
REFUSED = EnrolmentOutcome("A-1", "gate", "1.jpg", "refused", reason="notice-not-shown")
DARK = EnrolmentOutcome("A-1", "gate", "2.jpg", "refused", reason="too-dark")
ENROLLED = EnrolmentOutcome("A-1", "gate", "3.jpg", "enrolled")
FAILED = EnrolmentOutcome("A-1", "gate", "4.jpg", "failed", reason="unreadable-image")


@pytest.mark.parametrize(
    ("outcomes", "written"),
    [
        ([REFUSED], True), ([REFUSED, DARK, FAILED], True), ([FAILED], False),
        ([DARK, ENROLLED], False), ([], False),
        ([EnrolmentOutcome("A-1", "none", "1.jpg", "refused", reason="no-consent")], False),
    ],
)  # fmt: skip
def test_a_letter_is_for_whom_nothing_was_enrolled(
    ready: Facecli, tmp_path: Path, outcomes: Any, written: bool
) -> None:
    path = tmp_path / "letter.txt"
    with opened(ready) as session:
        assert hand_over(session, outcomes, None, path, ENGLISH) == written
    assert path.exists() == written


@pytest.mark.parametrize(("given", "shown"), [("Li Wei", "Li Wei"), (None, "A-1")])
def test_a_person_who_is_not_recorded_has_the_name_that_was_given(
    ready: Facecli, tmp_path: Path, given: str | None, shown: str
) -> None:
    path = tmp_path / "letter.txt"
    with opened(ready) as session:
        hand_over(session, [REFUSED, DARK, REFUSED], given, path, ENGLISH)
    words = path.read_text(encoding="utf-8")
    assert f"face of {shown}" in " ".join(words.split())
    assert words.count("Nobody has confirmed") == 1
    assert "too dark in the picture" in words


def test_the_name_on_record_counts_first(ready: Facecli, tmp_path: Path) -> None:
    ready("subject", "add", "A-1", "--name", "Li Na")
    path = tmp_path / "letter.txt"
    with opened(ready) as session:
        hand_over(session, [REFUSED], "another", path, ENGLISH)
    assert "face of Li Na" in " ".join(path.read_text(encoding="utf-8").split())
