"""`facecli backup`: whole or refused, and a restore brings nobody back who was erased."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from facecli.cli.session import Settings, session
from facecli.keys import slots
from facecli.store import copies
from tests.conftest import Clock, Facecli, Run
from tests.forensics import PAGE, database_key, plaintext

pytestmark = pytest.mark.usefixtures("kept_workers")

MARK = "Marked-Name-Bk8"


@pytest.fixture
def backup(enrolled: Facecli) -> Any:
    """A backup of the enrolled database, in a folder of its own."""
    folder = enrolled.folder / "backups"
    folder.mkdir(mode=0o700)
    enrolled("subject", "correct", "A-1001", "--name", MARK)
    path = folder / "one.db"
    assert enrolled("backup", "create", path).code == 0
    return path


def _refs(facecli: Facecli) -> set[Any]:
    return {one["ref"] for one in facecli("subject", "list", "--format", "json").json()}


def _log(facecli: Facecli) -> Any:
    return facecli("log", "show", "-n", "1000", "--format", "json").json()


def _last(facecli: Facecli) -> Any:
    return _log(facecli)[-1]


def _export(facecli: Facecli, name: Any = "log.jsonl", *options: Any) -> Any:
    path = facecli.folder / name
    assert facecli("log", "export", "--output", path, *options).code == 0
    return path


def _lose_database(facecli: Facecli) -> None:
    """The disk is gone: what is left is elsewhere."""
    facecli.db.unlink()
    slots.slots_path(facecli.db).unlink()


def _verify(facecli: Facecli, path: Any) -> Run:
    return facecli("backup", "verify", path, "--format", "json")


def test_a_backup_is_whole_private_and_under_a_key_of_its_own(
    enrolled: Facecli, backup: Any
) -> None:
    for file in (backup, slots.slots_path(backup)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = _verify(enrolled, backup)
    assert found.code == 0
    document = found.json()
    assert (document["subjects"], document["templates"], document["photos"]) == (3, 3, 0)
    log = _log(enrolled)
    assert (log[-1]["action"], log[-1]["outcome"]) == ("backup.create", "done")
    assert document["entries"] == log[-3]["seq"]  # then the next epoch, and the backup's entry
    own, other = database_key(backup, enrolled.key), database_key(enrolled.db, enrolled.key)
    assert own.raw[:32] != other.raw[:32]
    assert MARK.encode() in plaintext(backup, own)
    assert {path.name for path in backup.parent.iterdir()} == {"one.db", "one.db.keys"}


def test_every_secret_of_the_day_opens_it(enrolled: Facecli) -> None:
    second = enrolled.folder / "second.key"
    enrolled("key", "add", "--label", "second", "--new-key-file", second)
    path = enrolled.folder / "two.db"
    assert enrolled("backup", "create", path).code == 0
    for key in (enrolled.key, second):
        assert enrolled.bare("--key-file", key, "backup", "verify", path).code == 0
    other = enrolled.folder / "other.key"
    other.write_text("0" * 64)
    other.chmod(0o600)
    assert enrolled.bare("--key-file", other, "backup", "verify", path).code == 12


def test_verify_writes_nothing(enrolled: Facecli, backup: Any) -> None:
    before = {path: path.read_bytes() for path in backup.parent.iterdir()}
    backup.parent.chmod(0o500)
    try:
        assert _verify(enrolled, backup).code == 0
    finally:
        backup.parent.chmod(0o700)
    assert {path: path.read_bytes() for path in backup.parent.iterdir()} == before


def test_nothing_is_overwritten(enrolled: Facecli, backup: Any) -> None:
    before = backup.read_bytes()
    assert enrolled("backup", "create", backup).code == 1
    assert backup.read_bytes() == before
    backup.rename(backup.with_name("moved.db"))  # its slots are still there
    assert enrolled("backup", "create", backup).code == 1


def test_a_backup_is_one_state_while_others_write(enrolled: Facecli) -> None:
    """Each of the writers' acts adds a subject and an entry: they must agree in every backup."""
    script = (
        "import sys; from facecli.cli.main import main\n"
        "for n in range(40): main([*sys.argv[1:-1], 'subject', 'add', f'{sys.argv[-1]}-{n}'])"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, *enrolled.globals, name], stderr=subprocess.DEVNULL
        )
        for name in ("X", "Y")
    ]
    for number in range(6):
        path = enrolled.folder / f"{number}.db"
        assert enrolled("backup", "create", path).code == 0
        document = _verify(enrolled, path).json()
        entries = _log(enrolled)[: document["entries"]]
        added = sum(entry["action"] == "subject.add" for entry in entries)
        assert document["subjects"] == added
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(_refs(enrolled)) == 83


