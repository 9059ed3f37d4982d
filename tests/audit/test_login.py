"""The login behind an act: what the kernel shows counts, and what is only claimed does not."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from facecli.audit.login import NO_USER, UNSET, Login, login, user_name

SERVICE, LI, JO, ROOT = 61001, 61002, 61003, 0


class At(NamedTuple):
    """A process as the kernel shows it: its user, its login id, its name."""

    uid: int
    login_id: int | None = None
    name: str = "bash"
    started: int | None = None


def found(
    folder: Path, upwards: list[At], environ: dict[str, str] | None = None, last_parent: int = 0
) -> Login:
    """The login of the first of these processes, each of which is a child of the next."""
    (folder / "sys/kernel").mkdir(parents=True)
    (folder / "sys/kernel/overflowuid").write_text(f"{NO_USER}\n")
    for above, process in enumerate(upwards, 1):
        pid = 1000 - above
        parent = last_parent if above == len(upwards) else pid - 1
        started = process.started or 5000 - above
        place = folder / ("self" if above == 1 else str(pid))
        place.mkdir()
        zeros = " ".join("0" * 17)
        (place / "stat").write_text(f"{pid} ({process.name}) S {parent} {zeros} {started} 0 0\n")
        (place / "status").write_text(f"Name:\t{process.name}\nUid:\t{process.uid}\t0\t0\t0\n")
        login_id = UNSET if process.login_id is None else process.login_id
        (place / "loginuid").write_text(str(login_id))
    return login(environ or {}, folder)


def by(source: Any, uid: int) -> Login:
    return Login(source, uid, str(uid) if uid else "root")


GOLDEN = {
    "a login that su and sudo kept": (
        [At(SERVICE, LI), At(ROOT, LI, "sudo"), At(LI, LI), At(ROOT, LI, "sshd"), At(ROOT)],
        {"SUDO_USER": str(LI)}, by("loginuid", LI),
    ),
    "a login, then another user's shell, then root's": (
        [At(SERVICE, LI), At(ROOT, LI), At(JO, LI), At(JO, LI), At(LI, LI), At(ROOT)],
        {"SUDO_USER": str(JO)}, by("loginuid", LI),
    ),
    "a login's own process": ([At(LI, LI), At(ROOT, LI), At(ROOT)], {}, by("loginuid", LI)),
    "a cron job that logged in": ([At(SERVICE, SERVICE), At(ROOT)], {}, by("loginuid", SERVICE)),
    "root logged in": ([At(ROOT, ROOT), At(ROOT, ROOT), At(ROOT)], {}, by("loginuid", ROOT)),
    "root logged in, and called sudo": (
        [At(SERVICE, ROOT), At(ROOT, ROOT), At(ROOT)], {"SUDO_USER": "root"},
        by("loginuid", ROOT),
    ),
    "a timer": ([At(SERVICE), At(ROOT, None, "systemd")], {}, Login()),
    "no process is shown": ([], {}, Login()),
    "a caller in a container": (
        [At(SERVICE), At(ROOT, None, "sudo"), At(LI), At(ROOT)], {"SUDO_USER": str(LI)},
        by("caller", LI),
    ),
    "sudo that its caller became": (
        [At(SERVICE), At(LI, None, "sudo"), At(ROOT)], {"SUDO_USER": str(LI)}, by("caller", LI),
    ),
    "sudo under another name, or another program": (
        [At(SERVICE), At(LI, None, "x) S 1 (y"), At(LI), At(ROOT)], {}, by("caller", LI),
    ),
    "doas, which ends before its command": ([At(SERVICE), At(LI), At(ROOT)], {}, by("caller", LI)),
    "sudo to root": ([At(ROOT), At(LI, None, "sudo"), At(LI)], {}, by("caller", LI)),
    # -- what is only claimed
    "root sets SUDO_USER": (
        [At(ROOT), At(ROOT)], {"SUDO_USER": "jo"}, Login("claimed", None, "jo"),
    ),
    "a process of root named sudo": (
        [At(SERVICE), At(ROOT, None, "sudo"), At(ROOT)], {"SUDO_USER": "jo"},
        Login("claimed", None, "jo"),
    ),
    "doas claims": ([At(SERVICE), At(ROOT)], {"DOAS_USER": "jo"}, Login("claimed", None, "jo")),
    "a claim against the caller": (
        [At(SERVICE), At(ROOT), At(LI)], {"SUDO_USER": "jo"}, Login("claimed", None, "jo"),
    ),
    "a caller who gave himself another's login id": (
        [At(SERVICE, LI), At(JO, LI, "sudo"), At(JO, LI), At(ROOT)], {"SUDO_USER": str(JO)},
        by("caller", JO),
    ),
    "a caller who gave himself root's login id": (
        [At(SERVICE, ROOT), At(ROOT, ROOT, "sudo"), At(JO, ROOT, "sudo"), At(ROOT)],
        {"SUDO_USER": str(JO)}, by("caller", JO),
    ),
    "a caller who gave himself the service's login id": (
        [At(SERVICE, SERVICE), At(JO, SERVICE, "sudo"), At(ROOT)], {"SUDO_USER": str(JO)},
        by("caller", JO),
    ),
    "the same, and sudo hides its caller": (
        [At(SERVICE, SERVICE), At(ROOT, SERVICE, "sudo"), At(ROOT)], {"SUDO_USER": str(JO)},
        Login("claimed", None, str(JO)),
    ),
    "a login id of nobody above": ([At(SERVICE, LI), At(ROOT)], {}, by("claimed", LI)),
    "a user of another namespace": ([At(SERVICE), At(NO_USER), At(LI)], {}, Login()),
    "a parent that ended, whose number another has": (
        [At(SERVICE), At(ROOT, started=4000), At(LI, started=4500)], {}, Login(),
    ),
}  # fmt: skip


@pytest.mark.rule("search-is-accounted-for")
@pytest.mark.parametrize("case", GOLDEN)
def test_the_login_of_a_process(case: str, tmp_path: Path) -> None:
    upwards, environ, expected = GOLDEN[case]
    assert found(tmp_path, upwards, environ) == expected


def test_the_first_process_calls_nobody(tmp_path: Path) -> None:
    """Orphans of every user become its children."""
    assert found(tmp_path, [At(SERVICE), At(ROOT)], last_parent=1).source == "none"
    first = tmp_path / "1"
    first.mkdir()
    zeros = " ".join("0" * 17)
    (first / "stat").write_text(f"1 (init) S 0 {zeros} 1 0\n")
    (first / "status").write_text(f"Uid:\t{LI}\t{LI}\t{LI}\t{LI}\n")
    assert login({}, tmp_path).source == "none"


def test_users_of_another_namespace_are_unknown_where_only_processes_are_shown(
    tmp_path: Path,
) -> None:
    assert found(tmp_path, [At(SERVICE), At(NO_USER), At(LI)]) == Login()
    (tmp_path / "sys/kernel/overflowuid").unlink()
    assert login({}, tmp_path) == Login()


@pytest.mark.parametrize("damage", ["stat", "status", "loginuid"])
def test_what_the_kernel_does_not_show_is_not_known(damage: str, tmp_path: Path) -> None:
    assert found(tmp_path, [At(SERVICE, LI), At(LI, LI)]).source == "loginuid"
    for place in ("self", "998"):
        (tmp_path / place / damage).write_text("?")
    assert login({}, tmp_path).source in ("none", "caller")


def test_a_hostile_claim_is_short_and_safe(tmp_path: Path) -> None:
    claim = found(tmp_path, [At(ROOT)], {"SUDO_USER": "\x1b[2J\udcff" + "x" * 10_000}).user
    assert claim is not None
    assert len(claim) < 100
    assert claim.isprintable()
    json.dumps(claim, ensure_ascii=False).encode()


def test_this_process_has_a_login_of_one_form() -> None:
    here = login({})
    assert (here.uid is None) == (here.user is None) or here.source == "claimed"
    assert user_name(os.getuid()) == pwd.getpwuid(os.getuid()).pw_name


CALLED = "games ALL=(ALL:ALL) NOPASSWD: ALL\n"
SHOW = (
    "import os, json; from facecli.audit.login import login; print(json.dumps(login(os.environ)))"
)


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("sudo") or not shutil.which("unshare"),
    reason="needs root and sudo, for a sudoers file in a namespace of its own",
)
@pytest.mark.parametrize("how", ["true; sudo", "exec sudo"])
def test_the_kernel_shows_who_called_sudo(how: str, tmp_path: Path) -> None:
    sudoers = tmp_path / "sudoers"
    sudoers.write_text(CALLED)
    sudoers.chmod(0o440)
    shown = f"env PYTHONPATH={':'.join(filter(None, sys.path))} {sys.executable} -c '{SHOW}'"
    script = (
        f"mount --bind {sudoers} /etc/sudoers && (echo 0 >/proc/self/loginuid || true) 2>&- &&"
        " setpriv --reuid games --regid games --clear-groups"
        f' sh -c "{how} -n -u root {shown}; true"'
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if done.returncode or not done.stdout:
        pytest.skip(f"no mounts or no sudo here: {done.stderr}")
    games = pwd.getpwnam("games").pw_uid
    assert json.loads(done.stdout) == ["caller", games, "games"]
