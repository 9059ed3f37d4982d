"""New files for keys: whole, on disk, their owner's alone, and never in place of another."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from facecli.nameless_file import open_nameless


def create(path: Path, content: bytes, like: Path | None = None) -> None:
    """Write a new file, mode 0600. A kill or a full disk leaves nothing of it.

    Args:
        like: whose it is to be (see `owned_as`).

    Raises:
        FileExistsError: there is one, or a link of that name.
        OSError: it cannot be written; then it is not there.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        nameless = open_nameless(path.parent)
        if nameless is not None:
            _fill(nameless, content, f"/proc/self/fd/{nameless}", path, folder, like)
            return
        temporary = path.with_name(f"{path.name}.{os.urandom(4).hex()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _fill(descriptor, content, str(temporary), path, folder, like)
        finally:
            temporary.unlink()
    finally:
        os.close(folder)


def owned_as(descriptor: int, like: Path) -> None:
    """Give a file that root has just made to the owner of another one, or of a folder.

    For what takes a file's place: made by root it would be root's, and closed to the user who has
    worked with it until then. Nobody gets a file whose place was not theirs. Does nothing where
    there is no such path, for other users than root, and for a file that has a second name.
    """
    if os.geteuid() != 0:
        return
    made = os.fstat(descriptor)
    if made.st_uid != 0 or made.st_nlink > 1:
        return
    with suppress(FileNotFoundError):
        owner = like.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _fill(
    descriptor: int, content: bytes, name: str, path: Path, folder: int, like: Path | None
) -> None:
    """Write the file that is open and also called `name`, and let it appear at `path`."""
    with os.fdopen(descriptor, "wb") as stream:
        if like is not None:
            owned_as(descriptor, like)
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
        # With a folder's descriptor Python calls linkat, which alone follows a link in /proc.
        os.link(name, path.name, dst_dir_fd=folder)
    try:
        os.fsync(folder)
    except OSError:  # it is not known to be on disk
        with suppress(OSError):
            path.unlink()
        raise
