"""A folder that this process may not enter, also where the tests run as root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def shut(folder: Path) -> Iterator[None]:
    """Close a folder to its owner, and act as a user who is not root, until the block ends."""
    mode = folder.stat().st_mode
    root = os.geteuid() == 0
    folder.chmod(0)
    if root:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)
        folder.chmod(mode)
