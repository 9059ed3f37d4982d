"""The examples for cron and systemd: systemd accepts them, they are confined, and they do it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from facecli.store import system
from tests.conftest import PROJECT, Facecli

pytestmark = pytest.mark.usefixtures("unmeasured")

EXAMPLES = PROJECT / "man" / "examples"
JOBS = ("purge", "export", "backup", "metrics")
KINDS = ("service", "timer")
MOST_EXPOSED = 1.0  # of 10; what systemd calls "SAFE" lies below

with_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs the Debian package systemd"
)


def _analyze(*arguments: Any) -> Any:
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""},
    )


def _directive(unit: Any, name: Any) -> Any:
    text = (EXAMPLES / unit).read_text(encoding="utf-8").replace("\\\n", " ")
    (found,) = re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)
    return found


@with_systemd
@pytest.mark.parametrize("unit", [f"facecli-{job}.{kind}" for job in JOBS for kind in KINDS])
def test_systemd_accepts_the_unit(unit: Any) -> None:
    done = _analyze("verify", "--man=no", EXAMPLES / unit)
    complaints = [line for line in done.stderr.splitlines() if "facecli-" in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


@with_systemd
@pytest.mark.parametrize("job", JOBS)
def test_the_service_is_confined(job: Any) -> None:
    done = _analyze("security", "--offline=true", EXAMPLES / f"facecli-{job}.service")
    (score,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(score) <= MOST_EXPOSED, done.stdout


@pytest.mark.parametrize("job", JOBS)
def test_every_place_that_the_service_names_is_made_by_init_or_by_systemd(job: Any) -> None:
    unit = f"facecli-{job}.service"
    made = {Path("/var/lib", name) for name in _directive(unit, "StateDirectory").split()}
    assert system.DATABASE.parent in made
    assert _directive(unit, "LoadCredential") == f"facecli.key:{system.KEY_FILE}"
    text = (EXAMPLES / unit).read_text(encoding="utf-8")
    named = {Path(place) for place in re.findall(r"/(?:var|etc)/[\w./-]*\w", text)}
    named -= {Path("/etc/systemd/system"), system.KEY_FILE, *made}
    assert {place.parent for place in named} <= made


@with_systemd
@pytest.mark.parametrize("job", JOBS)
def test_the_timer_goes_off_every_night(job: Any) -> None:
    calendar = _directive(f"facecli-{job}.timer", "OnCalendar")
    assert _analyze("calendar", "--iterations=2", calendar).returncode == 0


def test_the_jobs_of_a_night_come_one_after_the_other() -> None:
    """An export that ends before a backup cannot show what was erased since that backup."""
    order = ("purge", "backup", "export")
    times = [_directive(f"facecli-{job}.timer", "OnCalendar") for job in order]
    hours = [re.fullmatch(r"\*-\*-\* (\d+):(\d+):00", time) for time in times]
    starts = [int(one[1]) * 60 + int(one[2]) for one in hours if one]
    delays = [_directive(f"facecli-{job}.timer", "RandomizedDelaySec") for job in order]
    assert delays == ["15m"] * 3
    assert [later - before > 15 for before, later in pairwise(starts)] == [True, True]
    assert _directive("facecli-backup.service", "After") == "facecli-purge.service"
    assert _directive("facecli-export.service", "After").split() == [
        "facecli-purge.service", "facecli-backup.service",
    ]  # fmt: skip


def _as_the_example_runs_it(line: Any, facecli: Facecli, *, with_credentials: Any) -> Any:
    """The example's own arguments, with this test's database and key."""
    words = shlex.split(line)
    words = words[words.index("facecli") + 1 :]
    words = [str(facecli.db) if word.endswith("facecli.db") else word for word in words]
    words = [str(facecli.key) if word.endswith("facecli.key") else word for word in words]
    environment = {name: os.environ[name] for name in ("PATH", "XDG_CONFIG_HOME")}
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


def test_the_services_command_purges_with_the_credential(ready: Facecli) -> None:
    assert _directive("facecli-purge.service", "LoadCredential").startswith("facecli.key:")
    line = _directive("facecli-purge.service", "ExecStart")
    done = _as_the_example_runs_it(line, ready, with_credentials=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_backups_service_makes_one_and_erases_in_those_that_are_there(ready: Facecli) -> None:
    folder = ready.folder / "backups"
    folder.mkdir(mode=0o700)
    assert ready("subject", "add", "B-1").code == 0
    make, erase = (
        _directive("facecli-backup.service", name).replace("/var/lib/facecli/backups", str(folder))
        for name in ("ExecStart", "ExecStartPost")
    )
    assert _as_the_example_runs_it(make, ready, with_credentials=True).returncode == 0
    assert ready("revoke", "B-1", "--yes").code == 0
    done = _as_the_example_runs_it(erase, ready, with_credentials=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (copy,) = folder.glob("*.db")
    assert ready("backup", "verify", copy, "--format", "json").json()["subjects"] == 0


def test_the_cron_line_purges_in_silence(ready: Facecli) -> None:
    lines = (EXAMPLES / "facecli-purge.cron").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if re.match(r"[\d*]", line)]
    *_, user, command = line.split(maxsplit=6)
    assert user == "facecli"
    done = _as_the_example_runs_it(command, ready, with_credentials=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_manual_names_every_example() -> None:
    page = EXAMPLES.parent / "source/facecli-operations.7.md"
    text = page.read_text(encoding="utf-8")
    for path in EXAMPLES.iterdir():
        assert path.stem in text, path.name


def _in_a_shell(command: Any, facecli: Facecli, **variables: Any) -> Any:
    """A line of sh with this test's folders in place of the machine's."""
    command = command.replace("/var/lib/facecli/exports", str(facecli.folder / "exports"))
    command = command.replace("/var/lib/facecli", str(facecli.folder))
    command = command.replace("/etc/facecli", str(facecli.folder))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    home = {"HOME": str(facecli.folder), "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"]}
    return subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": path, **home, **variables},
        stdin=subprocess.DEVNULL,
    )


def _exported(facecli: Facecli, times: Any = 2) -> None:
    """Were there so many exports, each going on where the one before ended?"""
    lines = [path.read_text().splitlines() for path in (facecli.folder / "exports").iterdir()]
    ends = sorted((json.loads(one[-1])["after"], json.loads(one[-1])["until"]) for one in lines)
    assert len(ends) == times
    assert all(before[1] == after[0] for before, after in pairwise(ends))


def test_the_services_command_exports_what_was_logged_since(ready: Facecli) -> None:
    (ready.folder / "exports").mkdir(mode=0o700)
    program, option, command = shlex.split(_directive("facecli-export.service", "ExecStart"))
    assert (program, option) == ("/bin/sh", "-c")
    command = command.replace("%%", "%").replace("$$", "$")
    for moment in ("1", "2"):
        named = command.replace("$(date", f"{moment}$(date")
        done = _in_a_shell(named, ready, CREDENTIALS_DIRECTORY=str(ready.folder))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    _exported(ready)


def _export_line() -> Any:
    lines = (EXAMPLES / "facecli-export.cron").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if re.match(r"[\d*]", line)]
    return line


def _export_by_cron(facecli: Facecli) -> Any:
    """What cron would mail: the line's output, by sh as cron runs it."""
    *_, user, command = _export_line().split(maxsplit=6)
    assert user == "facecli"
    return _in_a_shell(command.replace("\\%", "%"), facecli)


