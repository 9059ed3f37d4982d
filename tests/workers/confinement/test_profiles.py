"""The system calls that each kind of work may make."""

from __future__ import annotations

import errno

import pytest

from facecli.workers.confinement import profiles, seccomp
from facecli.workers.confinement.profiles import MISSING, Profile
from facecli.workers.confinement.seccomp import ALLOW, ASK, KILL, refuse
from tests.workers.confinement.bpf import decide

pytestmark = pytest.mark.skipif(not seccomp.is_known(), reason="no filter for this processor")


@pytest.fixture
def number() -> dict[str, int]:
    return profiles.numbers()


@pytest.mark.parametrize("profile", Profile)
def test_no_profile_starts_programs_or_signals_others(
    profile: Profile, number: dict[str, int]
) -> None:
    program = profiles.program(profile)
    for name in ("execve", "execveat", "ptrace", "process_vm_readv", "bpf"):
        assert decide(program, number[name]) == KILL
    for name in ("kill", "socketpair", "bind", "listen", "unlinkat", "mkdirat", "pidfd_getfd"):
        assert decide(program, number[name]) == refuse(errno.EACCES)
    assert decide(program, number["clone"], 0x11) == refuse(errno.EPERM)  # fork
    assert decide(program, number["clone"], 0x3D0F00) == ALLOW  # a thread
    assert decide(program, 435) == MISSING  # clone3: glibc falls back to clone
    assert decide(program, number["mmap"], 0, 4096, 3) == ALLOW
    assert decide(program, number["mmap"], 0, 4096, 7) == refuse(errno.EACCES)
    assert decide(program, number["mprotect"], 0, 4096, 5) == refuse(errno.EACCES)
    assert decide(program, number["fcntl"], 3, 8, 1) == refuse(errno.EPERM)  # F_SETOWN
    assert decide(program, number["read"]) == ALLOW


def test_only_the_profiles_that_need_it_open_files_and_sockets(number: dict[str, int]) -> None:
    denied = refuse(errno.EACCES)
    for profile in Profile:
        program = profiles.program(profile)
        opens = profile in (Profile.FILM, Profile.DEVICE)
        assert decide(program, number["openat"]) == (ALLOW if opens else denied)
        connects = profile is Profile.STREAM
        assert decide(program, number["connect"]) == (ALLOW if connects else denied)
        assert decide(program, number["socket"], 2, 1) == (ALLOW if connects else denied)


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        ((2, 1, 0), True),
        ((10, 1 | 0x80000, 6), True),
        ((2, 2, 0), False),  # UDP
        ((1, 1, 0), False),  # UNIX
        ((16, 3, 0), False),  # netlink
        ((2, 1, 262), False),  # MPTCP
    ],
)
def test_a_stream_may_make_tcp_sockets_only(
    arguments: tuple[int, ...], allowed: bool, number: dict[str, int]
) -> None:
    program = profiles.program(Profile.STREAM)
    assert (decide(program, number["socket"], *arguments) == ALLOW) is allowed


def test_nothing_is_sent_to_an_address(number: dict[str, int]) -> None:
    """MSG_FASTOPEN would connect without `connect`."""
    program = profiles.program(Profile.STREAM)
    assert decide(program, number["sendto"], 3, 4096, 9, 0, 0) == ALLOW
    for address in (4096, 1 << 40):
        refused = decide(program, number["sendto"], 3, 4096, 9, 0, address)
        assert refused == refuse(errno.EACCES)


def test_each_connection_is_asked_for(number: dict[str, int]) -> None:
    program = profiles.program_asking_for_connect()
    assert decide(program, number["connect"]) == ASK
    assert decide(program, number["read"]) == ALLOW
