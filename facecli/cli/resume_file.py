"""The file of `--resume`: the inputs of a batch that are done, so that it can continue later.

A line is added, and synced to disk, once an input's rows are printed. If the batch is killed, it
continues where it was: one input may be done twice, and none is left out. The file holds paths and
no results: a subject who withdraws meanwhile is never printed from it.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from facecli.cli.files import failing_as_output
from facecli.errors.command_line import BadInput

SCHEMA = "facecli.resume/1"


class Done:
    """The inputs that are done."""

    def __init__(self, stream: BinaryIO, path: Path, done: set[str]) -> None:
        self._stream = stream
        self._path = path
        self.inputs = done

    def add(self, name: str) -> None:
        """Add an input that is done. Raises `OutputFailed`."""
        with failing_as_output(str(self._path)):
            self._stream.write(json.dumps(name).encode() + b"\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())


@contextmanager
def resuming(path: Path, job: Mapping[str, object]) -> Iterator[Done]:
    """Open the file of a batch, and create it with mode 0600 where there is none.

    Args:
        job: the options of the batch; a file of other options is refused.

    Raises:
        BadInput: it was not written by --resume, is of another batch, or is in use.
        OutputFailed: it cannot be written.
    """
    head = json.dumps({"schema": SCHEMA, **job}, sort_keys=True).encode() + b"\n"
    with failing_as_output(str(path)):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadInput(what=f"The file {path}", why="it is not a regular file")
    with os.fdopen(descriptor, "r+b") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(what=f"The file {path}", why="another batch is using it now") from None
        done = _read(stream, path, head)
        yield Done(stream, path, done)


def _read(stream: BinaryIO, path: Path, head: bytes) -> set[str]:
    """Return the inputs that are done. A last line without its end, left by a kill, is removed."""
    content = stream.read()
    whole = content[: content.rfind(b"\n") + 1]
    lines = whole.splitlines(keepends=True)
    try:
        if lines and json.loads(lines[0]).get("schema") != SCHEMA:
            raise ValueError
        done = {str(json.loads(line)) for line in lines[1:]}
    except (ValueError, AttributeError, RecursionError):
        raise BadInput(what=f"The file {path}", why="it was not written by --resume") from None
    if lines and lines[0] != head:
        why = "it belongs to another search: purpose, case, threshold, engine or database differ"
        raise BadInput(what=f"The file {path}", why=why)
    if content and not lines:
        raise BadInput(what=f"The file {path}", why="it was not written by --resume")
    with failing_as_output(str(path)):
        stream.seek(len(whole))
        stream.truncate()
        if not lines:
            stream.write(head)
            stream.flush()
            os.fsync(stream.fileno())
    return done
