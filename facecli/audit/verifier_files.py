"""The files given to a verifier: read within limits, and refused by name if of another kind.

An altered export must be reported as altered, so a file counts as the kind that was asked for
as soon as anything near its beginning looks like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from facecli.errors.audit import WrongFile
from facecli.errors.command_line import BadInput

HEAD = 1 << 16  # bytes that are looked at
EXPORT, CHECKPOINT, CERTIFICATE = "export", "checkpoint", "certificate"
UNKNOWN = "unknown"
PATTERNS = {
    "empty": re.compile(rb"\Z"),
    "compressed": re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|PK\x03\x04"),
    "csv": re.compile(rb"seq,at,actor_uid,"),
    "cef": re.compile(rb"CEF:0\|facecli\|"),
    "syslog": re.compile(rb"<\d{1,3}>1 \S+ \S+ facecli "),
    "ocsf": re.compile(rb'\{"category_uid":3,'),
}
MARKS = {
    CERTIFICATE: (b"facecli.erasure-certificate/",),
    "cursor": (b"facecli.log-cursor/",),
    EXPORT: (b'{"action":"', b'"schema":"facecli.log-', b'"leaf_hash":"', b'"consistency":['),
    CHECKPOINT: ("\n— ".encode(),),  # how the signatures of a note begin
}
WRONG = {
    "empty": "it is empty",
    "compressed": "it is compressed; unpack it first",
    **{form: f"it is an export in the format {form}, and only jsonl can be verified"
       for form in ("csv", "cef", "syslog", "ocsf")},
    "cursor": "it is the cursor of an export, not what was exported",
    EXPORT: "it is an export, which goes with --file",
    CHECKPOINT: "it is a checkpoint, which goes with --checkpoint or --against",
    CERTIFICATE: "it is a certificate of erasure, which goes with --certificate",
}  # fmt: skip
LONGEST_LINE = 1 << 26  # bytes; the last line holds a note for every epoch
MAKERS = {
    EXPORT: "facecli log export",
    CHECKPOINT: "facecli log checkpoint",
    CERTIFICATE: "facecli revoke --certificate",
}


def export_lines(path: Path) -> Iterator[bytes]:
    """The lines of an export, one by one.

    Raises:
        WrongFile: it is no export in JSON Lines.
        BadInput: it cannot be read.
    """
    with _usable(path), path.open("rb") as stream:
        first = stream.readline(LONGEST_LINE)
        head = first if len(first) >= HEAD else first + stream.peek(HEAD)
        _check_kind(path, EXPORT, head[:HEAD])
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
    _check_kind(path, wanted, read[:HEAD])
    return read


def _check_kind(path: Path, wanted: str, head: bytes) -> None:
    why = why_not(wanted, head)
    if why is not None:
        raise WrongFile(what=path, why=why, wanted=wanted, maker=MAKERS[wanted])


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInput(what=str(path), why=(error.strerror or "unreadable").lower()) from None


def kind_of(head: bytes) -> str:
    """What a file that begins with `head` is: a name of `PATTERNS` or `MARKS`, or `UNKNOWN`."""
    for kind, pattern in PATTERNS.items():
        if pattern.match(head):
            return kind
    for kind, marks in MARKS.items():
        if any(mark in head for mark in marks):
            return kind
    return UNKNOWN


def why_not(wanted: str, head: bytes) -> str | None:
    """Why a file that begins with `head` is not of the kind `wanted`; None if it may be."""
    found = kind_of(head)
    if found == UNKNOWN and wanted != CERTIFICATE:  # whose JSON says more about what is wrong
        return f"it is no {wanted} that facecli wrote"
    return None if found == wanted else WRONG.get(found)
