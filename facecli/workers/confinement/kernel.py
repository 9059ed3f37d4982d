"""Calls to the Linux kernel that Python's standard library lacks."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38  # linux/prctl.h


def is_linux() -> bool:
    """Return True where the calls of this module exist."""
    return sys.platform == "linux"


def architecture() -> str:
    """Return the processor's architecture, such as `x86_64` or `aarch64`."""
    return platform.machine()


def system_call(number: int, *arguments: object) -> int:
    """Make a system call. The arguments are values of `ctypes`, or bytes for a pointer.

    Raises:
        OSError: the kernel refuses it.
    """
    result = int(_libc().syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def forbid_new_privileges() -> None:
    """Let no program that this process starts gain rights; Landlock and seccomp demand it."""
    _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def hide_memory() -> None:
    """Let no other process of this user read this one's memory; write no core file.

    `/proc/PID` then belongs to root, and ptrace is refused.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if is_linux():
        _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
