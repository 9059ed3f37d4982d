"""The checks of files: modes, owners, what SQLite or a restore left, and the key file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecli.keys.sources import KeySource
from facecli.report.checks import files
from facecli.report.findings import Finding
from tests.shut import shut


def check(facecli: Any, source: KeySource | None = None) -> dict[str, Finding]:
    return {one.check: one for one in files.check(facecli.db, source)}


def test_private_files_are_in_order(ready: Any) -> None:
    found = check(ready)
    assert {name for name, one in found.items() if one.severity != "ok"} == {"key-slots"}
    assert "mode 0600" in found["database"].finding


def test_a_missing_database_is_an_error_and_the_rest_is_checked(facecli: Any) -> None:
    found = check(facecli)
    assert found["database"].severity == found["key-slots"].severity == "error"
    assert found["folder"].check == "folder"


@pytest.mark.parametrize(
    ("name", "found", "severity"),
    [
        ("facecli.db-journal", "journal", "warning"),
        ("facecli.db-wal", "journal", "error"),
        ("facecli.db-shm", "journal", "error"),
        ("facecli.db.before-restore", "before-restore", "warning"),
    ],
)
def test_what_lies_beside_the_database_is_found(
    ready: Any, name: str, found: str, severity: str
) -> None:
    (ready.folder / name).write_text("x")
    one = check(ready)[found]
    assert one.severity == severity
    assert str(ready.folder / name) in one.finding


def test_an_empty_journal_is_none(ready: Any) -> None:
    (ready.folder / "facecli.db-journal").touch()
    assert check(ready)["journal"].severity == "ok"


def test_two_slots_are_in_order(ready: Any) -> None:
    assert ready("key", "add", "--label", "second", "--new-key-file", ready.folder / "b").code == 0
    one = check(ready)["key-slots"]
    assert (one.severity, one.finding) == ("ok", "2 slots: first, second")


# -- the source of the key ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("CREDENTIALS_DIRECTORY", "/run/credentials/facecli/facecli.key"),
        ("--passphrase-command", "pass facecli"),
        ("FACECLI_PASSPHRASE_COMMAND", "pass facecli"),
        ("--passphrase-file", "-"),
    ],
)
def test_a_source_that_is_no_file_is_not_looked_for(ready: Any, option: str, value: str) -> None:
    assert check(ready, KeySource(option, value))["key"].severity == "ok"


@pytest.mark.parametrize(
    ("change", "severity", "remedy"),
    [
        (lambda path: None, "ok", ""),
        (lambda path: path.chmod(0o640), "error", "chmod 600"),
        (lambda path: path.unlink(), "error", "name another with --key-file"),
    ],
)
def test_the_key_file_is_there_and_private(
    ready: Any, tmp_path: Path, change: Callable[[Path], None], severity: str, remedy: str
) -> None:
    key = tmp_path / "elsewhere" / "a.key"
    key.parent.mkdir()
    key.write_text("key")
    key.chmod(0o600)
    change(key)
    found = check(ready, KeySource("--key-file", str(key)))
    assert (found["key"].severity, remedy in found["key"].remedy) == (severity, True)
    assert "key-place" not in found


def test_a_key_in_the_folder_of_the_database_is_warned_of(ready: Any) -> None:
    found = check(ready, KeySource("--key-file", str(ready.key)))
    assert found["key-place"].severity == "warning"


def test_of_a_folder_that_this_user_may_not_enter_nothing_more_is_asked(ready: Any) -> None:
    with shut(ready.db.parent):
        found = check(ready)
    assert found["database"].severity == "error"
    assert "sudo -u" in found["database"].remedy
    assert "journal" not in found
