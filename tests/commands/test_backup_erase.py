"""Copies are not databases, and every erasure reaches them."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

from facecli.cli.copy_erasure import copyist
from facecli.erasure.copies import known
from facecli.erasure.copies.applying import Unreached
from facecli.erasure.copies.folder import apply_in, files_in
from facecli.errors.store import UnreadableFolder
from facecli.keys import slots
from facecli.store import backup, copies, shards
from facecli.store.database import Database
from tests.conftest import Clock, Facecli, Run
from tests.forensics import database_key, plaintext
from tests.prepared import opened

pytestmark = pytest.mark.usefixtures("kept_workers")

MARK = "Marked-Name-Ce5"


@pytest.fixture
def folder(enrolled: Facecli) -> Path:
    """A folder for backups."""
    path = enrolled.folder / "backups"
    path.mkdir(mode=0o700)
    enrolled("subject", "correct", "A-1001", "--name", MARK)
    return path


@pytest.fixture
def copy(enrolled: Facecli, folder: Path) -> Path:
    """A backup of three people."""
    path = folder / "one.db"
    assert enrolled("backup", "create", path).code == 0
    return path


def traces(facecli: Facecli, ref: str = "A-1001") -> list[bytes]:
    """What every page of a file would have of a subject: the name, the REF, the template."""
    with opened(facecli) as found:
        row = found.db.row(
            "SELECT shard_id, slot FROM template t JOIN subject s ON s.id = t.subject_id"
            " WHERE ref = ?",
            (ref,),
        )
        vector = shards.read_one(found.db, shards.TemplatePlace(*row))
    assert len(set(vector)) > 50
    return [MARK.encode(), ref.encode(), vector]


def pages(facecli: Facecli, path: Path) -> bytes:
    return plaintext(path, database_key(path, facecli.key))


def log_of(facecli: Facecli, path: Path) -> int:
    return int(facecli("backup", "verify", path, "--format", "json").json()["entries"])


def last(facecli: Facecli) -> Any:
    return facecli("log", "show", "-n", "1", "--format", "json").json()[0]


def listed(facecli: Facecli, folder: Path) -> dict[str, Any]:
    """The state of each file in a folder, by its name."""
    run = facecli("backup", "list", folder, "--format", "json")
    return {Path(one["path"]).name: one for one in run.json()}


def on(facecli: Facecli, db: Path, *command: object) -> Run:
    return facecli.bare("--no-input", "--db", db, "--key-file", facecli.key, *command)


@pytest.mark.rule("copies-are-held-data")
@pytest.mark.parametrize("moved", [False, True], ids=["in-place", "moved"])
@pytest.mark.parametrize("kind", ["backup", "set-aside"])
def test_no_other_command_opens_a_copy(
    enrolled: Facecli, copy: Path, sample_data: Path, kind: str, moved: bool
) -> None:
    if kind == "set-aside":
        assert enrolled("backup", "restore", copy).code == 0
        copy = enrolled.db.with_name("facecli.db.before-restore")
    if moved:
        place = enrolled.folder / "moved" / "facecli.db"
        place.parent.mkdir(mode=0o700)
        copy.rename(place)
        slots.slots_path(copy).rename(slots.slots_path(place))
        copy = place
    before = copy.read_bytes()
    probe = sample_data / "probes" / "gate-2.jpg"
    for command in (
        ["match", probe, "--purpose", "gate"],
        ["verify", "A-1001", probe, "--purpose", "gate"],
        ["subject", "list"],
        ["status"],
        ["doctor", "--quick"],
        ["purge"],
        ["revoke", "A-1001", "--yes"],
        ["log", "export"],
        ["key", "rotate"],
        ["backup", "create", enrolled.folder / "again.db"],
    ):
        found = on(enrolled, copy, *command)
        assert found.code == 22, command
        assert "a copy is not used as a database" in found.err
    assert copy.read_bytes() == before
    assert on(enrolled, copy, "backup", "verify", copy).code in (0, 2)
    assert enrolled("backup", "verify", copy).code == 0


@pytest.mark.rule("copies-are-held-data")
def test_an_erasure_reaches_a_copy_in_place_and_every_page_of_it(
    enrolled: Facecli, copy: Path
) -> None:
    sought = traces(enrolled)
    assert all(one in pages(enrolled, copy) for one in sought)
    entries = log_of(enrolled, copy)
    done = enrolled("revoke", "A-1001", "--yes")
    assert f"1 copy may still hold erased data: {copy} (1 erasure)" in done.err
    assert enrolled("status").err.count(str(copy)) == 1
    [found] = [
        one
        for one in enrolled("doctor", "--quick", "--format", "json").json()
        if one["check"] == "copies"
    ]
    assert (found["severity"], str(copy) in found["finding"]) == ("warning", True)
    assert all(one in pages(enrolled, copy) for one in sought)
    assert enrolled("backup", "erase", copy).code == 0
    assert not any(one in pages(enrolled, copy) for one in sought)
    assert log_of(enrolled, copy) == entries
    entry = last(enrolled)
    assert (entry["action"], entry["details"]["subjects"]) == ("backup.erase", 1)
    assert entry["details"]["erased"] == {"consent": 1, "subject": 1, "template": 1}
    assert str(copy) not in json.dumps(entry)
    assert str(copy) not in enrolled("status").err
    assert {path.name for path in copy.parent.iterdir()} == {"one.db", "one.db.keys"}


def test_what_was_erased_in_a_copy_is_not_erased_twice(
    enrolled: Facecli, folder: Path, sample_data: Path, clock: Clock
) -> None:
    """Erase in a copy, restore it, re-apply: nobody comes back, nothing valid goes."""
    probe = sample_data / "probes" / "gate-2.jpg"
    enrolled("match", probe, "--purpose", "gate")
    clock.advance(days=20)
    enrolled("match", probe, "--purpose", "gate")
    path = folder / "one.db"
    enrolled("backup", "create", path)
    clock.advance(days=15)
    assert enrolled("purge").code == 0  # the first match is older than 30 days
    assert enrolled("revoke", "A-1003", "--yes").code == 0
    assert enrolled("backup", "erase", path).code == 0
    assert enrolled("backup", "erase", path).code == 0
    assert enrolled("backup", "restore", path).code == 0
    with opened(enrolled) as found:
        assert found.db.value("SELECT count(*) FROM match_event") == 1
        assert [row[0] for row in found.db.rows("SELECT ref FROM subject ORDER BY 1")] == [
            "A-1001",
            "A-1002",
        ]


@pytest.mark.rule("log-forgets-visits")
def test_visits_over_their_retention_go_from_a_copy_and_no_entry_counts_them(
    enrolled: Facecli, folder: Path, sample_data: Path, clock: Clock
) -> None:
    """But for those of a subject who came under a legal hold after the copy was made."""
    for number in (1, 2):
        probe = sample_data / "probes" / f"gate-{number}.jpg"
        enrolled("match", probe, "--purpose", "gate")
    path = folder / "one.db"
    assert enrolled("backup", "create", path).code == 0
    visits = visits_in(enrolled, path)
    assert len(visits) >= 2
    held = sorted(set(visits))[0]
    hold = ["subject", "hold", held, "--reason", "a case", "--until", "200d"]
    assert enrolled(*hold).code == 0
    clock.advance(days=31)
    assert enrolled("purge", "--backups", folder).code == 0
    assert set(visits_in(enrolled, path)) == {held}
    entry = last(enrolled)
    assert (entry["action"], entry["details"]["erased"]) == ("backup.erase", {})


def visits_in(facecli: Facecli, path: Path) -> list[str]:
    """The REF of each match event in a copy."""
    with opened(facecli) as found, backup.opened(path, found.secret, 0) as (db, _):
        return [ref for (ref,) in db.tuples(
            "SELECT ref FROM match_event m JOIN subject s ON s.id = m.subject_id"
        )]  # fmt: skip


def test_a_restore_without_the_database_repeats_in_the_log_what_the_copy_had(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    """A second restore, of a copy that was not reached, then brings nobody back either."""
    other = folder / "other.db"
    shutil.copy(copy, other)
    shutil.copy(slots.slots_path(copy), slots.slots_path(other))
    enrolled("revoke", "A-1001", "--yes")
    enrolled("backup", "erase", copy)
    export = enrolled.folder / "log.jsonl"
    assert enrolled("log", "export", "--output", export).code == 0
    enrolled.db.unlink()
    slots.slots_path(enrolled.db).unlink()
    assert enrolled("backup", "restore", copy, "--erasures", export).code == 0
    assert enrolled("subject", "show", "A-1001").code == 21
    assert enrolled("backup", "restore", other).code == 0
    assert enrolled("subject", "show", "A-1001").code == 21
    assert enrolled("subject", "show", "A-1002").code == 0


def test_a_night_without_erasures_rewrites_no_copy(enrolled: Facecli, copy: Path) -> None:
    content, changed = copy.read_bytes(), copy.stat().st_mtime_ns
    size = last(enrolled)["seq"]
    assert enrolled("purge", "--backups", copy.parent).code == 0
    assert last(enrolled)["action"] == "purge"
    assert last(enrolled)["seq"] == size + 1
    enrolled("subject", "add", "B-1")
    enrolled("revoke", "B-1", "--yes")  # the copy never held this subject
    assert enrolled("purge", "--backups", copy.parent).code == 0
    assert (copy.read_bytes(), copy.stat().st_mtime_ns) == (content, changed)
    assert listed(enrolled, copy.parent)["one.db"]["state"] == "current"


def test_revoke_and_purge_erase_in_the_copies_of_a_folder(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    sought = traces(enrolled)
    assert enrolled("backup", "create", folder / "two.db").code == 0
    done = enrolled("revoke", "A-1001", "--yes", "--backups", folder)
    assert done.code == 0
    assert "may still hold" not in done.err
    for name in ("one.db", "two.db"):
        assert not any(one in pages(enrolled, folder / name) for one in sought)
    assert enrolled("purpose", "retire", "gate", "--yes").code == 0
    assert enrolled("purge", "--max-fraction", "1", "--backups", folder).code == 0
    for name in ("one.db", "two.db"):
        found = enrolled("backup", "verify", folder / name, "--format", "json").json()
        assert (found["subjects"], found["templates"]) == (0, 0)


def test_a_copy_that_does_not_open_is_named_every_night_until_it_is_gone(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    slots.slots_path(copy).unlink()
    for _ in range(2):
        done = enrolled("-q", "purge", "--backups", folder)
        assert done.code == 3
        assert f"Not reached: {copy}" in done.err
    assert enrolled("backup", "erase", folder).code == 3
    assert enrolled("backup", "erase", copy).code == 12
    assert listed(enrolled, folder)["one.db"]["state"] == "unreadable"
    assert enrolled("backup", "erase", copy, "--gone").code == 2  # it is there
    copy.unlink()
    assert enrolled("purge", "--backups", folder).code == 3
    assert enrolled("backup", "erase", copy, "--gone").code == 0
    assert last(enrolled)["action"] == "backup.gone"
    assert enrolled("backup", "erase", copy, "--gone").code == 21
    assert enrolled("-q", "purge", "--backups", folder).err == ""


def test_a_folder_that_is_not_there_is_named_and_the_purge_is_done(enrolled: Facecli) -> None:
    """A disk that is not mounted must not keep anything from being erased."""
    assert enrolled("purpose", "retire", "gate", "--yes").code == 0
    nowhere = enrolled.folder / "nowhere"
    done = enrolled("purge", "--max-fraction", "1", "--backups", nowhere)
    assert (done.code, f"Not reached: {nowhere}" in done.err) == (3, True)
    assert enrolled("subject", "show", "A-1001").code == 21
    assert enrolled("backup", "list", nowhere).code == 10


def test_a_damaged_copy_is_named_and_the_others_are_reached(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    enrolled("backup", "create", folder / "two.db")
    content = bytearray(copy.read_bytes())
    content[5000] ^= 1
    copy.write_bytes(content)
    done = enrolled("revoke", "A-1001", "--yes", "--backups", folder)
    assert done.code == 3
    assert f"Not reached: {copy}" in done.err
    other = enrolled("backup", "verify", folder / "two.db", "--format", "json").json()
    assert other["subjects"] == 2
    assert enrolled("subject", "show", "A-1001").code == 21


def test_a_copy_whose_path_cannot_be_stored_is_named_and_the_others_are_reached(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    latin = folder / os.fsdecode(b"caf\xe9.db")
    assert enrolled("backup", "create", latin).code == 2
    assert enrolled("backup", "create", folder / "zwei.db").code == 0
    os.rename(folder / "zwei.db", latin)
    os.rename(slots.slots_path(folder / "zwei.db"), slots.slots_path(latin))
    assert enrolled("backup", "create", folder / "\U0001f600.db").code == 0  # sorts after it
    certificate = enrolled.folder / "certificate.json"
    done = enrolled("revoke", "A-1001", "--yes", "--backups", folder, "--certificate", certificate)
    assert (done.code, "A-1001" in done.out, certificate.exists()) == (3, True, True)
    assert "is not text in UTF-8, and the database cannot store it. Rename it" in done.err
    states = {name: one["state"] for name, one in listed(enrolled, folder).items()}
    assert states.pop("zwei.db") == "unreadable"  # it is known under the former name
    assert sorted(states.values()) == ["behind", "current", "current"]
    assert enrolled("purge", "--backups", folder).code == 3
    os.rename(latin, folder / "caf\xe9.db")
    os.rename(slots.slots_path(latin), slots.slots_path(folder / "caf\xe9.db"))
    assert enrolled("purge", "--backups", folder).code == 3  # nothing is at the former name
    assert enrolled("purge", "--backups", folder).code == 0
    assert {one["state"] for one in listed(enrolled, folder).values()} == {"current"}


def test_a_backup_in_the_making_is_named_as_that_and_what_a_kill_left_is_removed(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    with opened(enrolled) as found, found.db.transaction():
        (made,) = known.list_all(found.db)
        known.put(found.db, replace(made, state="making"))
    slots.slots_path(copy).unlink()
    unfinished = copies.partial(copy)
    with copies.claimed(copy):
        unfinished.write_bytes(copy.read_bytes())
        copy.unlink()
        done = enrolled("revoke", "A-1001", "--yes", "--backups", folder)
        assert done.code == 3
        assert f"Not reached: {copy}: The backup {copy} is being made now." in done.err
        assert "partial" not in done.err
        assert listed(enrolled, folder)[copy.name]["reason"] == "copy-in-the-making"
        content = unfinished.read_bytes()
    unfinished.write_bytes(content)  # as after a kill
    assert enrolled("-q", "purge", "--backups", folder).err == ""
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_cannot_be_entered_is_named(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    folder.chmod(0o744)
    for one in (folder.parent, *folder.parents):
        if one.stat().st_uid == 0 and one.is_relative_to(gettempdir()):
            one.chmod(one.stat().st_mode | 0o755)
    with opened(enrolled) as found:
        os.seteuid(65534)
        try:
            with pytest.raises(UnreadableFolder, match="permission denied"):
                files_in(found.db, folder)
            (unreached,) = apply_in(copyist(found), folder)
        finally:
            os.seteuid(0)
    assert isinstance(unreached, Unreached)
    assert unreached.path == folder


def test_a_copy_of_a_newer_facecli_is_named_and_not_touched(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    enrolled("backup", "create", folder / "two.db")
    schema = set_schema(enrolled, copy, 9999)
    before = copy.read_bytes()
    done = enrolled("revoke", "A-1001", "--yes", "--backups", folder)
    assert (done.code, f"Not reached: {copy}" in done.err) == (3, True)
    assert "was written by a newer facecli" in done.err
    assert copy.read_bytes() == before
    states = {name: one["state"] for name, one in listed(enrolled, folder).items()}
    assert states == {"one.db": "unreadable", "two.db": "current"}
    set_schema(enrolled, copy, schema)
    assert enrolled("backup", "erase", folder).code == 0


def set_schema(facecli: Facecli, path: Path, number: int) -> int:
    """Give a copy the number of another schema; return the one that it had."""
    with closing(Database(path, database_key(path, facecli.key), 0)) as db:
        before = int(db.value("PRAGMA user_version"))
        db.execute(f"PRAGMA user_version = {number}")
    return before


def test_copies_of_another_database_in_the_folder_are_left_alone(
    enrolled: Facecli, folder: Path, copy: Path, ready: Facecli, tmp_path: Path
) -> None:
    other = enrolled.copy(tmp_path / "other")
    (tmp_path / "other" / "facecli.db").unlink()
    (tmp_path / "other" / "facecli.db.keys").unlink()
    assert other("init").code == 0
    assert other("backup", "create", folder / "other.db").code == 0
    assert set(listed(enrolled, folder)) == {"one.db"}
    assert enrolled("backup", "erase", folder / "other.db").code in (1, 12)


def test_certificates_name_the_copies_and_prove_later_what_reached_them(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    two = folder / "two.db"
    assert enrolled("backup", "create", two).code == 0
    key = enrolled("log", "checkpoint", "--trust-key").out.strip()
    early, late = enrolled.folder / "early.json", enrolled.folder / "late.json"
    assert enrolled("revoke", "A-1001", "--yes", "--certificate", early).code == 0
    ids = {name: one["copy_id"] for name, one in listed(enrolled, folder).items()}
    document = json.loads(early.read_text())
    assert document["copies"] == sorted(ids.values())
    assert "reached" not in document
    assert "2 copies may have held it then, and 0 of them no" in checked(enrolled, early, key)
    assert enrolled("backup", "erase", copy).code == 0
    for file in (two, slots.slots_path(two)):
        file.unlink()
    assert enrolled("backup", "erase", two, "--gone").code == 0
    seq = document["entry"]["seq"]
    assert enrolled("log", "certificate", seq, "--output", late).code == 0
    document = json.loads(late.read_text())
    actions = [one["entry"]["action"] for one in document["reached"]]
    assert actions == ["backup.erase", "backup.gone"]
    assert "2 copies may have held it then, and 2 of them no" in checked(enrolled, late, key)
    document["reached"][0]["entry"]["details"]["applied"] = seq - 1
    late.write_text(json.dumps(document))
    assert bare(enrolled, late, key).code == 30
    itself = {"entry": document["entry"], "proof": document["proof"]}
    wrong: list[Any] = [[{}], [1], 1, [itself]]
    for one in wrong:
        late.write_text(json.dumps({**document, "reached": one}))
        assert bare(enrolled, late, key).code == 30


@pytest.mark.rule("copies-are-held-data")
def test_a_copy_that_other_software_made_of_a_copy_is_named_and_certified_of_its_own(
    enrolled: Facecli, folder: Path, copy: Path
) -> None:
    """`cp one.db second/`: one id in two places, and an erasure in one counts for that one."""
    second = enrolled.folder / "second" / "one.db"
    second.parent.mkdir(mode=0o700)
    for one, other in ((copy, second), (slots.slots_path(copy), slots.slots_path(second))):
        shutil.copy(one, other)
    sought = traces(enrolled)
    key = enrolled("log", "checkpoint", "--trust-key").out.strip()
    assert enrolled("revoke", "A-1001", "--yes").code == 0
    seq = enrolled("log", "show", "--action", "revoke.erase", "--format", "json").json()[0]["seq"]
    done = enrolled("backup", "erase", second)
    assert f"{second} is a second copy of {copy}. Both are known from now on." in done.err
    assert not any(one in pages(enrolled, second) for one in sought)
    assert all(one in pages(enrolled, copy) for one in sought)
    for named in (enrolled("status").err, enrolled("doctor", "--quick", "--format", "json").out):
        assert (str(copy) in named, str(second) in named) == (True, False)
    paper = enrolled.folder / "paper.json"
    for place, said in (
        (None, "1 copy may have held it then, and 0 of them no longer; 1 copy of these, found "
         "later, no longer either."),
        (copy, "1 copy may have held it then, and 1 of them no longer; 1 copy of these, found "
         "later, no longer either."),
    ):  # fmt: skip
        assert place is None or enrolled("backup", "erase", place).code == 0
        assert enrolled("log", "certificate", seq, "--output", paper).code == 0
        assert said in " ".join(checked(enrolled, paper, key).split())
    document = json.loads(paper.read_text())
    of = [one["entry"]["details"].get("copy_of") for one in document["reached"]]
    assert of == [document["copies"][0], None]
    document["reached"].pop(0)
    document["reached"][0]["entry"] = {**document["reached"][0]["entry"], "seq": seq}
    paper.write_text(json.dumps(document))
    assert bare(enrolled, paper, key).code == 30
    later = enrolled.folder / "later.json"
    assert enrolled("revoke", "A-1002", "--yes", "--certificate", later).code == 0
    assert len(json.loads(later.read_text())["copies"]) == 2
    for named in (enrolled("status").err, enrolled("doctor", "--quick", "--format", "json").out):
        assert (str(copy) in named, str(second) in named) == (True, True)


def bare(facecli: Facecli, path: Path, key: str) -> Run:
    return facecli.bare("log", "verify", "--certificate", path, "--trust-key", key)


def checked(facecli: Facecli, path: Path, key: str) -> str:
    done = bare(facecli, path, key)
    assert done.code == 0, done.err
    return done.out + done.err