def _flipped(content: Any, at: Any) -> Any:
    """One bit of that byte turned over; another value of its own might be what is there."""
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_what_is_cut_or_altered_is_refused(enrolled: Facecli, backup: Any) -> None:
    content = backup.read_bytes()
    log = _log(enrolled)
    for altered, code in (
        (content[: 3 * PAGE], 33),
        (content[: 3 * PAGE + 7], 10),
        (b"", 10),
        (_flipped(content, 2 * PAGE + 99), 33),
        (_flipped(content, 99), 33),
        (bytes(16) + content[16:], 1),
    ):
        backup.write_bytes(altered)
        for command in ("verify", "restore"):
            refused = enrolled("backup", command, backup)
            assert (command, refused.code) == (command, code)
            assert str(backup) in refused.err
    assert (_refs(enrolled), _log(enrolled)) == ({"A-1001", "A-1002", "A-1003"}, log)


def test_every_page_of_a_backup_is_checked(enrolled: Facecli, backup: Any) -> None:
    content = backup.read_bytes()
    for page in range(len(content) // PAGE):
        at = page * PAGE + 8000
        backup.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert _verify(enrolled, backup).code == 33


def test_a_backup_without_or_with_other_slots_is_refused(
    enrolled: Facecli, backup: Any, tmp_path: Path
) -> None:
    shutil.copy(slots.slots_path(enrolled.db), slots.slots_path(backup))
    refused = _verify(enrolled, backup)
    assert refused.code == 1
    assert "slots" in refused.err
    slots.slots_path(backup).unlink()
    assert _verify(enrolled, backup).code == 12


@pytest.mark.rule("erased-after-restore")
def test_restore_does_not_bring_back_the_erased(enrolled: Facecli, backup: Any) -> None:
    pseudonym = enrolled("subject", "show", "A-1001", "--format", "json").json()["subject_id"]
    assert enrolled("revoke", "A-1001", "--yes").code == 0
    enrolled("subject", "add", "B-1")
    before = _log(enrolled)
    done = enrolled("backup", "restore", backup)
    assert done.code == 0
    assert "erased again: 1 subject." in done.err
    assert "witness" not in done.err  # its log goes on
    assert "subject.add 1" in done.err
    assert _refs(enrolled) == {"A-1002", "A-1003"}
    key = database_key(enrolled.db, enrolled.key)
    assert MARK.encode() not in plaintext(enrolled.db, key)
    assert MARK.encode() in plaintext(backup, database_key(backup, enrolled.key))
    log = _log(enrolled)
    assert log[: len(before)] == before
    assert [(one["action"], one["subject_id"]) for one in log[len(before) :]] == [
        ("log.epoch", None),
        ("revoke.erase", pseudonym),
        ("backup.restore", None),
    ]


def test_the_restored_database_works_and_its_log_verifies(
    enrolled: Facecli, backup: Any, sample_data: Path
) -> None:
    seal = enrolled.folder / "seal"
    assert enrolled("log", "checkpoint", "--output", seal).code == 0
    enrolled("revoke", "A-1001", "--yes")
    later = enrolled.folder / "later"
    assert enrolled("log", "checkpoint", "--output", later).code == 0
    assert enrolled("backup", "restore", backup).code == 0
    probe = sample_data / "enrol" / "A-1002.jpg"
    assert enrolled("verify", "A-1002", probe, "--purpose", "gate").code == 0
    for kept in (seal, later):
        assert enrolled("log", "verify", "--against", kept).code == 0
    assert enrolled("purge").code == 0
    assert enrolled("key", "rotate").code == 0


def test_what_was_there_is_kept_aside_as_a_copy(enrolled: Facecli, backup: Any) -> None:
    enrolled("subject", "add", "B-1")
    done = enrolled("backup", "restore", backup)
    aside = enrolled.db.with_name("facecli.db.before-restore")
    assert str(aside) in done.err
    assert _verify(enrolled, aside).json()["subjects"] == 4
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    again = enrolled("backup", "restore", backup)  # would have to overwrite it
    assert (again.code, "before-restore" in again.err) == (1, True)


def test_a_purpose_withdrawn_since_stays_withdrawn(enrolled: Facecli, sample_data: Path) -> None:
    enrolled(
        *("enroll", "file", "A-1002", sample_data / "probes" / "gate-2.jpg"),
        *("--purpose", "attendance", "--expires", "6m"),
    )
    path = enrolled.folder / "one.db"
    enrolled("backup", "create", path)
    assert enrolled("revoke", "A-1002", "--purpose", "gate", "--yes").code == 0
    assert enrolled("backup", "restore", path).code == 0
    probe = sample_data / "enrol" / "A-1002.jpg"
    assert enrolled("verify", "A-1002", probe, "--purpose", "gate").code == 20
    assert enrolled("verify", "A-1002", probe, "--purpose", "attendance").code == 0


def test_what_restricts_since_the_backup_goes_on_to_restrict(
    enrolled: Facecli, backup: Any, sample_data: Path, purposes_file: Callable[..., Path]
) -> None:
    """A hold, a new version and a retirement: putting data back must not undo them."""
    probe = sample_data / "enrol" / "A-1001.jpg"
    enrolled("subject", "hold", "A-1001", "--reason", "a case", "--until", "1y")
    assert enrolled("backup", "restore", backup).code == 0
    assert enrolled("verify", "A-1001", probe, "--purpose", "gate").code == 20
    assert enrolled("subject", "release", "A-1001").code == 0
    assert enrolled("verify", "A-1001", probe, "--purpose", "gate").code == 0
    _forget_aside(enrolled)
    enrolled("purpose", "apply", purposes_file(scope='"Every door"'))
    enrolled("purpose", "retire", "attendance", "--yes")
    done = enrolled("backup", "restore", backup)
    assert done.code == 0
    assert not {"purpose.apply", "purpose.retire", "subject.hold"} & set(done.err.split())
    assert enrolled("verify", "A-1001", probe, "--purpose", "gate").code == 20
    shown = enrolled("purpose", "list", "--format", "json").json()
    assert [(one["purpose"], one["version"], bool(one["retired_at"])) for one in shown] == [
        ("attendance", 1, True),
        ("gate", 2, False),
    ]
    assert enrolled("subject", "show", "A-1001", "--format", "json").json()["state"] == "active"


def _forget_aside(facecli: Facecli) -> None:
    aside = facecli.db.with_name("facecli.db.before-restore")
    slots.slots_path(aside).unlink()
    aside.unlink()


@pytest.mark.rule("erased-after-restore")
def test_what_a_purge_took_of_a_person_does_not_come_back_and_the_rest_does(
    enrolled: Facecli, sample_data: Path, clock: Clock
) -> None:
    probe = sample_data / "probes" / "gate-2.jpg"
    enrolled("match", probe, "--purpose", "gate")
    clock.advance(days=20)
    enrolled("match", probe, "--purpose", "gate")
    path = enrolled.folder / "one.db"
    enrolled("backup", "create", path)
    clock.advance(days=15)
    enrolled("match", probe, "--purpose", "gate")
    assert enrolled("purge").code == 0  # the first match is older than 30 days
    assert enrolled("backup", "restore", path).code == 0
    settings = Settings(enrolled.db, {"key_file": str(enrolled.key)}, no_input=True)
    with session(settings, "test") as opened:
        times = [row["at"] for row in opened.db.rows("SELECT at FROM match_event")]
    assert len(times) == 1
    assert times[0] > min(entry["at"] for entry in _log(enrolled))
    assert enrolled("purge", "--dry-run").code == 0


def test_slots_stay_those_of_today(enrolled: Facecli, backup: Any) -> None:
    second = enrolled.folder / "second.key"
    enrolled("key", "add", "--label", "second", "--new-key-file", second)
    enrolled("key", "remove", "first")
    by_second = ["--no-input", "--db", enrolled.db, "--key-file", second]
    refused = enrolled.bare(*by_second, "backup", "restore", backup)
    assert refused.code == 12  # the backup is older than this key
    done = enrolled.bare(*by_second, "backup", "restore", backup, "--backup-key-file", enrolled.key)
    assert done.code == 0
    assert enrolled.bare(*by_second, "subject", "list").code == 0
    assert enrolled("subject", "list").code == 12


def test_a_backup_of_another_database_is_refused(
    enrolled: Facecli, backup: Any, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    options = ["--no-input", "--db", other / "facecli.db", "--key-file", enrolled.key]
    assert enrolled.bare(*options, "init").code == 0
    refused = enrolled.bare(*options, "backup", "restore", backup)
    assert (refused.code, "another database" in refused.err) == (1, True)


def test_a_name_on_the_command_line_cannot_steer_the_terminal(
    enrolled: Facecli, backup: Any
) -> None:
    refused = enrolled("backup", "restore", backup, "\x1b[31m.jsonl")
    assert (refused.code, "\x1b" in refused.err) == (2, False)


def test_a_backup_that_is_newer_than_the_database_is_refused(
    enrolled: Facecli, backup: Any
) -> None:
    old = {path: path.read_bytes() for path in (enrolled.db, slots.slots_path(enrolled.db))}
    enrolled("subject", "add", "B-1")
    newer = enrolled.folder / "newer.db"
    enrolled("backup", "create", newer)
    for path, content in old.items():
        path.write_bytes(content)
    refused = enrolled("backup", "restore", newer)
    assert (refused.code, "newer" in refused.err) == (1, True)


def test_a_backup_of_another_course_of_the_log_is_refused(enrolled: Facecli, backup: Any) -> None:
    old = {path: path.read_bytes() for path in (enrolled.db, slots.slots_path(enrolled.db))}
    enrolled("subject", "add", "B-1")
    fork = enrolled.folder / "fork.db"
    enrolled("backup", "create", fork)
    for path, content in old.items():
        path.write_bytes(content)
    for number in range(3):
        enrolled("subject", "add", f"C-{number}")
    refused = enrolled("backup", "restore", fork)
    assert (refused.code, "beginning" in refused.err) == (1, True)


def test_the_database_itself_is_no_backup_of_itself(enrolled: Facecli) -> None:
    assert enrolled("backup", "restore", enrolled.db).code == 2
    other_name = enrolled.folder / "other.db"
    os.link(enrolled.db, other_name)
    os.link(slots.slots_path(enrolled.db), slots.slots_path(other_name))
    assert enrolled("backup", "restore", other_name).code == 22
    other_name.unlink()
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


@pytest.mark.rule("erased-after-restore")
def test_where_the_database_is_gone_the_erasures_must_be_given(
    enrolled: Facecli, backup: Any
) -> None:
    early = _export(enrolled, "early.jsonl")
    enrolled("revoke", "A-1001", "--yes")
    late = _export(enrolled, "late.jsonl", "--after", _last(enrolled)["seq"])
    whole = _export(enrolled, "whole.jsonl")
    _lose_database(enrolled)
    refused = enrolled("backup", "restore", backup)
    assert (refused.code, "--erasures" in refused.err) == (22, True)
    gap = enrolled("backup", "restore", backup, "--erasures", late)
    assert gap.code == 22
    assert not enrolled.db.exists()
    assert not slots.slots_path(enrolled.db).exists()
    done = enrolled("backup", "restore", backup, "--erasures", early, whole)
    assert done.code == 0
    assert "A witness that countersigned a later checkpoint refuses this log" in done.err
    assert _refs(enrolled) == {"A-1002", "A-1003"}
    assert MARK.encode() not in plaintext(enrolled.db, database_key(enrolled.db, enrolled.key))
    assert _last(enrolled)["action"] == "backup.restore"
    # The log went back to the backup's end, which a later checkpoint shows.
    seal = enrolled.folder / "seal"
    assert enrolled("log", "checkpoint", "--output", seal).code == 0
    assert enrolled("log", "verify").code == 0


@pytest.mark.rule("held-elsewhere")
@pytest.mark.parametrize("gone", [False, True])
def test_what_was_confirmed_or_answered_since_is_not_open_again(
    enrolled: Facecli, gone: bool
) -> None:
    """With the present database, and with exports of its log alone."""
    for ref in ("A-1001", "A-1002"):
        for what in ("photo", "fingerprint", "paper"):
            item = ("--what", what, "--where", "A vendor")
            assert enrolled("subject", "elsewhere", "add", ref, *item).code == 0
    assert enrolled("subject", "request", "A-1002", "--kind", "access").code == 0
    backup = enrolled.folder / "one.db"
    enrolled("backup", "create", backup)
    letter = enrolled.folder / "letter"
    letter.write_text("deleted")

    def confirm(number: int) -> None:
        confirming = ("subject", "elsewhere", "confirm", items[number])
        assert enrolled(*confirming, "--evidence", letter).code == 0

    def register() -> list[Any]:
        fields = ("item_id", "ref", "case_id", "what", "where", "state")
        listed = enrolled("subject", "elsewhere", "list", "--format", "json").json()
        return [{name: one[name] for name in fields} for one in listed]

    items = [one["item_id"] for one in register()]
    [request] = enrolled("subject", "requests", "--format", "json").json()
    confirm(0)  # of A-1001, who is erased
    confirm(3)  # of A-1002, who stays
    answer = ("--answer", "no", "--refused", "a reason")
    assert enrolled("subject", "answer", request["request_id"], *answer).code == 0
    assert enrolled("subject", "request", "A-1002", "--kind", "complain").code == 0
    assert enrolled("revoke", "A-1001", "--yes").code == 0
    confirm(1)  # of the case
    before = register()
    assert [(one["ref"], one["what"]) for one in before] == [
        (None, "paper"), ("A-1002", "photo"), ("A-1002", "fingerprint"), ("A-1002", "paper"),
    ]  # fmt: skip
    options: list[object] = []
    if gone:
        options = ["--erasures", _export(enrolled, "whole.jsonl")]
        _lose_database(enrolled)
    assert enrolled("backup", "restore", backup, *options).code == 0
    assert register() == before
    asked = enrolled("subject", "requests", "A-1002", "--format", "json").json()
    assert [(one["kind"], one["state"]) for one in asked] == [
        ("access", "refused"), ("complain", "open"),
    ]  # fmt: skip


@pytest.mark.parametrize("more", [0, 9])  # entries since, so that others stand in the same place
@pytest.mark.parametrize(
    "kept", [["--cursor-file"], ["--checkpoint"], ["--cursor-file", "--checkpoint"]]
)
def test_the_nightly_export_says_that_a_restore_is_why_it_does_not_go_on(
    enrolled: Facecli, backup: Any, kept: list[str], more: int
) -> None:
    files = {option: enrolled.folder / option.strip("-") for option in kept}
    options = [word for pair in files.items() for word in pair]
    export = _export(enrolled, "whole.jsonl")
    _export(enrolled, "nightly.jsonl", *options)
    _lose_database(enrolled)
    assert enrolled("backup", "restore", backup, "--erasures", export).code == 0
    for _ in range(more):
        assert enrolled("log", "checkpoint").code == 0
    back = next(one for one in reversed(_log(enrolled)) if one["action"] == "backup.restore")
    before = {file: file.read_bytes() for file in files.values()}
    refused = enrolled("log", "export", *options)
    assert refused.code == 31
    entries = back["details"]["backup_entries"]
    assert f"went back to entry {entries} on {back['at']}" in refused.err
    assert all(str(file) in refused.err for file in files.values())
    assert {file: file.read_bytes() for file in files.values()} == before
    for file in files.values():
        file.rename(file.with_suffix(".old"))
    _export(enrolled, "anew.jsonl", *options)
    assert enrolled("log", "export", *options).code == 0


def test_a_restore_explains_nothing_that_came_after_it(enrolled: Facecli, backup: Any) -> None:
    export = _export(enrolled, "whole.jsonl")
    _lose_database(enrolled)
    assert enrolled("backup", "restore", backup, "--erasures", export).code == 0
    older = enrolled.db.read_bytes()
    cursor = enrolled.folder / "cursor"
    _export(enrolled, "since.jsonl", "--cursor-file", cursor)
    os.utime(cursor, (4e9, 4e9))  # a cursor of another second than the restore's
    enrolled.db.write_bytes(older)
    refused = enrolled("log", "export", "--cursor-file", cursor)
    assert (refused.code, "a backup was restored" in refused.err) == (31, False)


def _lost_and_restored(facecli: Facecli, backup: Any) -> Any:
    """Restore with what the log's export tells, after the database is gone."""
    export = _export(facecli, f"log-{len(_log(facecli))}.jsonl")
    _lose_database(facecli)
    done = facecli("backup", "restore", backup, "--erasures", export)
    assert done.code == 0
    return done


def _verified(facecli: Facecli, sample_data: Path, ref: Any = "A-1001") -> Any:
    return facecli("verify", ref, sample_data / "enrol" / f"{ref}.jpg", "--purpose", "gate").code


def test_a_withdrawal_that_a_hold_kept_from_erasing_is_restored(
    enrolled: Facecli, backup: Any, sample_data: Path
) -> None:
    hold = ("subject", "hold", "A-1001", "--reason", "a case", "--until", "1y")
    enrolled(*hold)
    assert enrolled("revoke", "A-1001", "--yes").code == 22
    kept = _lost_and_restored(enrolled, backup)
    assert "subject.hold" not in kept.err
    shown = enrolled("subject", "show", "A-1001", "--format", "json").json()
    assert shown["state"] == "restricted"
    assert shown["consents"][0]["withdrawn_at"] is not None
    assert enrolled("purge", "--format", "json").json()[0]["outcome"] == "held"
    enrolled("subject", "release", "A-1001")
    assert _verified(enrolled, sample_data) == 20
    # What was done again is in the log, so that the next restore knows of it too.
    _lost_and_restored(enrolled, backup)
    assert _verified(enrolled, sample_data) == 20
    assert enrolled("purge").code == 0
    assert _refs(enrolled) == {"A-1002", "A-1003"}


def test_a_withdrawal_that_waits_is_taken_over_from_the_present_database(
    enrolled: Facecli, backup: Any, sample_data: Path
) -> None:
    enrolled("subject", "hold", "A-1001", "--reason", "a case", "--until", "1y")
    enrolled("revoke", "A-1001", "--yes")
    assert enrolled("backup", "restore", backup).code == 0
    enrolled("subject", "release", "A-1001")
    assert _verified(enrolled, sample_data) == 20
    assert enrolled("purge").code == 0
    assert _refs(enrolled) == {"A-1002", "A-1003"}


def test_a_hold_that_was_released_does_not_come_back(
    enrolled: Facecli, backup: Any, sample_data: Path
) -> None:
    enrolled("subject", "hold", "A-1001", "--reason", "a case", "--until", "1y")
    enrolled("subject", "release", "A-1001")
    _lost_and_restored(enrolled, backup)
    assert _verified(enrolled, sample_data) == 0


def test_a_purpose_that_was_retired_stays_retired(
    enrolled: Facecli, backup: Any, sample_data: Path
) -> None:
    enrolled("purpose", "retire", "gate", "--yes")
    _lost_and_restored(enrolled, backup)
    assert _verified(enrolled, sample_data) != 0
    (gate,) = [
        one
        for one in enrolled("purpose", "list", "--format", "json").json()
        if one["purpose"] == "gate"
    ]
    assert gate["retired_at"] is not None
    assert enrolled("purge", "--max-fraction", "1").code == 0
    assert _refs(enrolled) == set()


def _gate(facecli: Facecli) -> Any:
    return next(
        one
        for one in facecli("purpose", "list", "--format", "json").json()
        if one["purpose"] == "gate"
    )


def test_a_new_version_closes_the_purpose_until_its_file_is_there_again(
    enrolled: Facecli, backup: Any, sample_data: Path, purposes_file: Callable[..., Path]
) -> None:
    file = purposes_file(scope='"Every door"')
    enrolled("purpose", "apply", file)
    done = _lost_and_restored(enrolled, backup)
    assert "The purpose gate changed since the backup" in done.err
    assert _gate(enrolled)["version"] == 2
    probe = sample_data / "enrol" / "A-1001.jpg"
    for command in (
        ("verify", "A-1001", probe, "--purpose", "gate"),
        ("match", probe, "--purpose", "gate"),
        ("enroll", "file", "A-1001", probe, "--purpose", "gate"),
        ("consent", "record", "A-1001", "--purpose", "gate", "--expires", "1y"),
    ):
        refused = enrolled(*command)
        assert (refused.code in (1, 20), "apply its file again" in refused.err) == (True, True), (
            command
        )
    assert enrolled("purpose", "apply", file).code == 0
    assert (_gate(enrolled)["version"], _gate(enrolled)["revision"]) == (2, 1)
    assert _verified(enrolled, sample_data) == 20  # the consent was to version 1
    assert enrolled("consent", "record", "A-1001", "--purpose", "gate", "--expires", "1y").code == 0
    assert _verified(enrolled, sample_data) == 0


def test_after_a_revision_was_lost_another_file_is_a_new_version(
    enrolled: Facecli, backup: Any, sample_data: Path, purposes_file: Callable[..., Path]
) -> None:
    """Nobody can tell any more whether it widens what people agreed to."""
    revised = purposes_file(retain_match='"1d"')
    enrolled("purpose", "apply", revised)
    content = revised.read_text()
    _lost_and_restored(enrolled, backup)
    assert _verified(enrolled, sample_data) == 20
    dry = enrolled("purpose", "apply", sample_data / "purposes.toml", "--dry-run")
    assert "version" in dry.out
    revised.write_text(content)
    assert enrolled("purpose", "apply", revised).code == 0
    assert _gate(enrolled)["version"] == 1
    assert _verified(enrolled, sample_data) == 0


def test_a_manifest_does_not_bring_in_who_came_after_the_backup_and_withdrew(
    ready: Facecli, sample_data: Path, clock: Clock
) -> None:
    path = ready.folder / "one.db"
    assert ready("backup", "create", path).code == 0
    assert ready("enroll", "batch", sample_data / "manifest.csv").code == 0
    assert ready("revoke", "A-1001", "--yes").code == 0
    done = _lost_and_restored(ready, path)
    assert "manifest" in done.err
    clock.advance(minutes=1)
    again = ready("enroll", "batch", sample_data / "manifest.csv", "--format", "json")
    assert again.code == 3
    assert {row["reason"] for row in again.json()} == {"no-consent"}
    assert _refs(ready) == set()
    # Who is known to have stayed is recorded one by one.
    assert ready("subject", "add", "A-1002").code == 0
    record = ("consent", "record", "A-1002", "--purpose", "gate", "--expires", "1y")
    assert ready(*record).code == 0
    enrol = ("enroll", "file", "A-1002", sample_data / "enrol" / "A-1002.jpg", "--purpose", "gate")
    assert ready(*enrol).code == 0
    today = clock.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    fresh = ("--expires", "1y", "--given", today)
    picture = sample_data / "enrol" / "A-1003.jpg"
    assert ready("enroll", "file", "A-1003", picture, "--purpose", "gate", *fresh).code == 0


def test_a_key_slot_that_was_removed_does_not_open_what_is_restored(enrolled: Facecli) -> None:
    second = enrolled.folder / "second.key"
    enrolled("key", "add", "--label", "second", "--new-key-file", second)
    path = enrolled.folder / "one.db"
    enrolled("backup", "create", path)
    enrolled("key", "remove", "second")
    _lost_and_restored(enrolled, path)
    by_second = ("--no-input", "--db", enrolled.db, "--key-file", second)
    assert enrolled.bare(*by_second, "subject", "list").code == 12
    slot_labels = [one["label"] for one in enrolled("key", "list", "--format", "json").json()]
    assert slot_labels == ["first"]
    assert enrolled("key", "rotate").code == 0


def test_the_slot_that_opened_the_backup_stays_and_is_named(enrolled: Facecli) -> None:
    second = enrolled.folder / "second.key"
    enrolled("key", "add", "--label", "second", "--new-key-file", second)
    path = enrolled.folder / "one.db"
    enrolled("backup", "create", path)
    enrolled("key", "remove", "second")
    export = _export(enrolled)
    _lose_database(enrolled)
    by_second = ("--no-input", "--db", enrolled.db, "--key-file", second)
    done = enrolled.bare(*by_second, "backup", "restore", path, "--erasures", export)
    assert (done.code, "'second' was removed" in done.err) == (0, True)


def test_a_restore_does_not_set_back_the_time_that_was_reached(
    enrolled: Facecli, clock: Clock, sample_data: Path
) -> None:
    path = enrolled.folder / "one.db"
    enrolled("backup", "create", path)
    for number in range(10):
        clock.advance(days=39)
        enrolled("subject", "add", f"B-{number}")
    export = _export(enrolled)
    clock.advance(days=-390)
    _lose_database(enrolled)
    assert enrolled("backup", "restore", path, "--erasures", export).code == 0
    assert _verified(enrolled, sample_data) == 20


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("subject", "complete", "A-1001", "--purpose", "gate"), "purpose-met"),
        (("purpose", "retire", "gate", "--yes"), "purpose-retired"),
    ],
)
def test_an_end_that_a_clock_far_ahead_logged_is_due_after_a_restore(
    enrolled: Facecli, clock: Clock, words: tuple[str, ...], reason: str
) -> None:
    path, right = enrolled.folder / "one.db", clock.moment
    enrolled("backup", "create", path)
    clock.advance(days=300)
    assert enrolled(*words).code == 0
    export = _export(enrolled)
    clock.moment = right + timedelta(minutes=1)
    _lose_database(enrolled)
    assert enrolled("backup", "restore", path, "--erasures", export).code == 0
    due = enrolled("purge", "--dry-run", "--format", "json").json()
    assert {row["reason"] for row in due if row.get("ref") == "A-1001"} == {reason}


