"""`facecli doctor`: it finds what is wrong, says what helps, and touches nothing."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecli.store import part_check
from facecli.store.files import PAGE_SIZE
from tests.commands.test_status import _break
from tests.conftest import Clock, Facecli
from tests.prepared import opened


def _doctor(facecli: Facecli, *options: Any) -> Any:
    done = facecli("doctor", *options, "--format", "json")
    return done.code, {one["check"]: one for one in done.json()}


def _state(folder: Path) -> dict[Any, Any]:
    return {
        path: (path.stat().st_mtime_ns, path.stat().st_mode, path.is_file() and path.read_bytes())
        for path in [folder, *folder.rglob("*")]
    }


@pytest.fixture
def healthy(enrolled: Facecli, tmp_path: Path) -> Facecli:
    """A database with its key elsewhere, two ways in, an export, and a backup."""
    key = tmp_path / "elsewhere" / "facecli.key"
    key.parent.mkdir(mode=0o700)
    second = key.with_name("second.key")
    assert enrolled("key", "add", "--label", "second", "--new-key-file", second).code == 0
    shutil.move(enrolled.key, key)
    enrolled.key = key
    assert enrolled("log", "export", "--output", key.with_name("log.jsonl")).code == 0
    backup = key.with_name("backup.db")
    assert enrolled("backup", "create", backup).code == 0
    assert enrolled("backup", "verify", backup, "--record").code == 0
    return enrolled


def test_all_is_well_but_for_the_schedule_of_this_machine(healthy: Facecli) -> None:
    _, found = _doctor(healthy)
    assert {one["schema"] for one in found.values()} == {"facecli.doctor/1"}
    bad = {check for check, one in found.items() if one["severity"] != "ok"}
    assert bad <= {"schedule-purge", "schedule-export", "cameras", "disk"}
    assert set(found) >= {
        "database", "folder", "key-slots", "journal", "key", "model", "disk", "cameras", "schema",
        "journal-mode", "slots-known", "clock", "export", "engine", "calibration", "integrity",
        "schedule-purge", "schedule-export",
    }  # fmt: skip
    assert "Labeled Faces in the Wild" in found["calibration"]["finding"]
    assert all(one["remedy"] == "" for one in found.values() if one["severity"] == "ok")
    assert all(one["remedy"].endswith(".") for one in found.values() if one["severity"] != "ok")


def test_it_exits_0_when_every_finding_is_ok(
    healthy: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from facecli.report.checks import machine, schedule
    from facecli.report.findings import ok

    monkeypatch.setattr(schedule, "check", lambda *_: iter([ok("schedule", "a timer")]))
    monkeypatch.setattr(machine, "cameras", lambda _: ok("cameras", "none"))
    code, found = _doctor(healthy)
    assert (code, {one["severity"] for one in found.values()}) == (0, {"ok"})


def test_warnings_end_with_3_and_errors_with_1(healthy: Facecli) -> None:
    assert healthy("doctor", "--quick").code == 3  # the machine has no timers
    healthy.db.parent.chmod(0o777)
    done = healthy("doctor", "--quick")
    assert ("error" in done.out, done.code) == (True, 1)


def test_a_remedy_stands_under_its_finding_within_80_columns(ready: Facecli) -> None:
    lines = ready("doctor", "--quick").out.splitlines()
    assert max(map(len, lines)) <= 80
    at = lines[0].index("FINDING")
    [finding] = [number for number, line in enumerate(lines) if line.startswith("key-slots  ")]
    beneath = [line for line in lines[finding + 1 : finding + 4] if line[:at].isspace()]
    assert any(line[at:].startswith("Remedy: Add another") for line in beneath)


def test_a_budget_checks_a_part_and_goes_on_the_next_night(
    healthy: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_check, "AT_ONCE", 5)
    entries = healthy("log", "show", "--format", "json").out
    pages = healthy.db.stat().st_size // PAGE_SIZE
    found = [_doctor(healthy, "--budget", "0s")[1]["integrity"]["finding"] for _ in range(2)]
    assert found == [
        f"pages 1 to 5 of {pages} are unchanged; the next run continues there",
        f"pages 6 to 10 of {pages} are unchanged; the next run continues there",
    ]
    whole = _doctor(healthy, "--budget", "1h")[1]["integrity"]["finding"]
    assert whole.startswith("pages 11 to ")
    assert "with them every page was checked" in whole
    assert healthy("log", "show", "--format", "json").out == entries
    _doctor(healthy, "--budget", "0s")
    assert healthy("key", "rotate").code == 0  # another file in its place
    assert "pages 1 to 5 " in _doctor(healthy, "--budget", "0s")[1]["integrity"]["finding"]


@pytest.mark.parametrize("options", [["--budget", "5"], ["--budget", "5d"], ["--budget", "-5m"],
                                     ["--budget", "5m", "--quick"]], ids=" ".join)  # fmt: skip
def test_a_budget_that_means_nothing_is_a_usage_error(healthy: Facecli, options: list[str]) -> None:
    assert healthy("doctor", *options).code == 2


def test_a_hook_that_cannot_run_is_a_warning(healthy: Facecli, tmp_path: Path) -> None:
    configuration = tmp_path / "config.toml"
    configuration.write_text(
        '[hooks]\non_failure = ["/no/such/program"]\n[hooks.purge]\non_success = ["/bin/sh"]\n'
    )
    done = healthy.bare("--config", configuration, *healthy.globals, "doctor", "--quick",
                        "--format", "json")  # fmt: skip
    found = [(one["severity"], one["finding"]) for one in done.json() if one["check"] == "hook"]
    assert [severity for severity, _ in found] == ["warning", "ok"]
    assert "hooks.on_failure names /no/such/program" in found[0][1]


def test_it_writes_nothing(
    healthy: Facecli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    before = _state(tmp_path)
    entries = healthy("log", "show", "--format", "json").out
    assert healthy.process("doctor", env={"HOME": str(home)}).code in (0, 3)
    assert _state(tmp_path) == before
    assert healthy("log", "show", "--format", "json").out == entries


@pytest.mark.parametrize(
    ("break_it", "check", "severity", "words"),
    [
        (lambda f: f.key.chmod(0o644), "key", "error", "chmod 600"),
        (lambda f: f.db.chmod(0o640), "database", "error", "chmod 600"),
        (lambda f: f.db.parent.chmod(0o777), "folder", "error", "chmod go-w"),
        (lambda f: f.db.parent.chmod(0o1777), "folder", "error", "a folder of your own"),
        (lambda f: Path(f"{f.db}.keys").chmod(0o644), "key-slots-file", "error", "chmod 600"),
        (lambda f: Path(f"{f.db}.keys").unlink(), "key-slots", "error", "Restore the file"),
        (lambda f: Path(f"{f.db}-wal").touch(), "journal", "error", "WAL"),
        (lambda f: Path(f"{f.db}-journal").write_text("x"), "journal", "warning", "Leave it"),
        (lambda f: f.key.unlink(), "key", "error", "Put the file back"),
    ],
)
def test_what_is_wrong_with_files_is_found_and_has_a_remedy(
    healthy: Facecli, break_it: Any, check: str, severity: str, words: str
) -> None:
    break_it(healthy)
    code, found = _doctor(healthy, "--quick")
    assert found[check]["severity"] == severity
    assert words in found[check]["finding"] + found[check]["remedy"]
    assert code != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_database_that_root_has_replaced_is_warned_of(healthy: Facecli) -> None:
    os.chown(healthy.db.parent, 65534, 65534)
    found = _doctor(healthy, "--quick")[1]
    assert found["database"]["severity"] == found["key-slots-file"]["severity"] == "warning"
    assert "init --system" in found["database"]["remedy"]


def test_one_slot_and_a_key_beside_the_database_are_warned_of(ready: Facecli) -> None:
    code, found = _doctor(ready, "--quick")
    assert code == 3
    assert found["key-slots"]["severity"] == found["key-place"]["severity"] == "warning"
    assert "integrity" not in found


def test_a_clock_before_the_logs_end_is_found(healthy: Facecli, clock: Clock) -> None:
    clock.advance(days=-1)
    assert _doctor(healthy, "--quick")[1]["clock"]["severity"] == "error"
    clock.advance(days=402)
    assert _doctor(healthy, "--quick")[1]["clock"]["severity"] == "error"


def test_an_export_that_has_not_run_for_two_days_is_warned_of(
    healthy: Facecli, clock: Clock
) -> None:
    clock.advance(hours=47)
    assert _doctor(healthy, "--quick")[1]["export"]["severity"] == "ok"
    clock.advance(hours=2)
    assert _doctor(healthy, "--quick")[1]["export"]["severity"] == "warning"


def test_a_purposes_rate_that_was_never_measured_is_an_error(
    healthy: Facecli, purposes_file: Callable[..., Path]
) -> None:
    assert healthy("purpose", "apply", purposes_file(threshold_fmr="1e-9")).code == 0
    found = _doctor(healthy, "--quick")[1]
    assert found["threshold"]["severity"] == "error"
    assert "gate" in found["threshold"]["finding"]


def test_wal_mode_is_found_and_left_as_it_is(healthy: Facecli) -> None:
    with opened(healthy) as session:
        session.db.execute("PRAGMA journal_mode = WAL")
    _, found = _doctor(healthy, "--quick")
    assert found["journal-mode"]["severity"] == "error"
    assert healthy("status").code == 0
    _, found = _doctor(healthy, "--quick")
    assert found["journal-mode"]["severity"] == found["journal"]["severity"] == "ok"


def _cut_short(facecli: Facecli, tmp_path: Path) -> None:
    """Copies of the database and its journal from the middle of a transaction."""
    with opened(facecli) as session:
        session.db.execute("PRAGMA cache_size = 1")
        session.db.execute("BEGIN IMMEDIATE")
        session.db.execute("UPDATE subject SET name = hex(randomblob(40000))")
        session.db.rows("SELECT * FROM audit_entry")
        journal = Path(f"{facecli.db}-journal")
        kept = {path: path.read_bytes() for path in (facecli.db, journal)}
        session.db.execute("ROLLBACK")
    for path, content in kept.items():
        path.write_bytes(content)
        path.chmod(0o600)


def test_a_write_that_was_cut_short_is_told_and_left_to_the_next_command(
    healthy: Facecli, tmp_path: Path
) -> None:
    _cut_short(healthy, tmp_path)
    before = _state(tmp_path)
    code, found = _doctor(healthy)
    assert (code, "was interrupted" in found["opening"]["finding"]) == (3, True)
    assert _state(tmp_path) == before
    assert found["journal"]["severity"] == "warning"
    assert healthy("subject", "list").code == 0
    assert _doctor(healthy, "--quick")[1]["journal"]["severity"] == "ok"


def test_slots_that_the_database_does_not_know_are_found(healthy: Facecli) -> None:
    with opened(healthy) as session:
        session.db.insert("key_slot", label="ghost", slot_key=b"x")
    assert "ghost" in _doctor(healthy, "--quick")[1]["slots-known"]["finding"]


def test_weights_that_were_changed_are_found(
    healthy: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from facecli.recognition.engines import availability
    from facecli.recognition.engines.weights import Weights

    monkeypatch.setattr(availability, "SHIPPED", (Weights("sface.calibration.json", "0" * 64),))
    found = _doctor(healthy, "--quick")[1]["model"]
    assert (found["severity"], "not the file" in found["finding"]) == ("error", True)


@pytest.mark.parametrize(
    ("how", "code"), [("absent", 10), ("newer", 10), ("cut", 10), ("no key", 12), ("damaged", 33)]
)
def test_what_can_be_checked_of_a_database_that_does_not_open_is_checked(
    healthy: Facecli, how: str, code: int
) -> None:
    arguments = _break(healthy, how)
    done = healthy.bare(*arguments, "doctor", "--format", "json")
    assert done.code == code
    found = {one["check"]: one for one in done.json()}
    assert {"disk", "model", "schedule-purge", "key-slots"} <= set(found)
    problem = found["database"] if how in ("absent", "cut") else found["opening"]
    assert problem["severity"] == "error"
    assert problem["finding"] in done.err


def test_a_locked_database_is_said_to_be_locked(healthy: Facecli) -> None:
    with healthy.db.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        done = healthy.bare("--lock-wait", "0", *healthy.globals, "doctor", "--format", "json")
    assert done.code == 11
    assert done.json()[-1]["check"] == "opening"


def test_the_weights_of_another_engine_are_checked_as_well(
    facecli: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from facecli.recognition.engines import availability

    assert facecli("init", "--engine", "dlib").code == 0
    done = facecli("doctor", "--quick", "--format", "json")
    models = [one for one in done.json() if one["check"] == "model"]
    names = [weights.file for weights in (*availability.SHIPPED, *availability.PACKAGED)]
    assert [one["finding"].split()[0] for one in models] == names
    assert {one["severity"] for one in models} == {"ok"}
    monkeypatch.setattr(availability, "PACKAGE", "no_such_package")
    done = facecli("doctor", "--quick", "--format", "json")
    missing = [one for one in done.json() if one["check"] == "model" and one["severity"] == "error"]
    assert len(missing) == len(availability.PACKAGED)
    assert "facecli[dlib]" in missing[0]["remedy"]


def test_the_network_of_a_model_card_is_checked(facecli: Facecli, tmp_path: Path) -> None:
    from tests.tiny_network import write_card

    card = write_card(tmp_path)
    assert facecli("init", "--engine", card).code == 0
    found = _doctor(facecli, "--quick")[1]
    assert found["calibration"]["severity"] == "warning"
    (model,) = tmp_path.glob("*.onnx")
    model.write_bytes(b"another")
    done = facecli("doctor", "--quick", "--format", "json")
    assert [one["severity"] for one in done.json() if one["check"] == "model"][-1] == "error"


def test_what_a_restore_kept_aside_is_warned_of(enrolled: Facecli, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir(mode=0o700)
    assert enrolled("backup", "create", folder / "one.db").code == 0
    assert enrolled("backup", "restore", folder / "one.db").code == 0
    found = enrolled("doctor", "--quick", "--format", "json").json()
    [warned] = [one for one in found if one["check"] == "before-restore"]
    assert warned["severity"] == "warning"
    assert f"{enrolled.db}.before-restore" in warned["finding"]
