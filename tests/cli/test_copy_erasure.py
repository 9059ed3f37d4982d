"""Erasing in the copies of folders: each is told of, and one that fails stops none."""

from __future__ import annotations

from facecli.cli import copy_erasure
from facecli.keys.slots import slots_path
from tests.conftest import Facecli
from tests.prepared import opened


def test_every_folder_is_reached_once_and_what_fails_is_returned(
    ready: Facecli, capsys: object
) -> None:
    folders = [ready.folder / name for name in ("a", "b", "none")]
    ready("subject", "add", "B-1")
    for folder in folders[:2]:
        folder.mkdir(mode=0o700)
        assert ready("backup", "create", folder / "bk.db").code == 0
    ready("revoke", "B-1", "--yes")
    slots_path(folders[1] / "bk.db").unlink()
    with opened(ready) as found:
        unreached = copy_erasure.reach(found, [*folders, folders[0] / ".." / "a"])
    assert [one.path for one in unreached] == [folders[1] / "bk.db", folders[2]]
    for _ in range(2):
        listed = ready("backup", "list", folders[0], "--format", "json").json()
        assert [one["state"] for one in listed] == ["current"]
