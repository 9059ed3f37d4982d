"""Files without a name until they are complete, so that a kill leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path


def open_nameless(folder: Path) -> int | None:
    """Open a new file without a name, mode 0600, or return None if the system cannot.

    Returns:
        A descriptor to write to; `link` gives the file its name.
    """
    if not os.path.isdir("/proc/self/fd"):  # `link` goes through there
        return None
    try:
        return os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o600)
    except (AttributeError, OSError):  # any other trouble shows when a named file is opened
        return None


def link(descriptor: int, name: str, folder: int) -> bool:
    """Give a nameless file its name in the open `folder`; False if that name is taken.

    Raises:
        OSError: the file system refuses.
    """
    try:
        # With a folder's descriptor Python calls linkat; only linkat follows a link in /proc.
        os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=folder)
    except FileExistsError:
        return False
    return True
