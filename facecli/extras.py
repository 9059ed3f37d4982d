"""Extras: packages that only some commands need, and that are installed on demand."""

from __future__ import annotations

import shlex
import sys


def install_command(extra: str) -> str:
    """Return the command that installs an extra where this facecli runs.

    The interpreter is named by its path, because `make install` gives facecli a Python environment
    of its own, which a plain `pip` does not reach.
    """
    return f"{shlex.quote(sys.executable)} -m pip install 'facecli[{extra}]'"
