"""`facecli backup list`: what is in a folder, and what each copy still lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facecli.keys import slots
from tests.conftest import Facecli


@pytest.fixture
def folder(ready: Facecli) -> Path:
    """A folder with a backup from before an erasure, and one from after it."""
    path = ready.folder / "backups"
    path.mkdir(mode=0o700)
    ready("subject", "add", "B-1")
    assert ready("backup", "create", path / "a.db").code == 0
    ready("revoke", "B-1", "--yes")
    assert ready("backup", "create", path / "b.db").code == 0
    return path


def rows(facecli: Facecli, folder: Path, code: int = 0) -> list[dict[str, Any]]:
    done = facecli("backup", "list", folder, "--format", "json")
    assert done.code == code, done.err
    found: list[dict[str, Any]] = done.json()
    return found


def test_each_copy_has_its_state(ready: Facecli, folder: Path) -> None:
    found = rows(ready, folder)
    assert [(Path(one["path"]).name, one["missing"], one["state"]) for one in found] == [
        ("a.db", 1, "behind"),
        ("b.db", 0, "current"),
    ]
    assert {one["kind"] for one in found} == {"backup"}
    assert all(one["made_at"] and one["copy_id"] for one in found)


def test_it_changes_nothing(ready: Facecli, folder: Path) -> None:
    files = [*folder.iterdir(), ready.db]
    before = [path.read_bytes() for path in files]
    rows(ready, folder)
    assert [path.read_bytes() for path in files] == before


def test_what_cannot_be_opened_is_listed_with_the_reason(ready: Facecli, folder: Path) -> None:
    slots.slots_path(folder / "a.db").unlink()
    (folder / "b.db").unlink()
    found = rows(ready, folder, code=3)
    assert [(one["state"], one["reason"]) for one in found] == [
        ("unreadable", "no-slots"),
        ("unreadable", "no-backup"),
    ]


def test_the_table_tells_a_person_what_is_behind(ready: Facecli, folder: Path) -> None:
    printed = ready("backup", "list", folder).out
    assert "behind" in printed
    assert "current" in printed


def test_a_set_aside_database_is_listed_by_what_it_is(ready: Facecli, folder: Path) -> None:
    assert ready("backup", "restore", folder / "b.db").code == 0
    kinds = {Path(one["path"]).name: one["kind"] for one in rows(ready, ready.folder)}
    assert kinds == {"facecli.db.before-restore": "set-aside"}
