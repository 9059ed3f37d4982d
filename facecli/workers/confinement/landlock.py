"""Landlock: restrict a process to files, TCP ports and signals that are listed.

Numbers and structures are those of linux/landlock.h. A kernel knows a version of the interface
(ABI), from 1 in Linux 5.13 to 7 in 6.15; what it does not know yet is not restricted. Landlock
binds the calling thread and what it starts, so call it while the process has one thread. It cannot
be undone; a second call restricts further.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from facecli.workers.confinement.kernel import forbid_new_privileges, is_linux, system_call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION_ONLY = 1
_RULE_PATH, _RULE_PORT = 1, 2

_EXECUTE, WRITE_FILE, READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_FILE = 1 << 5, 1 << 8
_REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
READ = READ_FILE | _READ_DIR
CACHE = READ | WRITE_FILE | _MAKE_FILE | _REMOVE_FILE | TRUNCATE | _REFER
"""Rights in a folder whose files are written anew and renamed."""
_BIND_TCP, _CONNECT_TCP = 1, 2
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2  # of processes outside
_ABI_REFER, _ABI_TRUNCATE, _ABI_NETWORK, _ABI_IOCTL, _ABI_SCOPES = 2, 3, 4, 5, 6


class Grant(NamedTuple):
    """Rights on a file, or on all in a folder. where: its path or an open descriptor."""

    where: str | int
    rights: int


def version() -> int:
    """Return the ABI of Landlock in this kernel; 0 if there is none or it is switched off."""
    if not is_linux():
        return 0
    try:
        return system_call(
            _CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_ONLY)
        )
    except OSError:
        return 0


def restrict(grants: Iterable[Grant], ports: Sequence[int] = ()) -> int:
    """Restrict this thread to the files granted, and to TCP connections to the ports.

    What is not there is not granted. No port may be bound, no other process gets a signal.

    Returns:
        The ABI that was used; 0 if nothing could be restricted.
    """
    abi = version()
    if not abi:
        return 0
    forbid_new_privileges()
    handled = _handled(abi)
    ruleset = _create(abi, handled)
    try:
        for grant in grants:
            with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                _add_path(ruleset, grant, handled)
        for port in ports if abi >= _ABI_NETWORK else ():
            _add(ruleset, _RULE_PORT, struct.pack("=QQ", _CONNECT_TCP, port))
        system_call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return abi


def _handled(abi: int) -> int:
    """Return the rights on files that this ABI can restrict."""
    handled = _REFER - 1
    if abi >= _ABI_REFER:
        handled |= _REFER
    if abi >= _ABI_TRUNCATE:
        handled |= TRUNCATE
    if abi >= _ABI_IOCTL:
        handled |= IOCTL_DEVICE
    return handled


def _create(abi: int, handled: int) -> int:
    network = _BIND_TCP | _CONNECT_TCP if abi >= _ABI_NETWORK else 0
    scopes = _ABSTRACT_SOCKETS | _SIGNALS if abi >= _ABI_SCOPES else 0
    attributes = struct.pack("=QQQ", handled, network, scopes)
    known = 24 if abi >= _ABI_SCOPES else 16 if abi >= _ABI_NETWORK else 8  # bytes of it
    return system_call(_CREATE_RULESET, attributes, ctypes.c_size_t(known), ctypes.c_uint32(0))


def _add_path(ruleset: int, grant: Grant, handled: int) -> None:
    if isinstance(grant.where, str):
        handle = os.open(grant.where, os.O_PATH | os.O_CLOEXEC)
    else:
        handle = os.dup(grant.where)
    try:
        rights = grant.rights & handled
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _ON_FILES
        _add(ruleset, _RULE_PATH, struct.pack("=Qi", rights, handle))
    finally:
        os.close(handle)


def _add(ruleset: int, kind: int, rule: bytes) -> None:
    system_call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(kind), rule, ctypes.c_uint32(0))
