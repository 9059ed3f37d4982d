"""The login behind an act: the person, where the process itself shows only the user `facecli`.

Two facts come from the kernel. The *login id* is set once at login, and su and sudo keep it. The
*caller* is the user of the nearest process above this one that runs as neither this user nor root:
sudo itself keeps the real user id of its caller, and so do su and doas. Names of programs, and
SUDO_USER, prove nothing: a symbolic link renames sudo, and root sets any variable.

A process without a login id, as in a container, may give itself any. So a login id counts only
where a process of that user stands above with it. A claim raises no trust, but where it
contradicts, it lowers it.
"""

from __future__ import annotations

import pwd
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from facecli.printable import printable

Source: TypeAlias = Literal["loginuid", "caller", "claimed", "none"]
"""The kernel vouches for `loginuid` and `caller`; nobody does for `claimed`."""

ROOT, FIRST = 0, 1  # a user id; a process id, whose children may be nobody's
NO_USER = 65534  # by which the kernel shows users of another namespace, unless set otherwise
UNSET = 2**32 - 1  # the kernel's login id where nobody logged in: services, timers, containers
CLAIMS = ("SUDO_USER", "DOAS_USER")
LONGEST_CLAIM = 64
MOST_ANCESTORS = 256


class Login(NamedTuple):
    """The login behind a process. `uid` and `user` are None where nothing shows them."""

    source: Source = "none"
    uid: int | None = None
    user: str | None = None


class _Process(NamedTuple):
    pid: int
    parent: int
    uid: int  # the real one
    login_id: int | None
    started: int  # clock ticks since boot


def login(environ: Mapping[str, str], proc: Path = Path("/proc")) -> Login:
    """Return the login behind this process, from the best source that there is.

    Args:
        proc: the folder in which the kernel shows its processes.
    """
    chain = list(_chain(proc))
    claim = _claim(environ)
    caller = _caller(chain, _unknown_uid(proc))
    login_id = chain[0].login_id if chain else None
    if login_id is not None and _is_vouched(chain, login_id, caller, claim):
        return Login("loginuid", login_id, user_name(login_id))
    if caller is not None and not _contradicts(claim, caller):
        return Login("caller", caller, user_name(caller))
    if claim is not None:
        return Login("claimed", None, claim)
    if login_id is not None:
        return Login("claimed", login_id, user_name(login_id))
    return Login()


def user_name(uid: int) -> str:
    """Return the name of a user id, or its number where it has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _caller(chain: Sequence[_Process], unknown: int) -> int | None:
    """Return the user of the nearest process above that is neither this user nor root.

    Args:
        unknown: the number by which the kernel shows users of another namespace.
    """
    if not chain:
        return None
    for process in chain[1:]:
        if process.uid not in (chain[0].uid, ROOT):
            return None if process.uid == unknown or process.pid == FIRST else process.uid
    return None


def _is_vouched(
    chain: Sequence[_Process], login_id: int, caller: int | None, claim: str | None
) -> bool:
    """Return True if the login id was set at a login, not by a process that had none."""
    if login_id in (ROOT, chain[0].uid) and (caller is not None or _contradicts(claim, login_id)):
        return False  # sudo makes any process one of these two users
    return any(process.uid == process.login_id == login_id for process in chain)


def _claim(environ: Mapping[str, str]) -> str | None:
    claims = (environ.get(name) for name in CLAIMS)
    return next((printable(claim[:LONGEST_CLAIM]) for claim in claims if claim), None)


def _contradicts(claim: str | None, uid: int) -> bool:
    """Return True if a claim names someone else. Root, in between, contradicts nobody."""
    return claim not in (None, user_name(ROOT), user_name(uid))


def _chain(proc: Path) -> Iterator[_Process]:
    """Yield this process and those above it, as far as the kernel shows them."""
    process = _process(proc, "self")
    for _ in range(MOST_ANCESTORS):
        if process is None:
            return
        yield process
        above = _process(proc, str(process.parent)) if process.parent else None
        # A process that began after its child has the number of a parent that ended.
        process = above if above and above.started <= process.started else None


def _process(proc: Path, pid: str) -> _Process | None:
    """Return what the kernel shows of a process; None if it ended or is hidden."""
    try:
        stat = (proc / pid / "stat").read_text(errors="replace")
        status = (proc / pid / "status").read_text(errors="replace")
        number = int(stat.split(maxsplit=1)[0])
        after_name = stat.rpartition(")")[2].split()
        uids = next(line for line in status.splitlines() if line.startswith("Uid:"))
        login_id = _login_id(proc / pid / "loginuid")
        return _Process(
            number, int(after_name[1]), int(uids.split()[1]), login_id, int(after_name[19])
        )
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _login_id(path: Path) -> int | None:
    try:
        uid = int(path.read_text())
    except (OSError, ValueError):  # a kernel without audit
        return None
    return None if uid == UNSET else uid


def _unknown_uid(proc: Path) -> int:
    try:
        return int((proc / "sys/kernel/overflowuid").read_text())
    except (OSError, ValueError):  # a service may see processes only
        return NO_USER