def test_the_cron_line_exports_in_silence(ready: Facecli) -> None:
    (ready.folder / "exports").mkdir(mode=0o700)
    done = _export_by_cron(ready)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    _exported(ready, times=1)


def _put_back(facecli: Facecli) -> None:
    """Yesterday's file in place of today's."""
    yesterday = facecli.db.read_bytes()
    assert _export_by_cron(facecli).stdout == ""
    facecli.db.write_bytes(yesterday)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda facecli: facecli.key.unlink(), 12),
        (lambda facecli: facecli.db.unlink(), 10),
        (lambda facecli: (facecli.folder / "cursor").write_text("damaged"), 1),
        (lambda facecli: (facecli.folder / "seal").write_text("damaged"), 1),
        (lambda facecli: (facecli.folder / "exports").rmdir(), 74),
        (_put_back, 31),
    ],
    ids=["no key", "no database", "cursor", "checkpoint", "no room", "put back"],
)
def test_the_cron_line_speaks_of_every_exit_but_0(ready: Facecli, harm: Any, code: int) -> None:
    (ready.folder / "exports").mkdir(mode=0o700)
    harm(ready)
    done = _export_by_cron(ready)
    assert done.stdout == f"facecli log export ended with exit code {code}\n"
    assert done.stderr.startswith("facecli: ")


