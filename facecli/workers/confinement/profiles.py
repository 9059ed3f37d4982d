"""The system calls that each kind of work needs, once everything is imported and loaded.

A call that is not listed fails as if the kernel did not have it (ENOSYS), so that a C library newer
than this list falls back, as glibc does for clone3. What a library asks for and does without is
refused by EACCES. What no decoder can mean ends the process.
"""

from __future__ import annotations

import errno
import os
from enum import Enum

from facecli.workers.confinement import seccomp
from facecli.workers.confinement.kernel import architecture
from facecli.workers.confinement.seccomp import ALLOW, ASK, KILL, Check, Only, Rule


class Profile(Enum):
    """The work of a worker, which decides what it may ask of the kernel."""

    IMAGE = "image"  # decode and analyse what the parent sent or opened
    VIDEO = "video"  # read frames of a file that the parent opened
    STREAM = "stream"  # read frames of a camera on the network
    DEVICE = "device"  # read frames of a camera of this machine
    FILM = "film"  # write a film to the file that the parent opened


# Names and numbers: x86_64 (asm/unistd_64.h), aarch64 (asm-generic/unistd.h); - : not there.
_TABLE = """
accept4 288 242, access 21 -, bind 49 200, bpf 321 280, brk 12 214, chdir 80 49, clock_getres 229
114, clock_gettime 228 113, clock_nanosleep 230 115, clone 56 220, close 3 57, connect 42 203,
dup 32 23, dup2 33 -, dup3 292 24, epoll_create1 291 20, epoll_ctl 233 21, epoll_pwait 281 22,
epoll_wait 232 -, execve 59 221, execveat 322 281, exit 60 93, exit_group 231 94, faccessat 269 48,
faccessat2 439 439, fcntl 72 25, fork 57 -, fstat 5 80, ftruncate 77 46, futex 202 98, getcpu 309
168, getcwd 79 17, getdents64 217 61, getegid 108 177, geteuid 107 175, getgid 104 176, getpeername
52 205, getpid 39 172, getppid 110 173, getrandom 318 278, getrusage 98 165, getsockname 51 204,
getsockopt 55 209, gettid 186 178, gettimeofday 96 169, getuid 102 174, ioctl 16 29, kill 62 129,
listen 50 201, lseek 8 62, lstat 6 -, madvise 28 233, membarrier 324 283, memfd_create 319 279,
mkdir 83 -, mkdirat 258 34, mmap 9 222, mprotect 10 226, mremap 25 216, munmap 11 215, nanosleep 35
101, newfstatat 262 79, open 2 -, openat 257 56, openat2 437 437, pidfd_getfd 438 438, pidfd_open
434 434, pidfd_send_signal 424 424, pipe2 293 59, poll 7 -, ppoll 271 73, prctl 157 167, pread64 17
67, prlimit64 302 261, process_vm_readv 310 270, process_vm_writev 311 271, pselect6 270 72, ptrace
101 117, pwrite64 18 68, read 0 63, readlink 89 -, readlinkat 267 78, readv 19 65, recvfrom 45 207,
recvmsg 47 212, rename 82 -, restart_syscall 219 128, rmdir 84 -, rseq 334 293, rt_sigaction 13 134,
rt_sigprocmask 14 135, rt_sigreturn 15 139, sched_getaffinity 204 123, sched_yield 24 124, select 23
-, sendto 44 206, set_robust_list 273 99, setrlimit 160 164, setsockopt 54 208, shutdown 48 210,
sigaltstack 131 132, socket 41 198, socketpair 53 199, stat 4 -, statfs 137 43, statx 332 291,
symlink 88 -, symlinkat 266 36, sysinfo 99 179, tgkill 234 131, uname 63 160, unlink 87 -, unlinkat
263 35, vfork 58 -, write 1 64, writev 20 66
"""

_ALWAYS = """
read write close fstat poll lseek munmap brk rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack
pread64 readv writev select pselect6 ppoll sched_yield mremap madvise dup dup2 dup3 nanosleep
clock_nanosleep clock_gettime clock_getres gettimeofday getpid gettid getppid getuid getgid geteuid
getegid getrusage sysinfo uname getcpu getrandom futex set_robust_list rseq membarrier
sched_getaffinity restart_syscall exit exit_group recvmsg
"""
_MORE = {
    Profile.IMAGE: "",
    Profile.VIDEO: "memfd_create",
    Profile.STREAM: "memfd_create recvfrom shutdown getsockname getpeername getsockopt setsockopt "
    "connect pipe2 epoll_create1 epoll_ctl epoll_wait epoll_pwait",
    Profile.DEVICE: "memfd_create openat",  # Landlock grants the device's node and no other file
    Profile.FILM: "openat pwrite64 ftruncate",  # and here the film
}
_DEADLY = "execve execveat ptrace process_vm_readv process_vm_writev bpf"
_DENIED = """
open openat openat2 stat lstat statx access faccessat faccessat2 readlink readlinkat getcwd chdir
statfs getdents64 mkdir mkdirat rename symlink symlinkat unlink unlinkat rmdir kill fork vfork
socket socketpair connect bind listen accept4 pidfd_open pidfd_send_signal pidfd_getfd setrlimit
"""

