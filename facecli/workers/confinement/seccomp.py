"""Seccomp: a filter that the kernel runs before each system call of a process.

A filter is a program for the classic BPF machine (linux/filter.h, linux/seccomp.h). `assemble`
makes it from a list of rules; the first rule for a call's number decides. It cannot be undone.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from facecli.workers.confinement.kernel import (
    architecture,
    forbid_new_privileges,
    is_linux,
    system_call,
)

Instruction: TypeAlias = tuple[int, int, int, int]
"""Code, steps to skip if true, steps to skip if false, constant."""

_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x40000000  # calls of the x32 ABI, which has the same architecture
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
_SECCOMP = {"x86_64": 317, "aarch64": 277}  # the number of the call itself
_SET_MODE_FILTER = 1
_TSYNC, _NEW_LISTENER, _TSYNC_ESRCH = 1, 8, 16

ALLOW = 0x7FFF0000
ASK = 0x7FC00000
"""Ask the process that holds the listener (see `gate`)."""
KILL = 0x80000000
"""End the whole process."""


def refuse(error: int) -> int:
    """Return the action that makes a call fail with an error number."""
    return 0x00050000 | error


class Check(NamedTuple):
    """A condition on an argument of a call: it is one of the values, after masking.

    A filter sees 32 bits at a time. high: check the upper 32 bits.
    """

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    high: bool = False


class Only(NamedTuple):
    """Allow a call if all checks hold; otherwise refuse it with the error number."""

    checks: tuple[Check, ...]
    error: int


Rule: TypeAlias = int | Only
"""An action, or the conditions under which a call is allowed."""


def is_known() -> bool:
    """Return True where filters can be made for this processor."""
    return is_linux() and architecture() in _AUDIT


def assemble(rules: Iterable[tuple[int, Rule]], default: int) -> bytes:
    """Return the program for this processor.

    Args:
        rules: the number of a system call, and its rule.
        default: the action for every other call.
    """
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT[architecture()]),
        _return(KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if architecture() == "x86_64":
        program += [(_AT_LEAST, 0, 1, _X32), _return(KILL)]
    for number, rule in rules:
        body = [_return(rule)] if isinstance(rule, int) else _conditions(rule)
        program += [(_EQUAL, 0, len(body), number), *body]
    program.append(_return(default))
    return b"".join(struct.pack("=HBBI", *each) for each in program)


def _conditions(rule: Only) -> list[Instruction]:
    """Return the instructions that allow a call or refuse it. Each path through them returns."""
    body: list[Instruction] = []
    for check in rule.checks:
        body.append((_LOAD, 0, 0, _ARGUMENTS + 8 * check.argument + 4 * check.high))
        if check.mask != 0xFFFFFFFF:
            body.append((_AND, 0, 0, check.mask))
        for left, value in zip(range(len(check.values), 0, -1), check.values, strict=True):
            body.append((_EQUAL, left, 0, value & 0xFFFFFFFF))
        body.append(_return(refuse(rule.error)))
    return [*body, _return(ALLOW)]


def _return(action: int) -> Instruction:
    return _RETURN, 0, 0, action


def install(program: bytes, *, listener: bool = False) -> int:
    """Bind every thread of this process to a filter.

    Args:
        listener: return a descriptor on which the calls with the action `ASK` are asked.

    Raises:
        OSError: this kernel has no filters, or forbids them.
    """
    forbid_new_privileges()
    code = ctypes.create_string_buffer(program)
    pointer = struct.pack("=H6xQ", len(program) // 8, ctypes.addressof(code))
    flags = _TSYNC | (_NEW_LISTENER | _TSYNC_ESRCH if listener else 0)
    result = system_call(
        _SECCOMP[architecture()],
        ctypes.c_uint(_SET_MODE_FILTER),
        ctypes.c_uint(flags),
        pointer,
    )
    if result and not listener:
        raise OSError(f"thread {result} could not be bound")
    return result


def numbered(rules: Mapping[str, Rule], numbers: Mapping[str, int]) -> list[tuple[int, Rule]]:
    """Return rules by number. A call that this processor does not have needs no rule."""
    return [(numbers[name], rule) for name, rule in rules.items() if name in numbers]
