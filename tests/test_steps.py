"""The steps of long work reach whoever asked to show them, and add up to the whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from facecli import steps
from tests.conftest import Facecli


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """The unit, the total, and the sum of steps of each work that has ended."""
    found = []

    @contextmanager
    def show(unit: str, total: int, **_: object) -> Iterator[steps.Step]:
        done: list[int] = []
        yield done.append
        found.append((unit, total, sum(done)))

    monkeypatch.setattr("facecli.cli.main.bar", show)
    monkeypatch.setattr("facecli.commands.log_export.bar", show)
    monkeypatch.setattr(steps, "_show", None)
    return found


def test_without_anybody_to_show_them_steps_do_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_show", None)
    with steps.counting("subject", 3) as step:
        step(3)


def test_long_work_states_its_steps(
    enrolled: Facecli, tmp_path: Path, shown: Any, clock: Any
) -> None:
    def units(*command: object) -> list[str]:
        shown.clear()
        done = enrolled(*command)
        assert done.code == 0, done.err
        assert all(total == steps for _, total, steps in shown), shown
        return [unit for unit, total, _ in shown if total]

    log = tmp_path / "log.jsonl"
    backup = tmp_path / "copy.db"
    assert units("backup", "create", backup) == ["B"]
    assert units("log", "export", "--output", log) == ["line"]
    assert units("log", "verify") == ["entry"]
    key = enrolled("log", "checkpoint", "--trust-key").out.splitlines()[-1]
    assert units("log", "verify", log, "--trust-key", key) == ["entry"]
    assert units("key", "rotate") == ["B"]
    assert units("backup", "restore", backup) == ["entry", "B"]
    clock.advance(days=400)
    assert enrolled("purge", "--trust-clock", "--max-fraction", "0").code == 22
    # first what the policy decides, then what is erased
    assert units("purge", "--trust-clock", "--max-fraction", "1") == ["subject", "subject"]
    assert units("purge") == []
    assert units("report", "--output", tmp_path / "page.html") == ["section"]
    assert units("report", "filing", "--output", tmp_path / "filing.html") == ["subject"]
    for kept in tmp_path.glob("*.before-restore*"):
        kept.unlink()
    assert units("backup", "restore", backup) == ["entry", "B", "subject"]
