"""Files that commands write: complete and on disk under their name, or absent."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from facecli.errors.base import because
from facecli.errors.command_line import OutputFailed, ReaderGone
from facecli.nameless_file import nameless_file


@contextmanager
def atomic_file(path: Path, *, interrupted: bool = True) -> Iterator[io.BufferedWriter]:
    """Open a new file, mode 0600, that appears under `path` complete and on disk, or not at all.

    Args:
        interrupted: keep the file when the command is interrupted, because every record in it is
            true. Pass False for a file that means nothing unless it is whole.

    Raises:
        OutputFailed: the file could not be written.
    """
    with failing_as_output(str(path)):
        if path.exists() and not path.is_file():  # a rename would replace /dev/null for everybody
            raise OutputFailed(path=path, why="it is not a regular file")
        with nameless_file(path) as file:
            try:
                yield file.stream
            except KeyboardInterrupt:
                if interrupted:
                    file.replace()
                raise
            file.replace()


@contextmanager
def durable_output(output: Path | None) -> Iterator[BinaryIO]:
    """Open a stream for bytes that must be stored before the next step.

    A file appears whole and is on disk when this ends; so is stdout if it is a file. A pipe shows
    only that its reader took everything.

    Raises:
        OutputFailed: the bytes could not be written.
    """
    if output is not None:
        with atomic_file(output, interrupted=False) as stream:
            yield stream
        return
    if sys.stdout is None:
        raise OutputFailed(path="stdout", why="it is closed", errno=errno.EBADF)
    with failing_as_output("stdout"):
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        try:
            os.fsync(sys.stdout.fileno())
        except OSError as error:
            # Pipes and terminals cannot be synced, and a stream in memory has no number.
            if error.errno not in (None, errno.EINVAL, errno.ENOTSUP, errno.EROFS):
                raise


def make_folder(folder: Path) -> None:
    """Create a folder for results, mode 0700, unless it exists. Raises OutputFailed."""
    with failing_as_output(str(folder)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def failing_as_output(path: str) -> Iterator[None]:
    """Turn failures to write into OutputFailed; facecli's own errors pass unchanged."""
    try:
        yield
    except BrokenPipeError:
        discard_stdout()
        raise ReaderGone(path=path) from None
    except OSError as error:
        if path == "stdout":
            discard_stdout()
        raise OutputFailed(path=path, **because(error)) from None


def discard_stdout() -> None:
    """Discard what stdout still buffers, so that Python does not fail again when it exits."""
    _discard(1)


def discard(stream: TextIO) -> None:
    """Discard what `stream` still buffers, so that Python does not fail again when it exits."""
    with suppress(OSError):  # a stream in memory has no descriptor
        _discard(stream.fileno())


def _discard(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    if nowhere != descriptor:
        os.close(nowhere)
