"""All checks together: their order, and that they change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facecli.errors.store import PageDamaged
from facecli.report import doctor
from facecli.report.findings import error, failed, ok, warning
from tests.prepared import opened


def test_the_checks_from_outside_need_no_database(tmp_path: Path) -> None:
    found = list(doctor.outside(tmp_path / "none.db", None, tmp_path, tmp_path))
    assert {one.check for one in found} >= {
        "database",
        "model",
        "schedule-purge",
        "disk",
        "videos",
        "cameras",
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("quick", "last"), [(True, "threshold"), (False, "templates")])
def test_quick_leaves_out_the_pages_alone(ready: Any, quick: bool, last: str) -> None:
    with opened(ready) as session:
        found = [one.check for one in doctor.inside(session.db, session.now, quick=quick)]
    assert found[-1] == last
    assert ("integrity" in found) is not quick
    assert ("templates" in found) is not quick


def test_a_damaged_page_ends_the_checks(ready: Any) -> None:
    with opened(ready) as session:
        with ready.db.open("r+b") as stream:
            stream.seek(-100, 2)
            stream.write(b"x")
        with pytest.raises(PageDamaged):
            list(doctor.inside(session.db, session.now, quick=False))


def test_every_severity_has_its_finding() -> None:
    assert ok("disk", "room").remedy == ""
    assert warning("disk", "little room", "Free some.").severity == "warning"
    assert error("disk", "no room", "Free some.").severity == "error"
    found = failed("disk", PageDamaged(path="a", why="b"))
    assert (found.severity, found.finding != "", found.remedy != "") == ("error", True, True)


def test_a_remedy_is_what_is_to_be_done() -> None:
    """A command says first that nothing was changed; a check never changes anything."""
    for hint, remedy in (
        ("Nothing was erased. Set the clock.", "Set the clock."),
        ("Nothing was changed; run it with sudo.", "Run it with sudo."),
        ("Free some.", "Free some."),
    ):
        why = PageDamaged(path="a")
        why.hint = hint
        assert failed("disk", why).remedy == remedy