def test_the_cron_line_speaks_of_a_facecli_that_was_killed(ready: Facecli) -> None:
    (ready.folder / "exports").mkdir(mode=0o700)
    *_, command = _export_line().split(maxsplit=6)
    killed = command.replace("facecli --no-input", "sh -c 'kill -9 $$' --no-input", 1)
    done = _in_a_shell(killed.replace("\\%", "%"), ready)
    assert done.stdout == "facecli log export ended with exit code 137\n"


@with_systemd
@pytest.mark.parametrize("tool", ["sysusers", "tmpfiles"])
def test_systemd_takes_the_user_and_the_folders(tool: str, tmp_path: Path) -> None:
    folder = tmp_path / f"etc/{tool}.d"
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLES / f"facecli-{tool}.conf", folder / "facecli.conf")
    (tmp_path / "etc/passwd").write_text("facecli:x:4242:4242::/:/bin/sh\n")
    (tmp_path / "etc/group").write_text("facecli:x:4242:\n")
    if tool == "sysusers":
        (tmp_path / "etc/passwd").write_text("")
        (tmp_path / "etc/group").write_text("")
    create = [] if tool == "sysusers" else ["--create"]
    done = subprocess.run(
        [f"systemd-{tool}", *create, f"--root={tmp_path}", "facecli.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if tool == "sysusers":
        assert "facecli:x:" in (tmp_path / "etc/passwd").read_text()
    else:
        modes = {"var/lib/facecli": 0o700, "var/lib/facecli/exports": 0o700, "etc/facecli": 0o755}
        assert {made: (tmp_path / made).stat().st_mode & 0o7777 for made in modes} == modes


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs the Debian package prometheus")
def test_promtool_accepts_the_alert_rules() -> None:
    rules = EXAMPLES / "facecli-alerts.yml"
    done = subprocess.run(
        ["promtool", "check", "rules", rules], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"SUCCESS: {rules.read_text().count('- alert:')} rules found" in done.stdout


def test_the_alert_rules_name_metrics_that_there_are(enrolled: Facecli) -> None:
    exposed = enrolled("status", "--format", "prometheus").out
    named = set(re.findall(r"\bfacecli_\w+", (EXAMPLES / "facecli-alerts.yml").read_text()))
    assert named
    assert named <= set(re.findall(r"^# TYPE (\w+)", exposed, re.MULTILINE))


def test_the_services_command_writes_metrics_that_others_may_read(ready: Facecli) -> None:
    line = _directive("facecli-metrics.service", "ExecStart").replace("/usr/bin/env ", "")
    (command,) = re.findall(r"-c '(.*)'$", line)
    folder = ready.folder / "metrics"
    folder.mkdir()
    command = command.replace("/var/lib/facecli-metrics", str(folder))
    done = _in_a_shell(command, ready, CREDENTIALS_DIRECTORY=str(ready.folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (written,) = folder.iterdir()
    assert "facecli_up 1.0" in written.read_text().splitlines()
    assert written.stat().st_mode & 0o044 == 0o044
    done = _in_a_shell(command, ready)
    assert done.returncode == 12
    assert "facecli_up 0.0" in written.read_text().splitlines()


def test_the_check_of_nagios_prints_one_line_and_its_codes(ready: Facecli) -> None:
    def check(*options: object) -> tuple[int, str]:
        script = shlex.join([str(EXAMPLES / "check_facecli"), *map(str, options)])
        done = _in_a_shell(script, ready)
        assert done.stderr == ""
        (line,) = done.stdout.splitlines()
        return done.returncode, line

    where = ("--db", ready.db, "--key-file", ready.key)
    code, line = check(*where)
    assert code == 1  # the test's machine has no nightly job
    assert line.startswith("WARNING: not ok: ")
    ready.key.chmod(0o644)
    code, line = check(*where)
    assert code == 2
    assert line.startswith("CRITICAL: exit code ")
    assert check("--no-such-option")[0] == 3
