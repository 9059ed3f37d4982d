"""The examples for running a purge every night: systemd accepts them, and they are confined."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "man" / "examples"
MOST_EXPOSED = 1.0  # of 10; what systemd calls "SAFE" lies below

with_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs the Debian package systemd"
)


def _analyze(*arguments):
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""},
    )


def _directive(name):
    text = (EXAMPLES / "facecli-purge.service").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)
    return found


@with_systemd
@pytest.mark.parametrize("unit", ["facecli-purge.service", "facecli-purge.timer"])
def test_systemd_accepts_the_unit(unit):
    done = _analyze("verify", "--man=no", EXAMPLES / unit)
    complaints = [line for line in done.stderr.splitlines() if "facecli-purge" in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


@with_systemd
def test_the_service_is_confined():
    done = _analyze("security", "--offline=true", EXAMPLES / "facecli-purge.service")
    (score,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(score) <= MOST_EXPOSED, done.stdout


@with_systemd
def test_the_timer_goes_off_every_night():
    timer = (EXAMPLES / "facecli-purge.timer").read_text(encoding="utf-8")
    (calendar,) = re.findall(r"^OnCalendar=(.*)$", timer, re.MULTILINE)
    assert _analyze("calendar", "--iterations=2", calendar).returncode == 0


def _as_the_example_runs_it(line, facecli, *, with_credentials):
    """The example's own arguments, with this test's database and key."""
    words = shlex.split(line)
    words = words[words.index("facecli") + 1 :]
    words = [str(facecli.db) if word.endswith("facecli.db") else word for word in words]
    words = [str(facecli.key) if word.endswith("facecli.key") else word for word in words]
    environment = {"PATH": os.environ["PATH"]}
    if with_credentials:
        environment["CREDENTIALS_DIRECTORY"] = str(facecli.folder)
    return subprocess.run(
        [sys.executable, "-m", "facecli", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def test_the_services_command_purges_with_the_credential(ready):
    assert _directive("LoadCredential").startswith("facecli.key:")
    done = _as_the_example_runs_it(_directive("ExecStart"), ready, with_credentials=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_cron_line_purges_in_silence(ready):
    lines = (EXAMPLES / "facecli-purge.cron").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if re.match(r"[\d*]", line)]
    *_, user, command = line.split(maxsplit=6)
    assert user == "facecli"
    done = _as_the_example_runs_it(command, ready, with_credentials=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
