"""What Tab may ask the database for: with a key file, at once, and never a question."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from facecli.cli import completion_values
from facecli.cli.completion_values import beginning
from facecli.cli.session import Settings
from tests.conftest import PROJECT, Facecli
from tests.prepared import opened


@pytest.fixture
def settings(ready: Facecli) -> Settings:
    for ref in ("B-1", "A 1", "A-2", "王小明"):
        assert ready("subject", "add", ref).code == 0
    return Settings(ready.db, {"key_file": str(ready.key)})


@pytest.mark.parametrize(
    ("kind", "prefix", "found"),
    [
        ("ref", "", ["A 1", "A-2", "B-1", "王小明"]),
        ("ref", "A", ["A 1", "A-2"]),
        ("ref", "王", ["王小明"]),
        ("ref", "%", []),
        ("purpose", "", ["attendance", "gate"]),
        ("purpose", "g", ["gate"]),
    ],
)
def test_what_begins_so_is_offered(
    settings: Settings, kind: Any, prefix: str, found: list[str]
) -> None:
    assert beginning(settings, kind, prefix) == found


def test_a_long_list_is_cut(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion_values, "MOST", 2)
    assert beginning(settings, "ref", "") == ["A 1", "A-2"]


def test_a_passphrase_command_is_not_run(settings: Settings, tmp_path: Path) -> None:
    settings.key_options = {"passphrase_command": f"touch {tmp_path}/run"}
    assert beginning(settings, "ref", "") == []
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("case", ["no key", "wrong key", "no database", "locked"])
def test_a_failure_is_silent(
    settings: Settings, ready: Facecli, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    if case == "no key":
        settings.key_options = {}
    if case == "wrong key":
        ready.key.write_text("0" * 64)
    if case == "no database":
        settings.db = ready.folder / "none.db"
    if case == "locked":
        with opened(ready) as session:
            session.db.execute("BEGIN EXCLUSIVE")
            assert beginning(settings, "ref", "") == []
            session.db.execute("ROLLBACK")
    else:
        assert beginning(settings, "ref", "") == []
    assert capsys.readouterr() == ("", "")


def test_an_answer_that_is_late_is_none() -> None:
    code = (
        "import signal; from facecli.cli import completion_values as values\n"
        "values.LIMIT = 0.01\n"
        "with values._in_time(): signal.pause()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=PROJECT, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGALRM, b"", b"")
