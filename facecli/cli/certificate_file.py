"""The file of `--certificate`, which is complete on disk before an erasure commits.

The file is made, under another name, before the act begins, and its content is on disk before the
act commits. A place that cannot be written therefore leaves everything as it was, and only the
renaming comes after the commit. A crash in between leaves an erasure without its file: `log
certificate` makes it again.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from facecli.audit import sealing
from facecli.audit.entries import Act, recorded
from facecli.cli.files import atomic_file, failing_as_output
from facecli.erasure import certificates
from facecli.errors.audit import CertificateLost
from facecli.errors.command_line import OutputFailed
from facecli.printable import json_text

Begin = Callable[[], AbstractContextManager[Act]]
MOST_NAMED = 20
NOTHING = "[\n]\n"  # a list without certificates


@contextmanager
def certifying(
    path: Path | None,
    begin: Begin,
    *,
    single: bool = False,
    may_be_empty: bool = False,
    seqs: Sequence[int] = (),
) -> Iterator[Begin]:
    """Yield a function that begins acts, so that each erasure in them is certified in `path`.

    Args:
        path: the file; None for no certificates.
        begin: begins an act.
        single: the file holds one certificate, not a list of them.
        may_be_empty: make the file, with an empty list, where nothing was erased.
        seqs: entries of erasures in earlier acts, which are certified too.

    Raises:
        OutputFailed: the file cannot be written; the act in progress is undone.
        CertificateLost: it could not be renamed, and the erasures that it certifies are done.
    """
    if path is None:
        yield begin
        return
    failure: BaseException | None = None
    written: _File | None = None
    try:
        with atomic_file(path, interrupted=False) as stream:
            written = _File(stream, begin, single, seqs)
            try:
                yield written.begin
            except BaseException as error:
                if not written.seqs:
                    raise
                failure = error  # erasures committed before it are certified all the same
            if not written.seqs and not may_be_empty:
                raise _NothingToCertify
    except _NothingToCertify:
        return
    except OutputFailed as error:
        if written is None or not written.seqs:
            raise
        entries = " ".join(map(str, written.seqs[:MOST_NAMED]))
        raise CertificateLost(path=path, why=error.details["why"], entries=entries) from None
    if failure is not None:
        with failing_as_output(str(path)):
            raise failure


class _NothingToCertify(Exception):
    """Nothing was erased, so that the file is not made."""


class _File:
    """A list of certificates that is whole whenever an act is committed."""

    def __init__(
        self, stream: io.BufferedWriter, begin: Begin, single: bool, earlier: Sequence[int]
    ) -> None:
        self.seqs: list[int] = []  # of acts that are committed
        self._earlier = earlier
        self._stream, self._begin, self._single = stream, begin, single
        self._end = 0
        self._replace(0, NOTHING)

    @contextmanager
    def begin(self) -> Iterator[Act]:
        """Begin an act. Its erasures are certified at its end, and kept if it commits."""
        seqs: list[int] = []
        end = self._end
        try:
            with self._begin() as act:
                sealing.prepare(act)
                size = recorded(act.db).size
                yield act
                seqs = [*self._earlier, *certificates.erasures_since(act.db, size)]
                if seqs:
                    self._add(certificates.issue(act, seqs))
        except BaseException:
            self._replace(end, "\n]\n" if self.seqs and not self._single else NOTHING)
            self._end = end
            raise
        self.seqs += seqs

    def _add(self, documents: list[dict[str, object]]) -> None:
        texts = [json_text(document, indent=2) for document in documents]
        if self._single:
            self._end = self._replace(0, texts[0] + "\n")
            return
        text = ("," if self.seqs else "[") + "\n" + ",\n".join(texts)
        after = self._replace(self._end, text + "\n]\n")
        self._end = after - len("\n]\n")

    def _replace(self, start: int, text: str) -> int:
        """Replace everything from `start` on by `text`, on disk; return the file's new end."""
        self._stream.seek(start)
        self._stream.write(text.encode())
        self._stream.truncate()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return self._stream.tell()