_PROT_EXEC, _CLONE_THREAD, _AT_EMPTY_PATH = 0x4, 0x10000, 0x1000
_DUPLICATE = (0, 1030)  # F_DUPFD, F_DUPFD_CLOEXEC
_FLAGS = (1, 2, 3, 4)  # F_GETFD to F_SETFL; F_SETOWN would let it signal its parent
_NAMES = (15, 0x53564D41)  # PR_SET_NAME, PR_SET_VMA
_FIONBIO, _FIONREAD = 0x5421, 0x541B
_VIDEO_REQUESTS = Check(1, (0x5600,), mask=0xFF00)  # those of linux/videodev2.h
_AF_INET, _AF_INET6, _SOCK_STREAM, _TCP = 2, 10, 1, 6
_NULL = 0


def rules(profile: Profile) -> dict[str, Rule]:
    """Return the rule of each call by its name. Other calls do not exist (`MISSING`)."""
    allowed = f"{_ALWAYS} {_MORE[profile]}".split()
    return {
        **dict.fromkeys(_DENIED.split(), seccomp.refuse(errno.EACCES)),
        **dict.fromkeys(_DEADLY.split(), KILL),
        **_conditions(profile),
        **dict.fromkeys(allowed, ALLOW),
    }


MISSING = seccomp.refuse(errno.ENOSYS)


def _conditions(profile: Profile) -> dict[str, Rule]:
    """Return the calls that are allowed by their arguments. No memory becomes executable."""
    not_executable = Only((Check(2, (0,), mask=_PROT_EXEC),), errno.EACCES)
    conditions: dict[str, Rule] = {
        "mmap": not_executable,
        "mprotect": not_executable,
        "clone": Only((Check(0, (_CLONE_THREAD,), mask=_CLONE_THREAD),), errno.EPERM),
        "newfstatat": Only((Check(3, (_AT_EMPTY_PATH,), mask=_AT_EMPTY_PATH),), errno.EACCES),
        "fcntl": Only((Check(1, (*_DUPLICATE, *_FLAGS)),), errno.EPERM),
        "prctl": Only((Check(0, _NAMES),), errno.EPERM),
        "tgkill": Only((Check(0, (os.getpid(),)),), errno.EPERM),  # abort()
        "prlimit64": Only((Check(0, (0,)), *_is_null(2)), errno.EPERM),  # its own, read only
        "ioctl": Only((Check(1, ()),), errno.ENOTTY),
    }
    if profile is Profile.DEVICE:
        conditions["ioctl"] = Only((_VIDEO_REQUESTS,), errno.ENOTTY)
    if profile is Profile.STREAM:
        conditions["ioctl"] = Only((Check(1, (_FIONBIO, _FIONREAD)),), errno.ENOTTY)
        conditions["socket"] = Only(
            (
                Check(0, (_AF_INET, _AF_INET6)),
                Check(1, (_SOCK_STREAM,), mask=0xF),
                Check(2, (0, _TCP)),  # MPTCP goes past Landlock
            ),
            errno.EACCES,
        )
        # With an address, MSG_FASTOPEN connects without `connect`.
        conditions["sendto"] = Only(_is_null(4), errno.EACCES)
    return conditions


def _is_null(argument: int) -> tuple[Check, Check]:
    return Check(argument, (_NULL,)), Check(argument, (_NULL,), high=True)


def numbers() -> dict[str, int]:
    """Return the numbers of the calls by name on this processor. Raises `KeyError` on others."""
    column = {"x86_64": 1, "aarch64": 2}[architecture()]
    entries = (entry.split() for entry in _TABLE.split(","))
    return {entry[0]: int(entry[column]) for entry in entries if entry[column] != "-"}


def program(profile: Profile) -> bytes:
    """Return the filter of a profile for this processor."""
    return seccomp.assemble(seccomp.numbered(rules(profile), numbers()), MISSING)


def program_asking_for_connect() -> bytes:
    """Return a filter that asks for each `connect` and allows everything else."""
    return seccomp.assemble([(numbers()["connect"], ASK)], ALLOW)
