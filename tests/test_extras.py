"""The command that installs an extra reaches the environment in which facecli runs."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from facecli import extras


@pytest.mark.parametrize("extra", ["plot", "heif", "cluster", "dlib", "reference"])
def test_the_command_names_the_interpreter_and_the_extra(extra: str) -> None:
    python, *words = shlex.split(extras.install_command(extra))
    assert python == sys.executable
    assert words == ["-m", "pip", "install", f"facecli[{extra}]"]


def test_a_path_with_a_space_is_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/my tools/bin/python")
    assert shlex.split(extras.install_command("plot"))[0] == "/opt/my tools/bin/python"


def test_that_interpreter_has_pip() -> None:
    python = shlex.split(extras.install_command("plot"))[0]
    assert subprocess.run([python, "-m", "pip", "--version"], check=False).returncode == 0
