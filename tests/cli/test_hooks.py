"""Which hook runs after which end, and what it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facecli.cli import hooks
from facecli.cli.config_settings import Hook, Hooks
from facecli.cli.hooks import Ended
from facecli.errors.base import Exit

BAD, GOOD = ("/bin/bad",), ("/bin/good",)
EVERY = Hooks(Hook(BAD, GOOD))
PURGE = Ended("purge", 0, began=True)


@pytest.mark.parametrize(
    ("ended", "program"),
    [
        (PURGE, GOOD),
        (replace(PURGE, began=False), ()),  # its help was shown
        (replace(PURGE, code=1), BAD),
        (replace(PURGE, code=3), BAD),  # part of it failed
        (replace(PURGE, code=11, began=False), BAD),
        (replace(PURGE, code=130), BAD),
        (Ended("verify", 4, began=True), GOOD),  # an answer
        (replace(PURGE, code=2, began=False), BAD),  # a cron line after an upgrade
        (replace(PURGE, code=2, began=False, at_terminal=True), ()),
        (Ended("", 2, began=False), BAD),  # a command that is gone
    ],
)
def test_an_end_has_its_hook(ended: Ended, program: tuple[str, ...]) -> None:
    assert hooks.chosen(EVERY, ended) == program


@pytest.mark.parametrize(
    ("own", "command", "program"),
    [
        ({"log export": Hook(("/x",))}, "log export", ("/x",)),
        ({"log export": Hook(("/x",))}, "log show", BAD),
        ({"log": Hook(("/l",)), "log export": Hook(("/x",))}, "log show", ("/l",)),
        ({"log": Hook(("/l",)), "log export": Hook(on_success=GOOD)}, "log export", ("/l",)),
        ({"purge": Hook(on_failure=())}, "purge", ()),
        ({"subject elsewhere": Hook(("/e",))}, "subject elsewhere add", ("/e",)),
    ],
)
def test_the_hook_of_a_command_counts_before_the_others(
    own: Any, command: str, program: tuple[str, ...]
) -> None:
    ended = Ended(command, 1, began=True)
    assert hooks.chosen(Hooks(Hook(BAD, GOOD), own), ended) == program


def test_the_environment_has_the_end_and_no_secret() -> None:
    ended = Ended("purge", 22, began=True, reason="too-much-due", counts={"due": 9, "erased": 0})
    inherited = {
        "PATH": "/bin", "FACECLI_DB": "/f.db", "FACECLI_KEY_FILE": "k", "FACECLI_PASSPHRASE": "p",
        "FACECLI_PASSPHRASE_COMMAND": "c", "CREDENTIALS_DIRECTORY": "d", "FACECLI_CAMERA_URL": "u",
    }  # fmt: skip
    refused = Exit.SAFETY.meaning.replace("`", "")
    assert hooks.environment(ended, inherited) == {
        "PATH": "/bin",
        "FACECLI_DB": "/f.db",
        "FACECLI_HOOK": "on_failure",
        "FACECLI_COMMAND": "purge",
        "FACECLI_EXIT_CODE": "22",
        "FACECLI_REASON": "too-much-due",
        "FACECLI_SUMMARY": f"facecli purge: {refused} (due 9, erased 0)",
    }


def test_a_hook_learns_which_database_the_command_was_called_for() -> None:
    ended = replace(PURGE, db=Path("/other.db"))
    assert hooks.environment(ended, {"FACECLI_DB": "/f.db"})["FACECLI_DB"] == "/other.db"


@pytest.mark.parametrize(
    ("command", "code", "summary"),
    [
        ("verify", 4, "facecli verify: not the same person"),
        ("doctor", 3, "facecli doctor: warnings"),
        (
            "purge",
            3,
            "facecli purge: finished, but part of the input failed, or due records remain",
        ),
    ],
)
def test_a_summary_has_the_meaning_of_the_code_for_that_command(
    command: str, code: int, summary: str
) -> None:
    assert Ended(command, code, began=True).summary == summary


def test_a_code_without_a_meaning_has_a_summary_too() -> None:
    assert Ended("", 99, began=False).summary == "facecli: failed"
