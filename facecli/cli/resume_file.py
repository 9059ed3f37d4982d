"""The file of `--resume`: which inputs of a batch are done, so that it can go on after any end.

A line is added, and on disk, once an input's rows were printed. Killed at any moment, the batch
goes on where it was: the one input whose rows were just printed may be done again, none is left
out. The file names paths only: results are not kept in it, so that nobody who withdraws
meanwhile is printed again from it.
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
    """The inputs that are done, and a way to add one."""

    def __init__(self, stream: BinaryIO, path: Path, done: set[str]) -> None:
        self._stream = stream
        self._path = path
        self.inputs = done

    def add(self, name: str) -> None:
        """Note that an input is done. Raises OutputFailed."""
        with failing_as_output(str(self._path)):
            self._stream.write(json.dumps(name).encode() + b"\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())


@contextmanager
def resuming(path: Path, job: Mapping[str, object]) -> Iterator[Done]:
    """Go on with a batch, or begin it.

    Args:
        path: the file; made, mode 0600, if it is not there.
        job: what the batch does; a file of another job is refused.

    Raises:
        BadInput: the file is no such file, is of another job, or another process goes on with it.
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
    """What is done. A last line without its end is what a kill left: it is cut off."""
    content = stream.read()
    whole = content[: content.rfind(b"\n") + 1]
    lines = whole.splitlines(keepends=True)
    try:
        if lines and not json.loads(lines[0]).get("schema") == SCHEMA:
            raise ValueError
        done = {str(json.loads(line)) for line in lines[1:]}
    except (ValueError, AttributeError):
        raise BadInput(what=f"The file {path}", why="it is none that --resume wrote") from None
    if lines and lines[0] != head:
        why = "it is of another search (purpose, threshold, engine or database differ)"
        raise BadInput(what=f"The file {path}", why=why)
    if content and not lines:
        raise BadInput(what=f"The file {path}", why="it is none that --resume wrote")
    with failing_as_output(str(path)):
        stream.seek(len(whole))
        stream.truncate()
        if not lines:
            stream.write(head)
            stream.flush()
            os.fsync(stream.fileno())
    return done
