"""`facecli config`: where each value comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Facecli

MACHINE = """
db = "/srv/file.db"
passphrase_command = "echo hunter2"
lock_wait = 5
[hooks]
on_failure = ["/bin/mail", "token"]
[hooks.purge]
on_failure = []
"""


@pytest.fixture
def shown(facecli: Facecli, tmp_path: Path) -> Any:
    path = tmp_path / "config.toml"
    path.write_text(MACHINE)

    def show(*options: object) -> dict[str, tuple[str, str, str]]:
        done = facecli.bare("--config", path, *options, "config", "show", "--format", "json")
        assert done.code == 0, done.err
        assert "hunter2" not in done.out
        return {
            one["setting"]: (one["value"], one["source"], one["place"].replace(str(path), "FILE"))
            for one in done.json()
        }

    return show


def test_the_file_states_defaults(shown: Any) -> None:
    found = shown()
    assert found.pop("config")[1:] == ("command line", "--config")
    assert found == {
        "db": ("/srv/file.db", "config file", "FILE"),
        "lock_wait": ("5", "config file", "FILE"),
        "key": ("(not shown)", "config file", "FILE"),
        "require_sandbox": ("false", "default", ""),
        "hooks.time_limit": ("60", "default", ""),
        "hooks.on_failure": ("/bin/mail", "config file", "FILE"),
        "hooks.purge.on_failure": ("none", "config file", "FILE"),
    }


def test_a_limit_of_hooks_that_the_file_states_comes_from_it(
    facecli: Facecli, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[hooks]\ntime_limit = 60\n")
    found = facecli.bare("--config", path, "config", "show", "--format", "json").json()
    (limit,) = [one for one in found if one["setting"] == "hooks.time_limit"]
    assert (limit["source"], limit["place"]) == ("config file", str(path))


def test_the_environment_counts_before_the_file_and_the_command_line_before_both(
    shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACECLI_DB", "/srv/environment.db")
    monkeypatch.setenv("FACECLI_LOCK_WAIT", "7")
    monkeypatch.setenv("FACECLI_KEY_FILE", "/etc/environment.key")
    found = shown()
    assert found["db"] == ("/srv/environment.db", "environment", "FACECLI_DB")
    assert found["lock_wait"] == ("7", "environment", "FACECLI_LOCK_WAIT")
    assert found["key"] == ("/etc/environment.key", "environment", "FACECLI_KEY_FILE")
    found = shown("--db", "/srv/typed.db", "--lock-wait", "30", "--passphrase-file", "/etc/typed")
    assert found["db"] == ("/srv/typed.db", "command line", "--db")
    assert found["lock_wait"] == ("30", "command line", "--lock-wait")
    assert found["key"] == ("/etc/typed", "command line", "--passphrase-file")


def test_without_a_file_everything_has_its_default(
    facecli: Facecli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    done = facecli.bare("config", "show", "--format", "json")
    assert {one["source"] for one in done.json()} == {"default"}


def test_a_command_uses_them(ready: Facecli, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'db = "{ready.db}"\nkey_file = "{ready.key}"\n')
    assert ready.bare("--config", path, "--no-input", "status").code == 0
    refused = ready.bare("--config", path, "--no-input", "log", "export", "--output", ready.key)
    assert (refused.code, "holds the key" in refused.err) == (2, True)
