"""New key files: complete, on disk, readable by their owner only, never over another file."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from facecli.nameless_file import nameless_file


def create(path: Path, content: bytes, like: Path | None = None) -> None:
    """Write a new file, mode 0600. A kill or a full disk leaves nothing of it.

    Args:
        like: path of which the new file gets the owner (see `owned_as`).

    Raises:
        FileExistsError: there is a file, or a link of that name.
        OSError: it cannot be written; there is no such file then.
    """
    with nameless_file(path) as file:
        if like is not None:
            owned_as(file.stream.fileno(), like)
        file.stream.write(content)
        file.appear()


def replace(path: Path, content: bytes) -> None:
    """Write a file, mode 0600, in place of the one at `path`, whose owner it gets.

    Raises:
        OSError: it cannot be written.
    """
    with nameless_file(path) as file:
        owned_as(file.stream.fileno(), path)
        file.stream.write(content)
        file.replace()


def owned_as(descriptor: int, like: Path) -> None:
    """Give a file that root has just made to the owner of the file or folder `like`.

    A file that root puts in the place of another would otherwise be closed to the user who has
    worked with it until then. Do nothing if there is no `like`, for users other than root, and for
    a file with a second name. Nobody gets a file in a place that was not theirs.
    """
    if os.geteuid() != 0:
        return
    made = os.fstat(descriptor)
    if made.st_uid != 0 or made.st_nlink > 1:
        return
    with suppress(FileNotFoundError):
        owner = like.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