def test_copies_that_were_removed_since_stay_gone(enrolled: Facecli, clock: Clock) -> None:
    """Else `backup erase` in the night's service would miss them for ever."""
    folder, path = enrolled.folder / "backups", enrolled.folder / "one.db"
    folder.mkdir(mode=0o700)
    for _ in range(2):
        clock.advance(days=1)
        assert enrolled("backup", "create", folder).code == 0
    assert enrolled("backup", "create", path).code == 0
    first, second = sorted(folder.glob("*.db"))
    clock.advance(days=1)
    assert enrolled("backup", "create", folder, "--keep-daily", "2").code == 0
    for file in (second, second.with_name(f"{second.name}.keys")):
        file.unlink()
    assert enrolled("backup", "erase", second, "--gone").code == 0
    assert not first.exists()
    export = _export(enrolled)
    _lose_database(enrolled)
    restored = enrolled("backup", "restore", path, "--erasures", export)
    assert (restored.code, "lacks" in restored.err) == (0, False), restored.err
    known = enrolled("backup", "list", enrolled.folder, "--format", "json").json()
    assert not {str(first), str(second)} & {row["path"] for row in known}
    assert enrolled("backup", "erase", path).code == 0


def test_an_export_that_ends_before_the_backup_tells_nothing(enrolled: Facecli) -> None:
    early = _export(enrolled)
    enrolled("subject", "add", "B-1")
    path = enrolled.folder / "one.db"
    enrolled("backup", "create", path)
    _lose_database(enrolled)
    refused = enrolled("backup", "restore", path, "--erasures", early)
    assert refused.code == 22
    assert not enrolled.db.exists()


