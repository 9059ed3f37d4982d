"""A folder of backups: found, pruned by age, and forgotten only once the files are gone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from facecli.cli.copy_erasure import copyist
from facecli.erasure.copies import applying, folder, known
from facecli.erasure.copies.pruning import KeepRules
from facecli.errors.store import CopyStays
from facecli.keys import slots
from tests.conftest import Clock, Facecli
from tests.prepared import opened


@pytest.fixture
def backups(ready: Facecli, clock: Clock) -> Path:
    """A folder with a backup of each of four days."""
    path = ready.folder / "backups"
    path.mkdir(mode=0o700)
    for _ in range(4):
        clock.advance(days=1)
        assert ready("backup", "create", path).code == 0
    return path


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.iterdir() if one.suffix == ".db")


def test_backups_that_no_rule_keeps_are_removed_with_their_slots(
    ready: Facecli, backups: Path, clock: Clock
) -> None:
    before = names(backups)
    clock.advance(days=1)
    done = ready("backup", "create", backups, "--keep-daily", 2)
    assert done.code == 0
    assert f"Removed {backups / before[0]}, which no rule keeps." in done.err
    assert names(backups)[0] == before[-1]
    assert len(list(backups.iterdir())) == 4
    with opened(ready) as found:
        assert [one.path.name for one in known.list_all(found.db)] == names(backups)
    actions = [one["action"] for one in ready("log", "show", "--format", "json").json()]
    assert actions[-3:] == ["backup.prune"] * 3


def test_files_that_this_database_has_not_made_are_never_removed(
    ready: Facecli, backups: Path
) -> None:
    stranger = backups / "facecli-20200101T000000Z.db"
    stranger.write_bytes(b"\x01" * 16384)
    moved = backups / names(backups)[1]
    moved.write_bytes(b"\x02" * 16384)  # another file under the name of a backup
    assert ready("backup", "create", backups, "--keep-monthly", 1).code == 0
    assert {stranger.name, moved.name} < set(names(backups))
    assert len(names(backups)) == 3


def test_a_removal_that_was_cut_short_is_completed_by_the_next(
    ready: Facecli, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = backups / names(backups)[0]
    unlink = Path.unlink

    def fail(path: Path, **what: Any) -> None:
        if path == gone:
            raise PermissionError(1, "not permitted")
        unlink(path, **what)

    with opened(ready) as found:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", fail)
            with pytest.raises(CopyStays):
                folder.prune(found.db, backups, KeepRules(daily=3), found.act)
        assert gone.exists()
        [left] = [one for one in known.list_all(found.db) if one.state == "leaving"]
        assert left.path == gone
        assert folder.prune(found.db, backups, KeepRules(daily=9), found.act) == [left]
        assert not gone.exists()
        assert not slots.slots_path(gone).exists()
        assert len(known.list_all(found.db)) == 3


def test_keeping_is_for_folders(ready: Facecli) -> None:
    done = ready("backup", "create", ready.folder / "one.db", "--keep-daily", 2)
    assert done.code == 2
    assert not (ready.folder / "one.db").exists()


def test_a_known_copy_that_is_missing_counts_as_one_of_the_folder(
    ready: Facecli, backups: Path
) -> None:
    missing = backups / names(backups)[0]
    missing.unlink()
    with opened(ready) as found:
        assert missing in folder.files_in(found.db, backups)
        assert found.db.path not in folder.files_in(found.db, found.db.path.parent)


def test_a_rule_removes_a_copy_with_its_own_file_and_leaves_the_other_of_two_alike(
    ready: Facecli, backups: Path
) -> None:
    """One that other software made, with the same id, in the same folder: unknown, then known."""
    first, *_, last = (backups / name for name in names(backups))
    twins = [backups / f"{name}.db" for name in ("0-before", "z-after")]
    for twin in twins:
        shutil.copy(first, twin)
        shutil.copy(slots.slots_path(first), slots.slots_path(twin))
    with opened(ready) as found:
        removed = folder.prune(found.db, backups, KeepRules(daily=3), found.act)
        assert ([one.path for one in removed], first.exists()) == ([first], False)
        assert all(twin.exists() for twin in twins)
        for twin in twins:
            applying.apply(copyist(found), twin)
        removed = folder.prune(found.db, backups, KeepRules(daily=3), found.act)
        assert sorted(one.path for one in removed) == twins
        assert (last.exists(), len(known.list_all(found.db))) == (True, 3)


def test_a_listed_second_copy_is_behind_although_the_first_is_not(
    ready: Facecli, backups: Path
) -> None:
    ready("subject", "add", "B-1")
    path = backups / "own.db"
    assert ready("backup", "create", path).code == 0
    elsewhere = ready.folder / "elsewhere"
    shutil.copytree(backups, elsewhere)
    elsewhere.chmod(0o700)
    assert ready("revoke", "B-1", "--yes", "--backups", backups).code == 0
    states = {
        Path(one["path"]): one["state"]
        for place in (backups, elsewhere)
        for one in ready("backup", "list", place, "--format", "json").json()
    }
    behind = {one for one, state in states.items() if state == "behind"}
    assert (behind, len(states)) == ({elsewhere / "own.db"}, 10)


def test_of_backups_of_the_same_second_the_one_just_made_stays(
    ready: Facecli, clock: Clock, tmp_path: Path
) -> None:
    place = tmp_path / "same"
    place.mkdir(mode=0o700)
    for _ in range(6):
        assert ready("backup", "create", place, "--keep-daily", 1).code == 0
        with opened(ready) as found:
            [kept] = known.list_all(found.db)
            made = found.db.value("SELECT max(seq) FROM audit_entry WHERE record LIKE ?",
                                  (f'%"backup.create"%"{kept.copy_id}"%',))  # fmt: skip
            last = found.db.value("SELECT max(seq) FROM audit_entry WHERE record LIKE ?",
                                  ('%"backup.create"%',))  # fmt: skip
        assert made == last


def test_a_clock_that_was_set_back_does_not_remove_the_backup_just_made(
    ready: Facecli, backups: Path, clock: Clock
) -> None:
    clock.advance(days=-3)
    done = ready("backup", "create", backups, "--keep-daily", 1)
    assert done.code == 0
    [left] = names(backups)
    assert f"Wrote {backups / left} and" in done.err


def test_other_files_in_the_folder_are_no_copies(ready: Facecli, backups: Path) -> None:
    """But a file with damaged slots may be one; and a link is the copy that it leads to."""
    elsewhere = ready.folder / "elsewhere"
    elsewhere.mkdir()
    keys = slots.slots_path(backups / names(backups)[0]).read_bytes()
    (elsewhere / "notes.txt").write_text("of no slots")
    (elsewhere / "folder.db").mkdir()
    (elsewhere / "gone.db").symlink_to("nowhere")
    (elsewhere / "loop.db").symlink_to("loop.db")
    os.mkfifo(elsewhere / "pipe.db")
    for name in (
        "folder.db.keys",
        "gone.db.keys",
        "loop.db.keys",
        "pipe.db.keys",
        "absent.db.keys",
    ):
        (elsewhere / name).write_bytes(keys)
    (elsewhere / "damaged.db").write_bytes(b"anything")
    (elsewhere / "damaged.db.keys").write_text("{}")
    for name in ("link.db", "link.db.keys", "again.db", "again.db.keys"):
        suffix = name.partition(".db")[2]
        (elsewhere / name).symlink_to(backups / f"{names(backups)[0]}{suffix}")
    with opened(ready) as found:
        assert folder.files_in(found.db, elsewhere) == [
            backups / names(backups)[0],
            elsewhere / "damaged.db",
        ]


def test_a_copy_without_slots_is_named_because_the_slots_of_another_open_it(
    ready: Facecli, backups: Path
) -> None:
    elsewhere = ready.folder / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    first = backups / names(backups)[0]
    shutil.copy(first, elsewhere / "twin.db")
    shutil.copy(ready.db, elsewhere / "live.db")
    (elsewhere / "live.db-journal").write_bytes(b"")
    with opened(ready) as found:
        assert folder.files_in(found.db, elsewhere) == [
            elsewhere / "live.db",
            elsewhere / "twin.db",
        ]
    (elsewhere / "live.db").unlink()
    assert ready("purge", "--backups", elsewhere).code == 3
    shutil.copy(slots.slots_path(first), slots.slots_path(elsewhere / "twin.db"))
    assert ready("purge", "--backups", elsewhere).code == 0


def test_a_copy_is_one_by_whatever_link_it_is_reached(ready: Facecli, backups: Path) -> None:
    """Links of a folder and of files; a hard link is a second name, and is refused."""
    link, of_files = ready.folder / "link", ready.folder / "of-files"
    link.symlink_to(backups)
    of_files.mkdir(mode=0o700)
    for path in backups.iterdir():
        (of_files / path.name).symlink_to(path)
    assert ready("backup", "create", link).code == 0
    with opened(ready) as found:
        before = {(one.copy_id, one.path) for one in known.list_all(found.db)}
    ready("subject", "add", "B-1")
    ready("revoke", "B-1", "--yes")
    for place in (link, of_files, backups):
        done = ready("backup", "erase", place)
        assert (done.code, "second copy" in done.err) == (0, False)
    with opened(ready) as found:
        assert {(one.copy_id, one.path) for one in known.list_all(found.db)} == before
        assert all(path.parent == backups for _, path in before)
    hard = of_files / "hard.db"
    hard.hardlink_to(backups / names(backups)[0])
    slots.slots_path(hard).hardlink_to(slots.slots_path(backups / names(backups)[0]))
    assert ready("backup", "erase", hard).code == 22
    assert ready("backup", "erase", backups).code == 3
