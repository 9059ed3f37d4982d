"""New files for keys: whole, on disk, their owner's alone, and never in place of another."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def create(path: Path, content: bytes) -> None:
    """Write a new file, mode 0600. A kill or a full disk leaves nothing of it.

    Raises:
        FileExistsError: there is one, or a link of that name.
        OSError: it cannot be written; then it is not there.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        nameless = _nameless(path.parent)
        if nameless is not None:
            _fill(nameless, content, f"/proc/self/fd/{nameless}", path, folder)
            return
        temporary = path.with_name(f"{path.name}.{os.urandom(4).hex()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _fill(descriptor, content, str(temporary), path, folder)
        finally:
            temporary.unlink()
    finally:
        os.close(folder)


def _nameless(folder: Path) -> int | None:
    """A file without a name, which goes with this process; None where there are no such."""
    if not os.path.isdir("/proc/self/fd"):  # it gets its name through there
        return None
    try:
        return os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o600)
    except (AttributeError, OSError):  # some file systems know none; what else is wrong, shows
        return None


def _fill(descriptor: int, content: bytes, name: str, path: Path, folder: int) -> None:
    """Write the file that is open and also called `name`, and let it appear at `path`."""
    with os.fdopen(descriptor, "wb") as stream:
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
