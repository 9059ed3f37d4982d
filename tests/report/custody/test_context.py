"""What a section of the custody report is made from."""

from __future__ import annotations

from facecli.papers.languages import choose
from facecli.report.custody.context import Context


def test_subjects_are_pseudonyms_unless_asked_otherwise() -> None:
    assert not Context(None, "2026-11-28T16:30:00Z", "UTC", choose("en").language).with_refs
