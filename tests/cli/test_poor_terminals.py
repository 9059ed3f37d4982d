"""A terminal 40 columns wide, no locale, LANG=C, TERM=dumb: everything is still said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Facecli

POOR = {"PATH": os.environ["PATH"], "COLUMNS": "40", "TERM": "dumb"}
LOCALES = [{}, {"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "no_SUCH.locale"}]


def _home(facecli: Facecli) -> dict[str, str]:
    return {"HOME": str(facecli.folder), "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"]}


def _run(facecli: Facecli, *arguments: Any, **environment: Any) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "facecli", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        stdin=subprocess.DEVNULL,
        env={**POOR, **_home(facecli), **environment},
    )


@pytest.mark.parametrize("command", [[], ["status"], ["doctor"], ["init"], ["enroll", "file"]])
def test_help_keeps_to_the_width_and_loses_nothing(facecli: Facecli, command: Any) -> None:
    narrow = _run(facecli, *command, "--help")
    wide = _run(facecli, *command, "--help", COLUMNS="100")
    assert (narrow.returncode, narrow.stderr) == (0, "")
    _, _, examples = narrow.stdout.partition("Example")
    assert max(map(len, narrow.stdout.splitlines())) <= 40
    joined = narrow.stdout.replace(" \\\n", " ")  # as a shell joins the lines of an example
    assert sorted("".join(joined.split())) == sorted("".join(wide.stdout.split()))
    assert "Exit codes:" in " ".join(examples.split())


@pytest.mark.parametrize("locale", LOCALES, ids=str)
def test_a_name_that_the_locale_cannot_write_is_shown_and_ends_nothing(
    ready: Facecli, locale: Any
) -> None:
    assert ready("subject", "add", "A-1", "--name", "Zoë 王").code == 0
    for command in (["subject", "list"], ["status"], ["log", "show"]):
        done = _run(ready, *ready.globals, *command, **locale)
        assert done.returncode == 0
        assert max(map(len, done.stdout.splitlines())) <= 40
        assert not done.stderr or done.stderr.startswith("Not shown: ")
    done = _run(ready, *ready.globals, "subject", "list", "--format", "json", **locale)
    assert "Zo" in done.stdout
    assert "Traceback" not in done.stderr


def test_no_colour_and_no_bar_on_a_dumb_terminal(ready: Facecli, sample_data: Path) -> None:
    manifest = sample_data / "manifest.csv"
    done = _run(ready, *ready.globals, "enroll", "batch", manifest, LANG="C")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
