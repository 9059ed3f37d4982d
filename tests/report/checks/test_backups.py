"""Checks of backups: what the log states about them, and for how long it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.report.checks import backups
from tests.conftest import Clock, Facecli
from tests.prepared import let_pass, opened


def _found(facecli: Facecli) -> dict[str, tuple[str, str]]:
    with opened(facecli) as session:
        return {
            one.check: (one.severity, one.finding) for one in backups.check(session.db, session.now)
        }


def test_no_backup_is_a_warning(ready: Facecli) -> None:
    assert _found(ready)["backup"][0] == "warning"
    assert "backup-rehearsal" not in _found(ready)


@pytest.mark.parametrize("act", ["verify", "restore"])
def test_a_backup_counts_for_a_week_and_a_rehearsal_for_half_a_year(
    ready: Facecli, clock: Clock, tmp_path: Path, act: str
) -> None:
    backup = tmp_path / "copy.db"
    assert ready("backup", "create", backup).code == 0
    found = _found(ready)
    assert (found["backup"][0], found["backup-rehearsal"][0]) == ("ok", "warning")
    assert "No backup was ever verified" in found["backup-rehearsal"][1]
    assert ready("backup", "verify", backup).code == 0
    assert _found(ready)["backup-rehearsal"][0] == "warning"  # nobody recorded it
    command = ["verify", backup, "--record"] if act == "verify" else ["restore", backup]
    assert ready("backup", *command).code == 0
    assert _found(ready)["backup-rehearsal"][0] == "ok"
    let_pass(ready, clock, days=9)
    assert _found(ready)["backup"][0] == "warning"
    assert _found(ready)["backup-rehearsal"][0] == "ok"
    let_pass(ready, clock, days=172)
    assert _found(ready)["backup-rehearsal"][0] == "warning"
