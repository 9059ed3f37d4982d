"""Files that commands write: complete and on disk under their name, or absent.

An output never replaces an input of its command, nor a file that facecli knows as its own.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

import click

from facecli.errors.base import because
from facecli.errors.command_line import OutputFailed, ReaderGone
from facecli.nameless_file import nameless_file

HEAD = 16384  # bytes that show the kind of a file
_PURPOSE_FILE = re.compile(rb"^\s*\[\s*purpose\s*\.", re.MULTILINE)
_KEY_FILE = re.compile(rb"[0-9a-f]{64}\s*\Z|PRIVATE\+KEY\+")


class NamedFile(NamedTuple):
    """A file or folder that an option or argument names."""

    option: str
    path: Path


class Output(NamedTuple):
    """A file that a command is to write. `replaces`: kinds of facecli's own that it may replace."""

    option: str
    path: Path
    replaces: Collection[str] = ()


def refuse_replacing(outputs: Iterable[Output], inputs: Iterable[NamedFile]) -> None:
    """Refuse outputs that would replace an input, another output, or a file of facecli's own.

    Links and other names of the same file count. In a folder of inputs, images count.

    Raises:
        UsageError
    """
    others = list(inputs)
    for output in outputs:
        why = _why_not(output, others)
        if why is not None:
            raise click.UsageError(f"{output.option} {output.path} {why}. Name another file.")
        others.append(NamedFile(output.option, output.path))


def _why_not(output: Output, others: Iterable[NamedFile]) -> str | None:
    for other in others:
        if _is_same(output.path, other.path):
            return f"is the same file as {other.option}"
        if _is_image_in(output.path, other.path):
            return f"is an image in {other.option}"
    kind = own_kind(output.path)
    return None if kind is None or kind in output.replaces else f"is {kind}"


def own_kind(path: Path) -> str | None:
    """Return the kind of a file that facecli knows as its own, with its article, or None."""
    from facecli.audit.verifier_files import CHECKPOINT, kind_of
    from facecli.keys.slots import slots_path
    from facecli.keys.wrapping import SCHEMA
    from facecli.store.names import SIDE_FILES

    real = path.resolve()
    for suffix in SIDE_FILES:  # also where there is no file: SQLite would delete it
        owner = real.name.removesuffix(suffix)
        if owner not in ("", real.name) and _is_file(slots_path(real.with_name(owner))):
            return "the journal of a database"
    if not _is_file(real):
        return None
    if slots_path(real).exists():
        return "a database or a backup"
    with suppress(OSError), real.open("rb") as stream:
        head = stream.read(HEAD)
        if SCHEMA.encode() in head:
            return "a file of key slots"
        if _KEY_FILE.match(head):
            return "a key"
        if _PURPOSE_FILE.search(head):
            return "a purpose file"
        if (kind := kind_of(head)) in (CHECKPOINT, "cursor"):
            return f"a {kind}"
    return None


def _is_same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _is_file(path: Path) -> bool:
    with suppress(OSError):  # a name that is too long
        return path.is_file()
    return False


def _is_image_in(path: Path, folder: Path) -> bool:
    from facecli.capture.image_kinds import LENGTH, is_image

    real = path.resolve()
    if not (_is_file(real) and folder.is_dir()) or folder.resolve() not in real.parents:
        return False
    with suppress(OSError), real.open("rb") as stream:
        return is_image(stream.read(LENGTH))
    return False


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
