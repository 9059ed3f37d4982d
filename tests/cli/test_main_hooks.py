"""Hooks run at every end of a command, and never change its result."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecli.store.files import PAGE_SIZE
from tests.conftest import PROJECT, Facecli
from tests.prepared import opened

SCRIPT = """#!{python} -I
import json, os, sys
told = {{name: value for name, value in os.environ.items() if name.startswith("FACECLI")}}
with open({told!r}, "a") as file:
    print(json.dumps([sys.argv[1:], told]), file=file)
sys.exit({status})
"""


@pytest.fixture
def hooked(ready: Facecli) -> Callable[..., list[Any]]:
    """Run facecli with hooks; return the exit code, stderr, and what each hook was told."""
    told, script = ready.folder / "told", ready.folder / "hook"
    configuration = ready.folder / "config.toml"

    def run(*arguments: object, status: int = 0, **environment: str) -> list[Any]:
        told.unlink(missing_ok=True)
        script.write_text(SCRIPT.format(python=sys.executable, told=str(told), status=status))
        script.chmod(0o755)
        program = json.dumps([str(script), "jo; rm -rf /"])
        configuration.write_text(f"[hooks]\non_failure = {program}\non_success = {program}\n")
        done = ready.bare("--config", configuration, "--no-input", *arguments)
        lines = told.read_text().splitlines() if told.exists() else []
        return [done.code, done.err, *map(json.loads, lines)]

    return run


def _where(facecli: Facecli) -> list[object]:
    return ["--db", facecli.db, "--key-file", facecli.key]


def test_a_success_is_told_with_its_counts(
    ready: Facecli, hooked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACECLI_KEY_FILE", str(ready.key))
    code, _, (arguments, told) = hooked("--db", ready.db, "purge")
    assert code == 0
    assert arguments == ["jo; rm -rf /"]
    assert told == {
        "FACECLI_DB": str(ready.db),
        "FACECLI_HOOK": "on_success",
        "FACECLI_COMMAND": "purge",
        "FACECLI_EXIT_CODE": "0",
        "FACECLI_REASON": "",
        "FACECLI_SUMMARY": "facecli purge: all of it done "
        "(due 0, erased 0, held 0, failed 0, remaining 0)",
    }


def test_a_failure_names_nobody(ready: Facecli, hooked: Any) -> None:
    code, err, (_, told) = hooked(*_where(ready), "subject", "show", "JO-DOE")
    assert code == 21
    assert "JO-DOE" in err
    assert told["FACECLI_COMMAND"] == "subject show"
    assert told["FACECLI_EXIT_CODE"] == "21"
    assert "JO-DOE" not in json.dumps(told)


@pytest.mark.parametrize(
    ("case", "code", "reason"),
    [
        ("absent", 10, "no-database"),
        ("no key", 12, "no-key"),
        ("wrong key", 12, "wrong-key"),
        ("locked", 11, "locked"),
        ("damaged", 33, "page-damaged"),
    ],
)
def test_a_database_that_does_not_open_is_told(
    ready: Facecli, hooked: Any, case: str, code: int, reason: str
) -> None:
    where = _where(ready)
    if case == "absent":
        where[1] = ready.folder / "none.db"
    if case == "no key":
        where = where[:2]
    if case == "wrong key":
        other = ready.folder / "other.key"
        other.write_text("0" * 64)
        other.chmod(0o600)
        where[3] = other
    if case == "damaged":
        with ready.db.open("r+b") as file:
            file.truncate(file.seek(0, os.SEEK_END) // PAGE_SIZE // 2 * PAGE_SIZE)
    if case == "locked":
        with opened(ready) as session, session.db.transaction():
            found = hooked("--lock-wait", "0", *where, "subject", "add", "A-1")
    else:
        found = hooked(*where, "purge")
    assert found[0] == code, found[1]
    ((_, told),) = found[2:]
    assert (told["FACECLI_EXIT_CODE"], told["FACECLI_REASON"]) == (str(code), reason)


def test_a_usage_error_is_told_where_nobody_sees_it(ready: Facecli, hooked: Any) -> None:
    for arguments, command in (
        (["purge", "--no-such-option"], "purge"),
        (["purgee"], ""),
        (["log", "exprot"], "log"),
    ):
        code, _, (_, told) = hooked(*_where(ready), *arguments)
        assert (code, told["FACECLI_COMMAND"], told["FACECLI_REASON"]) == (2, command, "usage")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["purge", "--help"], ["help"],
                                       ["completion", "bash"]], ids=" ".join)  # fmt: skip
def test_help_is_no_act(hooked: Any, arguments: list[str]) -> None:
    assert hooked(*arguments)[0] == 0
    assert len(hooked(*arguments)) == 2


def test_a_hook_that_fails_is_noted_and_changes_nothing(ready: Facecli, hooked: Any) -> None:
    code, err, _ = hooked(*_where(ready), "status", status=9)
    assert code == 0
    assert f"The hook {ready.folder / 'hook'} ended with status 9." in err


@pytest.mark.parametrize(("command", "code"), [("purpose list", 74), ("subject add A-1", 0)])
def test_a_hook_is_told_of_a_full_disk_on_which_it_cannot_write_either(
    ready: Facecli, tmp_path: Path, command: str, code: int
) -> None:
    told, script, configuration = (tmp_path / name for name in ("told", "hook", "config.toml"))
    script.write_text(f'#!/bin/sh\necho "$FACECLI_EXIT_CODE" >>{told}\necho noise || exit 9\n')
    script.chmod(0o755)
    program = json.dumps([str(script)])
    configuration.write_text(f"[hooks]\non_failure = {program}\non_success = {program}\n")
    arguments = ["--config", configuration, *ready.globals, *command.split()]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "facecli", *map(str, arguments)],
            stdout=full, stderr=full, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, told.read_text()) == (code, f"{code}\n")


def test_a_facecli_in_a_hook_runs_no_hook(
    ready: Facecli, hooked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACECLI_HOOK", "on_failure")
    assert len(hooked(*_where(ready), "subject", "show", "A-1")) == 2


def test_ctrl_c_is_told(ready: Facecli, tmp_path: Path) -> None:
    told, ask = tmp_path / "told", tmp_path / "ask"
    os.mkfifo(ask)
    configuration = tmp_path / "config.toml"
    script = f'echo "$FACECLI_EXIT_CODE $FACECLI_REASON" > {told}'
    configuration.write_text(f"[hooks]\non_failure = {json.dumps(['/bin/sh', '-c', script])}\n")
    # A key that never comes: it blocks until the signal.
    command = ["--config", configuration, "--no-input", "--db", ready.db,
               "--passphrase-command", f"echo begun >{ask}; exec sleep 600", "status"]  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "facecli", *map(str, command)], cwd=PROJECT, stderr=subprocess.PIPE
    ) as process:
        assert ask.read_text() == "begun\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.read_text() == "130 interrupted\n"
