"""A worker's setup for tests: decode after the warm-up, and tell what was imported only then."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from facecli.capture.images import decode
from facecli.capture.warm_up import warm_up_decoders
from facecli.errors.capture import CaptureFailed


def libraries() -> set[str]:
    """The libraries that this process has loaded."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return {line.split()[-1] for line in lines if ".so" in line}


def telling() -> Callable[[bytes], str]:
    """Decode, and return a digest of the pixels or the refusal."""
    warm_up_decoders()
    return digest


def counting() -> Callable[[bytes], list[str]]:
    """Decode, and return the modules and libraries that were not there after the warm-up."""
    warm_up_decoders()
    known, loaded = set(sys.modules), libraries()

    def late(data: bytes) -> list[str]:
        digest(data)
        return sorted((set(sys.modules) - known) | (libraries() - loaded))

    return late


def digest(data: bytes) -> str:
    try:
        capture = decode(data, "image")
    except CaptureFailed as error:
        return error.message
    return f"{capture.size} {hashlib.sha256(capture.rgb.tobytes()).hexdigest()}"
