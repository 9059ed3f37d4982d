"""Two names of one file, and journals that lie where they do not belong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from facecli.errors.base import FacecliError
from facecli.errors.store import ForeignJournal, MountedAlone, NoJournal, TwoNames
from facecli.store import names
from facecli.store.files import check_file
from facecli.store.names import salt_in_journal
from tests.store.conftest import KEY, Store, purpose


@pytest.fixture
def cut_short(store: Store) -> Store:
    """A database in the middle of a write that never ended, with the journal of it."""
    with store.open() as db:
        for number in range(3):
            with db.transaction():
                purpose(db, f"p{number}")
    kept = store.path.with_name("kept")
    with store.open() as db:
        db.execute("PRAGMA cache_size = 1")  # so that pages are written before the commit
        db.execute("BEGIN IMMEDIATE")
        for number in range(2000):
            purpose(db, f"later-{number}-{'x' * 100}")
        shutil.copytree(store.path.parent, kept)
        db.execute("ROLLBACK")
    kept.chmod(0o700)
    store.path = kept / store.path.name
    assert salt_in_journal(journal(store)) == KEY.salt
    return store


def journal(store: Store) -> Path:
    return store.path.with_name(store.path.name + "-journal")


def codes(store: Store) -> int:
    with store.open() as db:
        return int(db.value("SELECT count(*) FROM purpose"))


def test_a_file_with_a_second_name_is_refused_under_both(store: Store) -> None:
    second = store.path.with_name("second.db")
    second.hardlink_to(store.path)
    for path in (store.path, second):
        with pytest.raises(TwoNames, match="2 names"):
            check_file(path)
    second.unlink()
    check_file(store.path)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_pipe_or_a_folder_is_no_journal_and_nobody_waits_for_it(
    store: Store, make: Callable[[Path], None]
) -> None:
    make(journal(store))
    with pytest.raises(NoJournal, match="is not a regular file"):
        check_file(store.path)


@pytest.mark.parametrize("suffix", [".before-restore", ".0a1b2c3d.new"])
def test_a_name_that_a_crash_of_ours_has_left_does_not_lock_anybody_out(
    store: Store, suffix: str
) -> None:
    other = store.path.with_name(store.path.name + suffix)
    other.hardlink_to(store.path)
    check_file(store.path)
    with pytest.raises(TwoNames):
        check_file(other)


def test_a_symbolic_link_is_no_second_name(store: Store) -> None:
    link = store.path.with_name("link.db")
    link.symlink_to(store.path)
    check_file(link)


def test_a_mount_of_the_single_file_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    place = str(store.path).replace("/store/", "/store\\040x/")
    mounts.write_text(f"31 1 8:1 /db {place} rw - ext4 /dev/sda1 rw\n")
    monkeypatch.setattr(names, "MOUNTS", mounts)
    check_file(store.path)
    mounts.write_text(mounts.read_text().replace("\\040x", ""))
    with pytest.raises(MountedAlone):
        check_file(store.path)


def test_a_journal_under_its_own_name_undoes_the_write(cut_short: Store) -> None:
    assert codes(cut_short) == 3


def test_a_file_that_was_renamed_away_from_its_journal_is_refused(cut_short: Store) -> None:
    """Without its journal it would be read half written."""
    first, left = cut_short.path, journal(cut_short)
    cut_short.path = first.rename(first.with_name("moved.db"))
    with pytest.raises(ForeignJournal, match="belongs to this file"):
        check_file(cut_short.path)
    left.rename(journal(cut_short))
    assert codes(cut_short) == 3


def test_a_journal_of_another_file_is_not_played_back(cut_short: Store, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    content = bytearray(cut_short.path.read_bytes())
    content[:16] = os.urandom(16)
    cut_short.path.write_bytes(content)
    with pytest.raises(ForeignJournal, match="belongs to another file"):
        check_file(cut_short.path)


def test_a_stale_journal_rolls_back_nothing_that_was_committed_since(cut_short: Store) -> None:
    """Through a second name: a write is cut short, acts follow under the other name, and the first
    name comes back. Each step but the last was possible, and the acts were gone."""
    first = cut_short.path
    second = first.with_name("second.db")
    second.hardlink_to(first)
    refusals: list[type[FacecliError]] = []
    for path in (second, first):
        try:
            check_file(path)
        except FacecliError as error:
            refusals.append(type(error))
    assert refusals == [TwoNames, TwoNames]
    first.unlink()
    with pytest.raises(ForeignJournal):
        check_file(second)
    second.rename(first)
    assert codes(cut_short) == 3


def test_journals_of_databases_beside_it_are_no_matter(store: Store) -> None:
    store.path.with_name("other.db").write_bytes(b"x")
    store.path.with_name("other.db-journal").write_bytes(names._MAGIC + bytes(600))
    store.path.with_name("empty-journal").touch()
    check_file(store.path)


@pytest.mark.parametrize("content", [b"", b"x", b"\xd9\xd5\x05\xf9 \xa1c\xd7", b"\xff" * 5000,
                                     b"\xd9\xd5\x05\xf9 \xa1c\xd7" + b"\0" * 5000])  # fmt: skip
def test_a_damaged_journal_has_no_salt(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a-journal"
    path.write_bytes(content)
    assert salt_in_journal(path) is None
