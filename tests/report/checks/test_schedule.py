"""The check of the schedule, on file systems made for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facecli.report.checks import schedule
from tests.conftest import PROJECT

EXAMPLES = PROJECT / "man/examples"


def _schedule(root: Path) -> dict[Any, Any]:
    found = schedule.check(root, root / "home")
    return {one.check.removeprefix("schedule-"): one for one in found}


def _put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_nothing_is_found_where_there_is_nothing(tmp_path: Path) -> None:
    found = _schedule(tmp_path)
    assert {one.severity for one in found.values()} == {"warning"}
    assert "facecli-purge.timer" in found["purge"].remedy


def test_an_example_that_is_installed_but_not_enabled_is_told_from_one_that_is(
    tmp_path: Path,
) -> None:
    units = tmp_path / "etc/systemd/system"
    for name in ("facecli-purge.service", "facecli-purge.timer"):
        _put(units, name, (EXAMPLES / name).read_text())
    found = _schedule(tmp_path)["purge"]
    assert found.severity == "warning"
    assert found.remedy == "Run `systemctl enable --now facecli-purge.timer`."
    (units / "timers.target.wants").mkdir()
    (units / "timers.target.wants/facecli-purge.timer").symlink_to("../facecli-purge.timer")
    found = _schedule(tmp_path)
    assert (found["purge"].severity, found["purge"].finding) == ("ok", "run by facecli-purge.timer")
    assert found["export"].severity == "warning"


def test_a_unit_of_the_user_and_a_continued_line_count(tmp_path: Path) -> None:
    units = tmp_path / "home/.config/systemd/user"
    _put(units, "nightly.service", "[Service]\nExecStart=facecli -q \\\n  log export --output x\n")
    _put(units, "timers.target.wants/nightly.timer", "")
    assert _schedule(tmp_path)["export"].finding == "run by nightly.timer"


@pytest.mark.parametrize(
    "name", ["etc/crontab", "etc/cron.d/facecli", "etc/cron.daily/x", "var/spool/cron/crontabs/jo"]
)
def test_cron_lines_are_found(tmp_path: Path, name: str) -> None:
    _put(tmp_path, name, (EXAMPLES / "facecli-purge.cron").read_text())
    assert _schedule(tmp_path)["purge"].finding == f"run by /{name}"


def test_a_missing_job_is_named(tmp_path: Path) -> None:
    found = _schedule(tmp_path)
    assert found["purge"].finding == "No timer or cron line runs `facecli purge`."
    assert found["export"].finding == "No timer or cron line runs `facecli log export`."


def test_a_comment_runs_nothing(tmp_path: Path) -> None:
    _put(tmp_path, "etc/crontab", "# 1 2 * * * jo facecli purge\n")
    assert _schedule(tmp_path)["purge"].severity == "warning"


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/crontab").symlink_to("/proc/self/mem")  # nobody can read its first bytes
    assert "etc/crontab could not be read" in _schedule(tmp_path)["purge"].finding
