"""`facecli help`: the help of any command, or the nearest name of an unknown one."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest


@pytest.mark.parametrize(
    "path", [[], ["match"], ["enrol"], ["log"], ["log", "verify"], ["enroll", "batch"], ["help"]]
)
def test_help_of_a_command_is_its_help_page(facecli: Any, path: list[str]) -> None:
    page = facecli.bare(*path, "--help")
    assert (page.code, page.err) == (0, "")
    assert facecli.bare("help", *path) == page


def test_help_opens_no_database_and_asks_for_no_key(facecli: Any) -> None:
    done = facecli.bare("--no-input", "--db", facecli.folder / "none.db", "help", "purge")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "name", "nearest"),
    [
        (["help", "mach"], "mach", "match"),
        (["help", "log", "verfy"], "verfy", "verify"),
        (["mach"], "mach", "match"),
        (["subject", "ad", "A-1"], "ad", "add"),
    ],
)
def test_an_unknown_command_is_a_usage_error_that_names_the_nearest(
    facecli: Any, arguments: list[str], name: str, nearest: str
) -> None:
    done = facecli.bare(*arguments)
    assert (done.code, done.out) == (2, "")
    assert f"There is no command '{name}'. Did you mean '{nearest}'?" in done.err


@pytest.mark.parametrize("arguments", [["help", "zzz"], ["help", "status", "more"], ["zzz"]])
def test_a_name_like_no_command_gets_no_advice(facecli: Any, arguments: list[str]) -> None:
    done = facecli.bare(*arguments)
    assert (done.code, "There is no command" in done.err) == (2, True)
    assert "Did you mean" not in done.err


def test_help_that_cannot_be_written_ends_with_74(facecli: Any) -> None:

    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "facecli", "help", "match"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 74