def test_an_altered_export_is_refused(enrolled: Facecli, backup: Any) -> None:
    enrolled("revoke", "A-1001", "--yes")
    export = _export(enrolled)
    lines = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(b"".join(line for line in lines if b"revoke.erase" not in line))
    _lose_database(enrolled)
    refused = enrolled("backup", "restore", backup, "--erasures", export)
    assert refused.code == 30
    assert str(export) in refused.err
    export.write_bytes(b"".join(lines[:-1]))
    assert enrolled("backup", "restore", backup, "--erasures", export).code == 31
    assert not enrolled.db.exists()


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "csv", "--output"], "an export in the format csv"),
        (["--checkpoint"], "it is a checkpoint"),
        (["--cursor-file"], "it is the cursor of an export"),
    ],
)
def test_a_file_of_another_kind_is_no_altered_export(
    enrolled: Facecli, backup: Any, options: list[str], said: str, there: bool
) -> None:
    file = enrolled.folder / "given"
    assert enrolled("log", "export", *options, file).code == 0
    if not there:
        _lose_database(enrolled)
    refused = enrolled("backup", "restore", backup, "--erasures", file)
    assert (refused.code, refused.err.count(str(file))) == (1, 1)
    assert said in refused.err
    assert "Name the export that `facecli log export` wrote." in refused.err
    assert enrolled.db.exists() == there


