"""Security measures in words."""

from __future__ import annotations

from facecli.papers.languages import choose
from facecli.report.security import measures


def test_measures_are_whole_sentences() -> None:
    assert all(one.endswith(".") for one in measures(choose("en").language))
