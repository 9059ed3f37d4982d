"""An export as a file: its lines as facecli wrote them, whatever a transport did to their form.

Line ends, a byte-order mark, blank lines and a missing last newline are no evidence of anything:
they are put right before anything is judged, and reported. The last line is found first, from the
end of the file, so that one pass over the entries suffices. Memory does not grow with the file. A
file is open only while it is read, so that there may be more files than a process can open.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import BinaryIO

from facecli.audit.export_text import EXPORT_SCHEMA, Trailer
from facecli.audit.verifier_files import (
    BLANK,
    BOMS,
    CR_LF,
    EXPORT,
    HEAD,
    LONGEST_LINE,
    MARKED,
    NO_NEWLINE,
    bare_cr,
    check_kind,
    of_before,
    unusable,
)
from facecli.errors.audit import LogAltered, LogTruncated, WrongFile
from facecli.errors.command_line import BadInput

BLOCK = 1 << 18  # bytes read at once: few enough for a processor's cache
SHORT_BLOCK = 1 << 13
LAST = b'{"after":'  # the beginning of every last line, and of no entry
SCHEMA = b',"schema":"%s","seal":"' % EXPORT_SCHEMA.encode()
SCHEMA_BEFORE = b',"schema":"facecli.log-export/1","seal":"'
SCHEMA_LATER = re.compile(rb',"schema":"(facecli\.log-export/(?:[3-9]|[1-9][0-9]{1,3}))","')
# Entry 1 of every log of an earlier facecli.
INIT_BEFORE = re.compile(rb'[\r\n]*\{"action":"init",[^\r\n]*,"seq":1,')


# Opens a file that can be read from any place.
Source = Callable[[], AbstractContextManager[BinaryIO]]


class ExportFile:
    """An export in JSON Lines, found to be one.

    A chain of thousands of files holds as many of these: most of the last line stays in the file.

    Attributes:
        name: the file's name, for messages.
        after: `seq` of the last entry before it.
        until: `seq` of its last entry.
        seal: its checkpoint, a signed note.
        changed: the changes of form that were put right so far, in words.
    """

    __slots__ = ("_begin", "_end", "_source", "_stop", "after", "changed", "name", "seal", "until")

    def __init__(self, source: Source, name: str) -> None:
        """
        Args:
            source: opens the file, each time that it is read.
            name: its name.

        Raises:
            WrongFile: it is of another kind or spelling, or an export of an earlier facecli.
            BadInput: a line is too long.
            LogTruncated: its last line was cut, or is missing.
            LogAltered: its last line is not of the form that facecli writes.
        """
        self.name = name
        self.changed: tuple[str, ...] = ()
        self._source = source
        with source() as stream:
            trailer = self._open(stream)
        self.after, self.until, self.seal = trailer.after, trailer.until, trailer.seal.encode()

    @property
    def trailer(self) -> Trailer:
        """The last line, read again.

        Raises:
            BadInput: the file changed.
        """
        with self._source() as stream:
            read = self._trailer(stream)
        if (read.after, read.until, read.seal.encode()) != (self.after, self.until, self.seal):
            raise BadInput(what=self.name, why="it was changed while it was read")
        return read

    def _open(self, stream: BinaryIO) -> Trailer:
        """Find the first entry and the last line."""
        stream.seek(0)
        head = stream.read(HEAD)
        check_kind(self.name, EXPORT, head)
        marks = BOMS.match(head)
        self._begin = marks.end() if marks else 0
        if self._begin:
            self._note(MARKED)
        if INIT_BEFORE.match(head, self._begin):
            raise of_before(self.name, EXPORT)
        self._stop = self._last_text(stream)
        self._end = self._line_before(stream, self._stop)
        return self._trailer(stream)

    def blocks(self) -> Iterator[list[bytes]]:
        """Yield the lines before the last one as they stand, without their newlines, some at once.

        Raises:
            BadInput: a line is too long.
        """
        with self._source() as stream:
            yield from self._blocks(stream)

    def _blocks(self, stream: BinaryIO) -> Iterator[list[bytes]]:
        left, size, rest = self._end - self._begin, BLOCK, b""
        stream.seek(self._begin)
        while left and (read := stream.read(min(left, size))):
            left -= len(read)
            lines = read.split(b"\n")
            lines[0] = rest + lines[0]
            rest = lines.pop()
            if len(rest) > LONGEST_LINE:
                raise BadInput(what=self.name, why="it has a line longer than 64 MiB")
            size = BLOCK if lines else 2 * size
            if lines:
                yield lines
        if rest:
            yield [rest]

    def lines(self) -> Iterator[bytes]:
        """Yield every line before the last one, with a plain newline at its end."""
        for block in self.blocks():
            for line in self.put_right(block):
                yield line + b"\n"

    def put_right(self, block: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the lines of a block with plain ends, without blank ones."""
        for line in block:
            text = line.rstrip(b"\r")
            if not text:
                self._note(BLANK)
                continue
            if text != line:
                self._note(CR_LF)
            yield text

    def _note(self, change: str) -> None:
        if change not in self.changed:
            self.changed += (change,)

    def _last_text(self, stream: BinaryIO) -> int:
        """Return the end of the last line that is not blank."""
        size, at = stream.seek(0, os.SEEK_END), self._begin
        for start, read in self._backwards(stream, size):
            text = read.rstrip(b"\r\n")
            if text:
                at = start + len(text)
                break
        stream.seek(at)
        ending = stream.read(3)
        if ending.startswith(b"\r"):
            self._note(CR_LF)
        if size - at > 1 + ending.startswith(b"\r"):
            self._note(BLANK)
        if size == at:
            self._note(NO_NEWLINE)
        return at

    def _line_before(self, stream: BinaryIO, end: int) -> int:
        """Return the beginning of the line that ends at `end`."""
        for start, read in self._backwards(stream, end):
            found = read.rfind(b"\n")
            if found >= 0:
                return start + found + 1
            if end - start > LONGEST_LINE:
                raise BadInput(what=self.name, why="its last line is longer than 64 MiB")
        return self._begin

    def _backwards(self, stream: BinaryIO, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield blocks from `end` back to the first entry, each with its place; the first is small,
        since the last line nearly always is."""
        size = SHORT_BLOCK
        while end > self._begin:
            start = max(self._begin, end - size)
            stream.seek(start)
            yield start, stream.read(end - start)
            end, size = start, min(BLOCK, 2 * size)

    def _trailer(self, stream: BinaryIO) -> Trailer:
        stream.seek(self._end)
        line = stream.read(self._stop - self._end)
        if b"\r" in line:
            raise bare_cr(self.name, EXPORT)
        if line.startswith(b"{") and not line.endswith(b"}"):
            raise LogTruncated(why=f"the last line of {self.name} was cut short")
        if not line.startswith(LAST):
            self._refuse_without_trailer(stream)
        if SCHEMA not in line and SCHEMA_BEFORE in line:
            raise of_before(self.name, EXPORT)
        later = SCHEMA_LATER.search(line)
        if SCHEMA not in line and later is not None:
            raise WrongFile(
                what=self.name,
                why=f"it has the schema {later[1].decode()} of a later facecli",
                wanted=f"export with the schema {EXPORT_SCHEMA}",
                maker="facecli log export",
            )
        try:
            return Trailer.parse(line + b"\n")
        except ValueError:
            raise LogAltered(
                why=f"the last line of {self.name} is not of the form that facecli writes"
            ) from None

    def _refuse_without_trailer(self, stream: BinaryIO) -> None:
        stream.seek(self._begin)
        for number, line in enumerate(iter(partial(stream.readline, LONGEST_LINE), b""), 1):
            if line.startswith(LAST):
                raise LogAltered(
                    why=f"in {self.name}, line {number + 1} comes after the checkpoint that ends it"
                )
        raise LogTruncated(
            why=f"{self.name} ends without the checkpoint that every export ends with"
        )


def check_single(file: ExportFile) -> None:
    """Check that no other export ends before the last line of a file.

    Raises:
        WrongFile: several exports stand one after the other in it.
    """
    for number, line in enumerate(file.lines(), 1):
        if line.startswith(LAST):
            raise WrongFile(
                what=file.name,
                why=f"it holds several exports, of which the first ends in line {number}",
                wanted="files one by one, as",
                maker="facecli log export",
            )


@contextmanager
def opened(*paths: Path) -> Iterator[list[ExportFile]]:
    """Open exports. A pipe is copied to a file without a name first.

    Raises:
        BadInput: one cannot be read, is a device, or changed while something wrong was found.
        every error of `ExportFile`
    """
    before = [_written(path) for path in paths]
    with ExitStack() as stack:
        try:
            yield [ExportFile(_source(path, stack), str(path)) for path in paths]
        except (LogAltered, LogTruncated):
            for path, written in zip(paths, before, strict=True):
                if _written(path) != written:
                    raise BadInput(what=str(path), why="it was changed while it was read") from None
            raise


def _written(path: Path) -> int | None:
    """Return when a file was last written, in ns since 1970, or None for a pipe or device."""
    with unusable(path):
        found = path.stat()
    return found.st_mtime_ns if stat.S_ISREG(found.st_mode) else None


def _source(path: Path, stack: ExitStack) -> Source:
    """Return how to open a file. `stack` closes the copy of a pipe."""
    with unusable(path), path.open("rb") as stream:
        found = os.fstat(stream.fileno())
        if stat.S_ISREG(found.st_mode):
            return partial(_same, path, (found.st_dev, found.st_ino), found.st_size)
        if not stat.S_ISFIFO(found.st_mode):
            raise BadInput(what=str(path), why="it is neither a file nor a pipe")
        import shutil  # a nightly export starts quicker without
        import tempfile

        copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 -- the stack closes it
        shutil.copyfileobj(stream, copy, BLOCK)
        return lambda: nullcontext(copy)


@contextmanager
def _same(path: Path, place: tuple[int, int], size: int) -> Iterator[BinaryIO]:
    """Open a file again. It may have grown, but not become another one.

    Args:
        path: its path.
        place: its device and inode, as they were.
        size: its size, as it was.
    """
    with unusable(path), path.open("rb") as stream:
        found = os.fstat(stream.fileno())
        if (found.st_dev, found.st_ino) != place or found.st_size < size:
            raise BadInput(what=str(path), why="it was replaced while it was read")
        yield stream
