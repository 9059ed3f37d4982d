"""A small machine that runs a seccomp filter as the kernel would."""

from __future__ import annotations

import struct

from facecli.workers.confinement.kernel import architecture

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
