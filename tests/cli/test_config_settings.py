"""The settings of a configuration: each known, and each of its own kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facecli.cli.config_settings import Commands, Config, Hook, Unfit, hook_settings, read
from facecli.cli.main import COMMANDS as MAIN
from facecli.cli.main import words_below
from tools.docs.command_tree import tree

FILE = Path("/etc/facecli/config.toml")
COMMANDS = Commands(["purge", "log", "backup"], {"log": ["log show", "log export"]}.__getitem__)


def _read(**table: Any) -> Config:
    return read(table, FILE, COMMANDS)


def test_every_setting_has_its_place() -> None:
    found = _read(
        db="/srv/f.db",
        key_file="/etc/f.key",
        lock_wait=5,
        require_sandbox=True,
        hooks={
            "on_failure": ["/bin/mail", "dpo@example"],
            "time_limit": 10,
            "log export": {"on_success": ["/bin/ping"], "on_failure": []},
        },
    )
    assert (found.path, found.db, found.key_options) == (
        FILE,
        Path("/srv/f.db"),
        {"key_file": "/etc/f.key"},
    )
    assert (found.lock_wait, found.require_sandbox, found.hooks.time_limit) == (5, True, 10)
    assert found.hooks.every == Hook(on_failure=("/bin/mail", "dpo@example"))
    assert found.hooks.of == {"log export": Hook(on_failure=(), on_success=("/bin/ping",))}
    assert found.stated == {
        "db", "key_file", "lock_wait", "require_sandbox", "hooks", "hooks.on_failure",
        "hooks.time_limit", "hooks.log export",
    }  # fmt: skip
    assert dict(hook_settings(found.hooks)) == {
        "hooks.on_failure": ("/bin/mail", "dpo@example"),
        "hooks.log export.on_failure": (),
        "hooks.log export.on_success": ("/bin/ping",),
    }


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"keyfile": "/x"}, "no setting keyfile .possible settings: key_file, passphrase_file"),
        ({"hooks": {"on_failur": []}}, "hooks.on_failur .possible settings: hooks.on_failure"),
        ({"hooks": {"log exprot": {}}}, "hooks.log exprot .possible settings: hooks.log export"),
        ({"hooks": {"purge": {"on_sucess": []}}}, "settings: hooks.purge.on_success"),
        ({"\x1b[2J": 1}, r"no setting \\u\{1b\}"),
        ({"db": "here.db"}, "db must be a whole path"),
        ({"db": ""}, "db must be text"),
        ({"key_file": ["/x"]}, "key_file must be text"),
        ({"key_file": "/x", "passphrase_command": "pass"}, "two sources of the key"),
        ({"lock_wait": -1}, "lock_wait must be a number of seconds"),
        ({"lock_wait": True}, "lock_wait must be a number of seconds"),
        ({"lock_wait": float("nan")}, "lock_wait must be a number of seconds"),
        ({"hooks": []}, "hooks must be a table"),
        ({"hooks": {"purge": ["/bin/x"]}}, "hooks.purge must be a table"),
        ({"hooks": {"time_limit": "60s"}}, "hooks.time_limit must be a number"),
        ({"hooks": {"time_limit": 0}}, "hooks.time_limit must be a number of seconds from 1 to"),
        ({"hooks": {"on_failure": "/bin/x; rm -rf /"}}, "must be a list of a program"),
        ({"hooks": {"on_failure": ["/bin/x", 1]}}, "must be a list of a program"),
        ({"hooks": {"on_failure": ["mail"]}}, "hooks.on_failure must be a whole path"),
        ({"hooks": {"on_failure": ["/bin/x\0"]}}, "must be a list of a program"),
    ],
)
def test_what_does_not_fit_is_named(table: dict[str, Any], why: str) -> None:
    with pytest.raises(Unfit, match=why):
        _read(**table)


def test_every_command_may_have_hooks() -> None:
    words = {node.words.removeprefix("facecli ") for node in tree().walk() if node.path}
    assert words == {*MAIN, *(below for name in MAIN for below in words_below(name))}


def test_words_below_a_command_are_asked_for_only_where_hooks_have_some() -> None:
    asked: list[str] = []
    commands = Commands(["log", "purge"], lambda name: [asked.append(name) or f"{name} show"])
    read({"hooks": {"purge": {}, "on_failure": []}}, FILE, commands)
    assert asked == []
    read({"hooks": {"log show": {}}}, FILE, commands)
    assert asked == ["log"]
