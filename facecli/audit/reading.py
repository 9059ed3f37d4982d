"""Files that somebody gave to a verifier: of the kind that was asked for, and within limits.

Nothing leaves here of a file that is of another kind; it is called by its name (`kinds`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from facecli.audit import kinds
from facecli.errors import BadInput, WrongFile

LONGEST_LINE = 1 << 26  # bytes; the last line holds a note for every epoch
MAKERS = {
    kinds.EXPORT: "facecli log export",
    kinds.CHECKPOINT: "facecli log checkpoint",
    kinds.CERTIFICATE: "facecli revoke --certificate",
}


def export_lines(path: Path) -> Iterator[bytes]:
    """The lines of an export, one by one.

    Raises:
        WrongFile: it is no export in JSON Lines.
        BadInput: it cannot be read.
    """
    with _usable(path), path.open("rb") as stream:
        first = stream.readline(LONGEST_LINE)
        head = first if len(first) >= kinds.HEAD else first + stream.peek(kinds.HEAD)
        _check_kind(path, kinds.EXPORT, head[: kinds.HEAD])
        if first:
            yield first
        yield from iter(partial(stream.readline, LONGEST_LINE), b"")


def content(path: Path, wanted: str) -> bytes:
    """All of a checkpoint or certificate: `wanted` is one of `kinds`.

    Raises:
        WrongFile: it is of another kind.
        BadInput: it is too large, or cannot be read.
    """
    with _usable(path), path.open("rb") as stream:
        read = stream.read(LONGEST_LINE + 1)
    if len(read) > LONGEST_LINE:
        raise BadInput(what=str(path), why="it is larger than 64 MiB")
    _check_kind(path, wanted, read[: kinds.HEAD])
    return read


def _check_kind(path: Path, wanted: str, head: bytes) -> None:
    why = kinds.why_not(wanted, head)
    if why is not None:
        raise WrongFile(what=path, why=why, wanted=wanted, maker=MAKERS[wanted])


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInput(what=str(path), why=(error.strerror or "unreadable").lower()) from None
