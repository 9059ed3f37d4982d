"""Consents by state, through the command."""

from __future__ import annotations

from typing import Any

from facecli.report.custody import consents


def test_a_new_version_makes_the_old_consents_count_as_earlier(
    enrolled: Any, figures: Any, purposes_file: Any
) -> None:
    before = figures(consents.section)["by_state"]
    assert [(one["state"], one["consents"]) for one in before] == [("in-force", 3)]
    changed = purposes_file(scope='"Gates 1, 2 and 3"')
    assert enrolled("purpose", "apply", changed).code == 0
    after = figures(consents.section)["by_state"]
    assert [(one["version"], one["state"], one["consents"]) for one in after] == [
        (1, "earlier-version", 3)
    ]
