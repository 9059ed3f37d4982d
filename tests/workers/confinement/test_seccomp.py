"""The filter that the assembler makes, run by a small machine as the kernel would."""

from __future__ import annotations

import errno
import struct

import pytest

from facecli.workers.confinement import profiles, seccomp
from facecli.workers.confinement.kernel import architecture
from facecli.workers.confinement.profiles import MISSING, Profile
from facecli.workers.confinement.seccomp import ALLOW, ASK, KILL, Check, Only, refuse

pytestmark = pytest.mark.skipif(not seccomp.is_known(), reason="no filter for this processor")
THIS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def decide(program: bytes, number: int, *arguments: int, audit: int | None = None) -> int:
    """Run a filter on one system call and return its action."""
    own = THIS[architecture()] if audit is None else audit
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("=iIQ6Q", number, own, 0, *(value & (1 << 64) - 1 for value in padded))
    at, accumulator = 0, 0
    code = [struct.unpack_from("=HBBI", program, start) for start in range(0, len(program), 8)]
    while True:
        kind, if_true, if_false, constant = code[at]
        at += 1
        if kind == 0x06:
            return int(constant)
        if kind == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, constant)
        elif kind == 0x54:
            accumulator &= constant
        else:
            holds = accumulator == constant if kind == 0x15 else accumulator >= constant
            at += if_true if holds else if_false


def test_a_call_is_decided_by_its_rule_or_by_the_default() -> None:
    program = seccomp.assemble([(1, ALLOW), (2, KILL), (3, refuse(13))], MISSING)
    assert decide(program, 1) == ALLOW
    assert decide(program, 2) == KILL
    assert decide(program, 3) == refuse(13)
    assert decide(program, 4) == MISSING


def test_another_architecture_is_killed() -> None:
    program = seccomp.assemble([(1, ALLOW)], ALLOW)
    assert decide(program, 1, audit=0x40000003) == KILL
    if architecture() == "x86_64":
        assert decide(program, 0x40000001) == KILL


def test_all_checks_must_hold() -> None:
    rule = Only((Check(0, (2, 10)), Check(1, (1,), mask=0xF), Check(2, (0,), high=True)), 13)
    program = seccomp.assemble([(7, rule)], MISSING)
    assert decide(program, 7, 2, 1) == ALLOW
    assert decide(program, 7, 10, 0x80001) == ALLOW
    assert decide(program, 7, 10, 1, 0xFFFFFFFF) == ALLOW
    for wrong in ((3, 1), (2, 2), (2, 1, 1 << 32), (10, 0), ()):
        assert decide(program, 7, *wrong) == refuse(13), wrong


def test_a_check_of_no_value_never_holds() -> None:
    program = seccomp.assemble([(7, Only((Check(0, ()),), 25))], MISSING)
    assert decide(program, 7, 0) == refuse(25)


# -- the profiles -------------------------------------------------------------------------


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
