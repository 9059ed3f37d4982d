"""Tasks for the workers of a test's cluster: digests of bytes instead of faces."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from facecli.errors.capture import CaptureFailed

FAIL, DIE, SLOW, HANG = b"fail", b"die", b"slow", b"hang"


@dataclass(frozen=True)
class Word:
    """Bytes under a name. Without bytes there is no such file."""

    path: str
    content: bytes | None

    @property
    def file(self) -> None:
        """No file is opened for the worker."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.content or b"")

    def portable(self, name: str) -> Word:
        """The same under another name."""
        if self.content is None:
            raise CaptureFailed(path=self.path, why="there is no such file")
        return replace(self, path=name)


@dataclass(frozen=True)
class Digest:
    """The digest of a word."""

    path: str
    sha256: str

    def is_answer_to(self, word: Word) -> bool:
        """True if it is that word's."""
        return self.path == word.path and self.sha256 == digest(word.content or b"")

    def renamed(self, path: str) -> Digest:
        """The same under another name."""
        return replace(self, path=path)


def digest(content: bytes) -> str:
    """The digest of bytes, slow enough to be interrupted where they ask for it."""
    if content.startswith(SLOW):
        return hashlib.pbkdf2_hmac("sha256", content, b"", 20_000).hex()
    return hashlib.sha256(content).hexdigest()


def digest_worker() -> Callable[[Word], Digest]:
    """Return the function that makes digests."""

    def task(word: Word) -> Digest:
        content = word.content or b""
        if content.startswith(FAIL):
            raise CaptureFailed(path=word.path, why="it is not to be digested")
        if content.startswith(DIE):
            os.abort()
        if content.startswith(HANG):
            threading.Event().wait()
        return Digest(word.path, digest(content))

    return task