def _killed(run: Any, module: Any, name: Any, before: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a process that ends, as by SIGKILL, at a call of `module.name`."""
    child = os.fork()
    if child == 0:
        real = getattr(module, name)

        def cut(*arguments: Any, **named: Any) -> None:
            if not before:
                real(*arguments, **named)
            os._exit(9)

        try:
            monkeypatch.setattr(module, name, cut)
            run()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("module", "name"), [(copies, "make"), (slots, "create"), (copies, "put_in_place")]
)
def test_a_backup_cut_short_is_made_by_the_next_run(
    enrolled: Facecli, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, before: bool
) -> None:
    folder = enrolled.folder / "backups"
    folder.mkdir(mode=0o700)
    path = folder / "one.db"
    _killed(lambda: enrolled("backup", "create", path), module, name, before, monkeypatch)
    code = 1 if path.exists() else 0
    assert enrolled("backup", "create", path).code == code
    assert _verify(enrolled, path).code == 0
    assert {file.name for file in folder.iterdir()} == {"one.db", "one.db.keys"}


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("module", "name"),
    [(copies, "make"), (os, "link"), (copies, "put_in_place"), (slots, "write")],
)
def test_a_restore_cut_short_leaves_a_database_and_the_next_run_finishes(
    enrolled: Facecli,
    backup: Any,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    before: bool,
) -> None:
    enrolled("revoke", "A-1001", "--yes")
    _killed(lambda: enrolled("backup", "restore", backup), module, name, before, monkeypatch)
    assert _refs(enrolled) == {"A-1002", "A-1003"}
    restored = _last(enrolled)["action"] == "backup.restore"
    assert enrolled("backup", "restore", backup).code == (1 if restored else 0)
    assert _refs(enrolled) == {"A-1002", "A-1003"}
    assert not copies.partial(enrolled.db).exists()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("module", "name"), [(copies, "make"), (slots, "create"), (copies, "put_in_place")]
)
def test_a_restore_to_an_empty_place_cut_short_is_finished_by_the_next(
    enrolled: Facecli,
    backup: Any,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    before: bool,
) -> None:
    enrolled("revoke", "A-1001", "--yes")
    export = _export(enrolled)
    _lose_database(enrolled)
    restore = ("backup", "restore", backup, "--erasures", export)
    _killed(lambda: enrolled(*restore), module, name, before, monkeypatch)
    if not enrolled.db.exists():
        assert enrolled(*restore).code == 0
    assert _refs(enrolled) == {"A-1002", "A-1003"}
    assert not copies.partial(enrolled.db).exists()


def test_a_backup_that_is_not_there_is_not_called_a_database(enrolled: Facecli) -> None:
    for command in ("verify", "restore"):
        done = enrolled("backup", command, enrolled.folder / "nothing.db")
        assert done.code == 10
        assert "There is no backup at " in done.err
        assert "facecli init" not in done.err


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_what_is_no_backup_is_named_and_not_called_a_database(
    enrolled: Facecli, command: str
) -> None:
    file = enrolled.folder / "README.md"
    file.write_text("# facecli\n")
    done = enrolled("backup", command, file)
    assert done.code == 10
    assert f"{file} is not a facecli backup" in done.err
    assert "Name the file that `facecli backup create` made" in done.err
    assert "--db" not in done.err


def test_a_backup_in_a_folder_for_all_is_refused_without_a_word_of_chmod(enrolled: Facecli) -> None:
    folder = enrolled.folder / "for-all"
    folder.mkdir()
    folder.chmod(0o1777)
    done = enrolled("backup", "create", folder / "one.db")
    assert (done.code, list(folder.iterdir())) == (1, [])
    assert "Choose a folder of your own" in done.err
    assert "chmod" not in done.err


def test_a_folder_that_is_not_there_is_an_output_that_cannot_be_written(enrolled: Facecli) -> None:
    done = enrolled("backup", "create", enrolled.folder / "nowhere" / "one.db")
    assert done.code == 74
    assert "there is no folder " in done.err


def test_an_export_that_ends_with_the_backup_tells_nothing_of_what_came_after(
    enrolled: Facecli,
) -> None:
    folder = enrolled.folder / "backups"
    folder.mkdir(mode=0o700)
    early = _export(enrolled, "early.jsonl")
    assert enrolled("backup", "create", folder / "two.db").code == 0
    assert enrolled("revoke", "A-1003", "--yes").code == 0
    late = _export(enrolled, "late.jsonl")
    _lose_database(enrolled)
    refused = enrolled("backup", "restore", folder / "two.db", "--erasures", early)
    assert refused.code == 22
    assert "goes beyond the backup's last entry" in refused.err
    assert not enrolled.db.exists()
    done = enrolled("backup", "restore", folder / "two.db", "--erasures", early, "--erasures", late)
    assert done.code == 0
    assert "are known up to entry" in done.err
    assert _refs(enrolled) == {"A-1001", "A-1002"}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (
            lambda db: db.write_bytes(db.read_bytes()[:8192] + bytes(64) + db.read_bytes()[8256:]),
            33,
        ),
        (lambda db: db.write_bytes(b""), 10),
        (lambda db: slots.slots_path(db).unlink(), 12),
        (lambda db: db.unlink(), 1),
    ],
)
def test_beside_a_damaged_database_it_says_how_to_restore_all_the_same(
    enrolled: Facecli, backup: Any, spoil: Any, code: int
) -> None:
    export = _export(enrolled)
    spoil(enrolled.db)
    refused = enrolled("-q", "backup", "restore", backup, "--erasures", export)
    assert refused.code == code
    assert f"move {enrolled.db} and {slots.slots_path(enrolled.db)} aside" in refused.err
    for file in (enrolled.db, slots.slots_path(enrolled.db)):
        if file.exists():
            file.rename(f"{file}.aside")
    assert enrolled("backup", "restore", backup, "--erasures", export).code == 0
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def test_no_backup_is_made_under_the_name_of_the_journal(enrolled: Facecli) -> None:
    journal = f"{enrolled.db}-journal"
    refused = enrolled("backup", "create", journal)
    assert (refused.code, "or its journal" in refused.err) == (2, True)
    assert _last(enrolled)["action"] != "backup.create"
