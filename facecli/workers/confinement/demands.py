"""The demands of this process: complete confinement of its workers, and notice of less.

This file stands apart from the bounds themselves, because every command states its demands, and
few start a worker.
"""

from __future__ import annotations

from collections.abc import Callable

_required = False
_tell: Callable[[str], None] | None = None


def required() -> bool:
    """Return True if the workers of this process must refuse to work with less."""
    return _required


def require_confinement() -> None:
    """Let the workers of this process refuse to work unless they are confined completely."""
    global _required
    _required = True


def when_confined_less(tell: Callable[[str], None]) -> None:
    """Let `tell` be called once with a sentence, if the workers of this process are confined less.

    Until then nobody is told.
    """
    global _tell
    _tell = tell


def note_what_is_lacking(lacks: str) -> None:
    """Pass on what is missing, as a sentence without its full stop; empty if nothing is."""
    global _tell
    if lacks and _tell is not None:
        _tell(f"{lacks}.")
        _tell = None
